"""Rows that handlers keep: written with their batch, in its transaction."""

import pytest
from sqlalchemy import CheckConstraint, Column, MetaData, Table, Text, Uuid, select
from sqlalchemy.orm import Session

from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling, ManyRows
from tests.bus.worlds import REPO, World, running

NOTED = Table(
    "noted", MetaData(), Column("id", Uuid, primary_key=True), Column("why", Text),
    CheckConstraint("why <> 'unkeepable'"),
)  # fmt: skip
ROWS = ManyRows(NOTED, ("id", "why"))


def make(session: Session) -> None:
    """The table of these tests."""
    NOTED.metadata.create_all(session.connection())


def whys(session: Session) -> list[str]:
    """What was kept."""
    return sorted(session.scalars(select(NOTED.c.why)))


def note(message: FleetStopped, at: Handling) -> list[FleetResumed]:
    """Keeps a row of it and answers."""
    at.keep(ROWS, at.id, message.why)
    if message.why == "unbearable":
        raise ValueError(message.why)
    return [FleetResumed(repo=REPO, why=message.why)]


@pytest.mark.parametrize("bad", ["unbearable", "unkeepable"])
async def test_whatever_one_message_does_the_others_rows_are_kept_once(
    world: World, bad: str
) -> None:
    """Also where it is the row that the database refuses: it is blamed alone."""
    heard: list[str] = []

    def hear(message: FleetResumed, at: Handling) -> None:
        heard.append(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    gate.hears(note)
    work.hears(hear)
    good = [f"good {number}" for number in range(20)]
    async with running(gate, work):
        await gate.store.run(make)
        await world.say(gate, *good[:10], bad, *good[10:])
        await world.settle(gate, work)
        assert await gate.store.run(whys) == sorted(good)
        assert sorted(heard) == sorted(good)
        (dead,) = await world.dead(gate)
        assert dead.reason.startswith(("ValueError", "IntegrityError"))
