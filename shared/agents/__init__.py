"""What the agents have in common: settings, tools, and how one instance is put together."""

from shared.agents.agent import Agent, assemble
from shared.agents.settings import AgentSettings
from shared.agents.tools import Tools, real_tools

__all__ = ["Agent", "AgentSettings", "Tools", "assemble", "real_tools"]
