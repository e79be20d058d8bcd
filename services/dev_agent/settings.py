"""Every variable that dev-agent reads."""

from shared.agents.settings import AgentSettings
from shared.runtime.settings import settings_config


class Settings(AgentSettings):
    """`GATEFLEET_DEV_AGENT_…`."""

    model_config = settings_config("GATEFLEET_DEV_AGENT_")
