"""What an agent works with. Whoever builds the service hands these in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from shared.agents.settings import AgentSettings
from shared.clock import Clock
from shared.git.mirror import Mirror
from shared.git.mirrors import mirrors
from shared.messages import Repo
from shared.sandbox import Sandbox, choose


@dataclass(frozen=True)
class Tools:
    """Mirrors to read from, a sandbox to run programs in, and a folder for work trees."""

    mirror: Callable[[Repo], Mirror]
    """The same mirror each time it is asked for the same repository."""
    sandbox: Sandbox
    scratch: Path
    """Below it an instance takes a folder of its own, and removes at start what is left there."""


T = TypeVar("T", bound=Tools)


async def real_tools(kind: type[T], name: str, settings: AgentSettings, clock: Clock) -> T:
    """Tools of this machine for the agent `name`.

    Raises Missing where no sandbox works that was asked for.
    """
    own = settings.state / name / settings.instance
    process_allowed = settings.sandbox == "process"
    sandbox = await choose(settings.sandbox, process_allowed=process_allowed, clock=clock)
    mirror = mirrors(own / "mirrors", settings.git_url, settings.token)
    return kind(mirror=mirror, sandbox=sandbox, scratch=own / "scratch")
