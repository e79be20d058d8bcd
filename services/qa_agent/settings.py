"""Every variable that qa-agent reads."""

from shared.agents.settings import AgentSettings
from shared.runtime.settings import settings_config


class Settings(AgentSettings):
    """`GATEFLEET_QA_AGENT_…`."""

    model_config = settings_config("GATEFLEET_QA_AGENT_")
