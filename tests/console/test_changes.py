"""The stream of changes: all of them, in order, resumable by the place in the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.console.news import News
from services.console.shapes import Change
from shared.messages import gate
from tests.console.desk import Desk, desk, hear
from tests.console.stories import like, said, to_merged

STORY = to_merged()
TIMEOUT_S = 30


@dataclass(frozen=True)
class Sent:
    """One event of the stream."""

    id: int
    kind: str
    change: Change | None


@asynccontextmanager
async def following(here: Desk, **headers: str) -> AsyncIterator[AsyncIterator[Sent]]:
    """The stream, event by event."""

    async def events(lines: AsyncIterator[str]) -> AsyncIterator[Sent]:
        fields: dict[str, str] = {}
        async for line in lines:
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif not line and "event" in fields:
                is_change = fields["event"] == "change"
                change = Change.model_validate_json(fields["data"]) if is_change else None
                yield Sent(int(fields["id"]), fields["event"], change)
                fields = {}

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        asyncio.timeout(TIMEOUT_S),
        here.client.stream("GET", "/api/changes", headers=named) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer.aiter_lines())


async def test_who_resumes_gets_everything_after_that_place_and_then_what_is_new(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, *STORY) as here, following(here, Last_Event_ID="30") as stream:
        places = [(await anext(stream)).id for _ in range(len(STORY) - 30)]
        assert places == list(range(31, len(STORY) + 1))
        await hear(here.bus, *said(like(gate.FleetStopped), start=STORY[-1].at + timedelta(1)))
        sent = await anext(stream)
        assert sent.change is not None
        assert (sent.id, sent.change.topic) == (len(STORY) + 1, "gate.fleet.stopped.v1")
        assert sent.change.line is not None
        assert sent.change.line.what == "stopped: issue #9 carries the label gatefleet:stop"


async def test_without_a_place_only_what_is_new_is_sent(tmp_path: Path) -> None:
    async with desk(tmp_path, *STORY) as here, following(here) as stream:
        await hear(here.bus, *said(like(gate.FleetStopped), start=STORY[-1].at + timedelta(1)))
        assert (await anext(stream)).id == len(STORY) + 1


async def test_a_place_that_this_log_never_had_is_told(tmp_path: Path) -> None:
    """The console's database was made anew: whoever follows must look at everything again."""
    async with desk(tmp_path, *STORY) as here, following(here, Last_Event_ID="5000") as stream:
        assert await anext(stream) == Sent(len(STORY), "reset", None)


async def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        answer = await here.client.get("/api/changes", headers={"Last-Event-ID": "soon"})
        assert answer.status_code == 400
        assert answer.json()["subject"] == "Last-Event-ID"


async def test_those_who_follow_do_not_keep_the_service_from_stopping(tmp_path: Path) -> None:
    async with desk(tmp_path, *STORY) as here, following(here) as stream:
        waiting = asyncio.ensure_future(anext(stream, None))
        began = asyncio.get_running_loop().time()
        await here.console.server.stop()
        assert await waiting is None
        assert asyncio.get_running_loop().time() - began < TIMEOUT_S / 2


async def test_what_was_committed_before_the_wait_is_not_missed() -> None:
    news = News()
    news.open()
    seen = news.count
    news.close()
    assert await news.wait(seen, 60.0)


async def test_nothing_new_is_said_after_a_while() -> None:
    news = News()
    news.open()
    assert not await news.wait(news.count, 0.001)
