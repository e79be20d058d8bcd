"""A gatekeeper that says, and a scheduler that has one effect and one answer for each."""

import asyncio

from sqlalchemy import text

from shared.bus import Service
from shared.messages.gate import FleetStopped
from shared.messages.work import EventAnswered
from shared.store import Handling
from tests.bus.worlds import REPO, World


def count(message: FleetStopped, at: Handling) -> list[EventAnswered]:
    """The scheduler's: its effect, and its answer."""
    at.session.execute(text("insert into effects values (:why)"), {"why": message.why})
    return [EventAnswered(repo=REPO, event=at.id, name=message.why, answer="")]


def hear(message: EventAnswered, at: Handling) -> None:
    """The gatekeeper's, of the answer."""
    at.session.execute(text("insert into effects values (:why)"), {"why": message.name})


def pair(world: World) -> tuple[Service, Service]:
    """Both, not started."""
    gate, work = world.service("gatekeeper"), world.service("scheduler")
    gate.hears(hear)
    work.hears(count)
    return gate, work


async def prepare(*services: Service) -> None:
    """Open their stores, with a table of effects in each that has none."""
    for service in services:
        await service.prepare()
        await service.store.run(
            lambda s: s.execute(text("create table if not exists effects (why text)")) and None
        )


async def effects(*services: Service) -> list[list[str]]:
    """What was done, of each; a message that was handled twice is there twice."""
    found = []
    for service in services:
        rows = await service.store.run(
            lambda session: list(session.scalars(text("select why from effects")))
        )
        found.append(sorted(rows, key=int))
    return found


async def all_done(world: World, wanted: int, *services: Service) -> None:
    """So many effects everywhere, and settled: what a cut connection held comes back in the broker's
    own time. What is lost lets this wait until the test's time is over."""
    while any(len(have) < wanted for have in await effects(*services)):
        await asyncio.sleep(0.001)
    await world.settle(*services)
