"""What dev-agent works with beside what every agent has: an engine."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.dev_agent.base_tests import BaseTests
from shared import agents
from shared.engines import CommandEngine
from shared.engines.port import Engine
from shared.policy import Engine as EngineSettings


def command_engine(dev: EngineSettings) -> Engine:
    """The engine that a policy names. BadInput for command lines that cannot be."""
    first = [{"run": line.run, "ok": line.ok} for line in dev.commands] if dev.commands else None
    revise = [{"run": line.run, "ok": line.ok} for line in dev.revise] if dev.revise else None
    return CommandEngine(first, revise=revise, idle=dev.idle_timeout)


@dataclass(frozen=True)
class Tools(agents.Tools):
    """Mirrors, a sandbox and a folder for work trees, and who works there."""

    engine: Callable[[EngineSettings], Engine] = command_engine
    bases: BaseTests = field(default_factory=BaseTests)
    """How the tests stand on bases that were worked on before."""
