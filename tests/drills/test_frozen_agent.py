"""An agent that freezes past its lease and wakes: its draft comes too late and is refused (F7)."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.drills.orders import Orders, Stand
from tests.drills.process import Nursery, Process
from tests.drills.stage import Stage, stage
from tests.drills.truth import MADE, made

pytestmark = [pytest.mark.timeout(1800), pytest.mark.night]

AGENT, LEASE = "dev-agent", "10s"
OTHERS = ("console", "github-ingest", "scheduler", "gatekeeper", "pm-agent", "qa-agent")
FREEZES = {
    "with its draft ready to be sent": "dev-agent publish draft.change.proposed.v1 before",
    "while the engine works": "dev-agent sandbox python before",
}


class Parts:
    """The fleet in three processes: one agent that freezes, its successor, and all the others."""

    def __init__(self, at: Stage, lives: Nursery, bus: str) -> None:
        self._at = at
        self._lives = lives
        self._bus = bus

    async def begin(
        self, name: str, only: tuple[str, ...], freezes_at: str = "", instance: str = "1"
    ) -> Process:
        """One process, with a folder of its own."""
        folder = self._at.folder / name
        folder.mkdir()
        hosted = self._at.hosted
        return await Process.start(self._lives, Orders(
            folder=folder, address=hosted.address(), write_token=hosted.token("fleet"),
            read_token=hosted.token("reader"), bus=self._bus, only=only, strike="freeze",
            targets={freezes_at: 1} if freezes_at else {}, isolated=self._at.isolated,
            environment={"GATEFLEET_DEV_AGENT_INSTANCE": instance},
        ))  # fmt: skip


@pytest.mark.parametrize("freezes_at", FREEZES.values(), ids=list(FREEZES))
async def test_a_frozen_agents_work_goes_to_another_and_its_own_draft_is_refused_when_it_wakes(
    lives: Nursery, isolated: bool, tmp_path: Path, amqp_vhost: str, freezes_at: str
) -> None:
    """F7: one generation's draft is carried out, the stale one's is refused with its reason."""
    async with (
        stage(tmp_path, lives, isolated=isolated, lease=LEASE) as at,
        AsyncExitStack() as stack,
    ):
        parts = Parts(at, lives, amqp_vhost)
        main = await parts.begin("main", OTHERS)
        stack.callback(main.kill)
        place = await main.places.get()
        at.hosted.hook(place["url"], place["secret"])
        frozen = await parts.begin("first", (AGENT,), freezes_at)
        stack.callback(frozen.kill)
        person = asyncio.create_task(at.person.stay(at.door.wrote))
        stack.callback(person.cancel)
        while not await frozen.is_frozen():
            await asyncio.sleep(0.01)
        second = await parts.begin("second", (AGENT,), instance="2")
        stack.callback(second.kill)
        wrote = asyncio.Event()
        at.door.heard = wrote.set
        while not await at.person.reader.open_pull_requests():
            await wrote.wait()
            wrote.clear()
        frozen.wake()
        await person
        stand = await _rest((main, frozen, second))
        refused = {"gate.draft.refused.v1"} & set(stand.said)
        assert bool(refused) == ("publish" in freezes_at)
        assert made(at.hosted.local.forge.witness.write_log) == MADE
        assert stand.dead == stand.left == ()
        assert stand.chain_broken_at is None
        for each in (main, frozen, second):
            assert await each.stop() == 0


async def _rest(parts: tuple[Process, ...]) -> Stand:
    """How the first one stands when all are at rest, twice in a row."""
    at_rest = 0
    while True:
        stands = [Stand.model_validate(await each.ask()) for each in parts]
        at_rest = at_rest + 1 if all(each.quiet for each in stands) else 0
        if at_rest == 2:
            return stands[0]
        await asyncio.sleep(0.01)
