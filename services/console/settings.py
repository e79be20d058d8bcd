"""Every variable that the console reads."""

from shared.runtime.settings import BusSettings, settings_config


class Settings(BusSettings):
    """`GATEFLEET_CONSOLE_…`."""

    model_config = settings_config("GATEFLEET_CONSOLE_")
