"""A gatekeeper that says by a job what it is told, and a scheduler that notes what it hears of it."""

from collections.abc import Awaitable, Callable

from shared.bus import Service
from shared.jobs import JobContext, Outcome
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling
from tests.bus.worlds import Say, World

Carry = Callable[[Say, JobContext], Awaitable[Outcome[FleetResumed]]]


def by_a_job(
    world: World, carry_out: Carry, *, asks: int = 1
) -> tuple[Service, Service, list[str]]:
    """Both, not started, and what was noted. `asks`: how often the job is asked for each time."""
    heard: list[str] = []

    def admit(message: FleetStopped, at: Handling) -> list[Say]:
        return [Say(why=message.why)] * asks

    def note(message: FleetResumed, at: Handling) -> None:
        heard.append(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    gate.hears(admit)
    gate.does(carry_out)
    work.hears(note)
    return gate, work, heard
