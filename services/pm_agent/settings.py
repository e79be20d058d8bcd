"""Every variable that pm-agent reads."""

from pydantic import Field

from shared.agents.settings import AgentSettings
from shared.runtime.settings import settings_config


class Settings(AgentSettings):
    """`GATEFLEET_PM_AGENT_…`."""

    model_config = settings_config("GATEFLEET_PM_AGENT_")

    places: int = Field(default=1, ge=1, le=64, description="Runs carried out at one time.")
