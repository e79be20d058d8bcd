"""Lines of the log: whose they are and what they are about, and nothing of the message before."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from shared.bus import MemoryBus, Service
from shared.clock import SystemClock
from shared.jobs import JobContext, Outcome
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.trace import read_trace
from shared.runtime.logs import hear_libraries, log_as, to_stream
from shared.runtime.settings import BusSettings
from shared.store import Handling, Store
from tests.bus.worlds import REPO, Say, running, sealed, stopped, until

log = structlog.get_logger()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged while the test runs, as JSON."""
    stream = io.StringIO()
    to_stream(stream, as_json=True)
    yield stream
    logging.getLogger().handlers[:] = [
        each for each in logging.getLogger().handlers if type(each).__name__ != "_Forwarding"
    ]


def said(stream: io.StringIO, event: str) -> list[dict[str, str]]:
    """The lines of one event, in their order."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [each for each in found if each["event"] == event]


def hear(message: FleetStopped, at: Handling) -> list[Say]:
    """Log in the store's thread, and ask for a job."""
    log.info("heard", why=message.why)
    return [Say(why=message.why)]


async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
    """Log in the task, in a thread, and in the transaction that ends it."""
    log.info("working", why=job.why)
    await asyncio.to_thread(log.info, "in_a_thread", why=job.why)

    def outcome(handling: Handling) -> list[FleetResumed]:
        log.info("ending", why=job.why)
        return [FleetResumed(repo=REPO, why=job.why)]

    return outcome


def pair(folder: Path) -> tuple[MemoryBus, Service, Service]:
    """Two services of one process: what one logs must not be said to be the other's."""
    clock = SystemClock()
    bus = MemoryBus(clock)
    gate = Service(
        "gatekeeper", driver=bus.driver(), store=Store(f"sqlite:///{folder}/g.db"), clock=clock,
        instance="7",
    )  # fmt: skip
    work = Service(
        "scheduler", driver=bus.driver(), store=Store(f"sqlite:///{folder}/s.db"), clock=clock
    )

    def note(message: FleetResumed, at: Handling) -> None:
        log.info("noted", why=message.why)

    gate.hears(hear)
    gate.does(say, places=4)
    work.hears(note)
    return bus, gate, work


async def test_a_line_says_whose_it_is_and_what_it_is_about(
    tmp_path: Path, lines: io.StringIO
) -> None:
    bus, gate, work = pair(tmp_path)
    messages = [sealed(stopped(str(number))) for number in range(20)]
    async with running(gate, work):
        await asyncio.gather(*(bus.publish(each) for each in messages))
        await until(lambda: len(said(lines, "noted")) == 20)
        log.info("outside")

    for event in ("heard", "working", "in_a_thread", "ending", "noted"):
        found = said(lines, event)
        assert sorted(int(each["why"]) for each in found) == list(range(20)), event
        own = ("scheduler", "1") if event == "noted" else ("gatekeeper", "7")
        assert {(each["service"], each["instance"]) for each in found} == {own}, event
        for each in found:
            assert each["trace"] == messages[int(each["why"])].id.hex, event
    for each in said(lines, "heard"):
        assert each["about"] == str(messages[int(each["why"])].id)
        assert each["correlation"] == "octo/hello"
    for event in ("working", "ending"):
        assert len({each["about"] for each in said(lines, event)}) == 20
    (outside,) = said(lines, "outside")
    assert not {"service", "about", "trace", "correlation"} & outside.keys()


async def test_a_trace_that_a_stranger_sent_never_reaches_the_log(
    tmp_path: Path, lines: io.StringIO
) -> None:
    from dataclasses import replace

    bus, gate, work = pair(tmp_path)
    evil = "00-x\nevent=all_is_well"
    async with running(gate, work):
        await bus.publish(replace(sealed(stopped("0")), trace=evil))
        bad = replace(sealed(stopped("1"), sender="nobody"), trace=evil)
        await bus.publish(bad)

    (heard,) = said(lines, "heard")
    (dead,) = said(lines, "dead_letter")
    assert read_trace(f"00-{heard['trace']}-{'1' * 16}-01") is not None
    assert "trace" not in dead
    assert dead["correlation"] == "octo/hello"
    assert "all_is_well" not in lines.getvalue()


def test_the_settings_say_how_and_how_much(
    capsys: pytest.CaptureFixture[str], lines: io.StringIO
) -> None:
    log_as(BusSettings(log_format="json", log_level="warning"))
    log.info("unsaid")
    log.warning("said", next="nothing")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "said"


def test_a_level_that_was_asked_for_wins_over_a_quiet_terminal(
    capsys: pytest.CaptureFixture[str], lines: io.StringIO
) -> None:
    log_as(BusSettings(), quiet=True)
    log.info("unsaid")
    log_as(BusSettings(log_level="info"), quiet=True)
    log.info("said")

    (line,) = capsys.readouterr().err.splitlines()
    assert "said" in line


def test_what_libraries_warn_of_is_a_line_like_the_others(lines: io.StringIO) -> None:
    hear_libraries()
    hear_libraries()  # once is enough

    logging.getLogger("a.library").warning("went %s", "away")
    logging.getLogger("a.library").info("not this")

    (line,) = said(lines, "library_said")
    assert (line["library"], line["said"], line["level"]) == ("a.library", "went away", "warning")
