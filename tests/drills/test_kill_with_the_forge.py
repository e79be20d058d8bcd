"""kill -9 of the process that `up` is: the embedded forge dies with the fleet (I-36, F6)."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from services.demo.browser import Browser
from shared.clock import SystemClock
from shared.forge.facts import ForgeAddress
from shared.forge.github.open import open_reader
from shared.forge.port import Reader
from tests.drills.forge import NAME, OWNER
from tests.drills.orders import Orders, Stand
from tests.drills.person import Person
from tests.drills.points import passed
from tests.drills.process import Nursery, Process
from tests.drills.repository import make_repository
from tests.drills.truth import FLEET, assert_clean, assert_each_check_is_there_once

pytestmark = [pytest.mark.timeout(1800), pytest.mark.night]

POINTS = (
    "forge commit inserts edits before",
    "forge commit inserts issue_labels after",
    "gatekeeper commit ends open-issues before",
    "scheduler commit handles gate.issue.approved after",
    "dev-agent commit ends run before",
    "gatekeeper git push",
    "forge commit updates repositories after",
    "forge commit updates issues before",
    "gatekeeper commit ends publish-change before",
    "forge commit inserts reviews after",
    "forge commit inserts check_runs before",
    "qa-agent publish draft.review.proposed.v1 after",
    "gatekeeper publish gate.pull_request.closed.v1 before",
)


async def test_a_process_that_is_killed_with_its_forge_still_does_everything_once(
    lives: Nursery, isolated: bool, tmp_path: Path
) -> None:
    """I-36: what the forge has committed is there, and what it has not was never done."""
    make_repository(tmp_path / "source")
    aims = dict.fromkeys(POINTS, 1)
    killed: list[str] = []
    while True:
        orders = Orders(folder=tmp_path, targets=aims, isolated=isolated)
        life = await Process.start(lives, orders)
        try:
            stand = await _live(life)
            if stand is not None:
                break
        finally:
            life.kill()
            code = await life.ended()
        assert code == -9, life.log_end()
        killed.append(next(each.name for each in reversed(passed(orders.record)) if each.hit))
        del aims[killed[-1]]
    assert aims == {}, "these points were never reached"
    assert await lives.orphans() == []
    where = f"killed at {killed}"
    assert_each_check_is_there_once(tmp_path / "forge", where)
    assert_clean(stand, where)


async def _live(life: Process) -> Stand | None:
    """One life, at whose end everything is as it should be; None when it was killed."""
    ended = asyncio.ensure_future(life.ended())
    playing = asyncio.ensure_future(_play(life))
    try:
        await asyncio.wait({ended, playing}, return_when=asyncio.FIRST_COMPLETED)
        return None if ended.done() else playing.result()
    finally:
        for each in (ended, playing):
            each.cancel()
        await asyncio.gather(ended, playing, return_exceptions=True)


async def _play(life: Process) -> Stand:
    place = await life.places.get()
    address = ForgeAddress(place["url"], OWNER, NAME)
    async with AsyncExitStack() as stack:
        reader = open_reader(address, token=lambda: place["token"], clock=SystemClock())
        stack.push_async_callback(reader.close)
        browser = Browser(place["url"])
        stack.push_async_callback(browser.close)
        try:
            await browser.log_in(place["link"])
        except httpx.HTTPError:  # killed meanwhile
            await life.ended()
        person = Person(f"{OWNER}/{NAME}", reader, browser)
        await person.stay(life.wrote)
        stand = Stand.model_validate(await life.ask())
        while not stand.quiet:
            await asyncio.sleep(0.01)
            stand = Stand.model_validate(await life.ask())
        await _assert_the_forge_holds_one_of_each(reader, person)
        return stand


async def _assert_the_forge_holds_one_of_each(reader: Reader, person: Person) -> None:
    changed = await reader.issues_since(None)
    assert (len(changed.issues), len(changed.pull_requests)) == (1, 1)
    number, pull = changed.issues[0].number, person.merged[0]
    assert [each.author.login for each in await reader.comments(number)] == [FLEET]
    assert await reader.comments(pull) == ()
    notes = [each.author.login for each in await reader.reviews(pull)]
    assert sorted(notes) == sorted([FLEET, "you"])
    assert person.merged == [pull]
