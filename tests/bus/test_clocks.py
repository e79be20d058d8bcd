"""A message that comes from the future: it is heard, and whose clock differs is told until it agrees."""

from dataclasses import replace
from datetime import timedelta

from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.worlds import World, running, sealed, stopped, until


async def test_who_speaks_from_the_future_is_told_until_its_clock_agrees(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    work = world.service("scheduler")
    work.hears(note)

    async def said(why: str, ahead: timedelta) -> str:
        await world.inject(replace(sealed(stopped(why)), at=world.clock.now() + ahead))
        await until(lambda: why in heard)
        await world.settle(work)
        return work.clocks.trouble

    async with running(work):
        assert await said("a moment", timedelta(seconds=5)) == ""
        assert "the clock of gatekeeper is 3" in await said("an hour", timedelta(hours=1))
        assert await work.unready() == ""
        assert await said("right again", timedelta(0)) == ""
        assert heard == ["a moment", "an hour", "right again"]
