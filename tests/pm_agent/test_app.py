"""pm-agent as a service on the memory bus: a request in, a draft and the end of the run out."""

import sys
from pathlib import Path

import pytest

from services.pm_agent.app import build
from services.pm_agent.handlers import Handlers
from services.pm_agent.settings import Settings
from shared.bus import MemoryBus, Service, settled
from shared.clock import SystemClock
from shared.errors import BadInput
from shared.jobs import Said
from shared.messages import Message
from shared.messages.content import RunEnd
from shared.messages.draft import IssuesProposed, RunFinished, RunProgressed
from shared.messages.work import ProposalsRequested, RunCancelled
from shared.runtime.settings import read_settings
from shared.store import Handling, Store
from tests.bus.worlds import running
from tests.pm_agent.runs import FAULTY, QUICK, Desk, request


class Loop:
    """pm-agent, somebody who asks, and somebody who listens."""

    def __init__(self, desk: Desk) -> None:
        clock = SystemClock()
        self.bus = MemoryBus(clock)
        self.heard: dict[type[Message], list[Message]] = {}
        settings = Settings(state=desk.folder / "state")
        self.agent = build(settings, self.bus.driver(), clock, desk.tools)
        self.asking = self._service("scheduler", clock)
        self.listening = self._service("gatekeeper", clock)
        self.listening.hears(self.note_draft, self.note_end, self.note_progress)

    def _service(self, name: str, clock: SystemClock) -> Service:
        return Service(name, driver=self.bus.driver(), store=Store("sqlite://"), clock=clock)

    def note_draft(self, message: IssuesProposed, at: Handling) -> None:
        self.heard.setdefault(IssuesProposed, []).append(message)

    def note_end(self, message: RunFinished, at: Handling) -> None:
        self.heard.setdefault(RunFinished, []).append(message)

    def note_progress(self, message: RunProgressed, at: Handling) -> None:
        self.heard.setdefault(RunProgressed, []).append(message)

    async def ask(self, *messages: ProposalsRequested | RunCancelled) -> None:
        """Say them all at once, and wait until nobody has anything to do."""
        services = [self.agent, self.asking, self.listening]
        async with running(*services):

            def say(at: Handling) -> Said:
                return messages

            await self.asking.commit("ask", say)
            await settled(services)


async def test_a_request_becomes_a_draft_and_an_end(desk: Desk) -> None:
    loop = Loop(desk)
    asked = request(desk.origin.commit(FAULTY))
    await loop.ask(asked)
    [draft], [end] = loop.heard[IssuesProposed], loop.heard[RunFinished]
    assert isinstance(draft, IssuesProposed)
    assert isinstance(end, RunFinished)
    assert (draft.run, len(draft.proposals)) == (asked.run, 2)
    assert (end.end, end.drafted, end.holder) == (RunEnd.DONE, True, "pm-agent:1")
    phases = [one.phase for one in loop.heard[RunProgressed] if isinstance(one, RunProgressed)]
    assert phases[0] == "picked up"
    assert phases[-1] == "choosing"


async def test_a_cancelled_run_says_so_and_drafts_nothing(desk: Desk) -> None:
    policy = QUICK | {"setup": [[sys.executable, "-c", "import time; time.sleep(600)"]]}
    asked = request(desk.origin.commit(FAULTY), policy=policy)
    cancelled = RunCancelled(
        repo=asked.repo, run=asked.run, generation=asked.generation, reason="stopped: on purpose"
    )
    await Loop(desk).ask(cancelled)
    next_life = Loop(desk)
    await next_life.ask(asked)
    [end] = next_life.heard[RunFinished]
    assert isinstance(end, RunFinished)
    assert (end.end, end.reason) == (RunEnd.CANCELLED, "stopped: on purpose")
    assert IssuesProposed not in next_life.heard
    assert desk.left() == []


async def test_what_cannot_be_carried_out_ends_in_words(desk: Desk) -> None:
    loop = Loop(desk)
    await loop.ask(request(desk.origin.commit(FAULTY), policy={"no_such_key": 1}))
    [end] = loop.heard[RunFinished]
    assert isinstance(end, RunFinished)
    assert (end.end, end.drafted) == (RunEnd.DECLINED, False)
    assert "no_such_key" in end.reason


async def test_leftovers_are_swept_at_the_start(desk: Desk) -> None:
    left = desk.tools.scratch / "pm-agent" / "dead-run"
    left.mkdir(parents=True)
    async with running(Loop(desk).agent):
        assert desk.left() == []


def test_its_queues_are_its_own_and_cancellation_reaches_every_instance(desk: Desk) -> None:
    queues = {queue.name: queue.instance for queue in Loop(desk).agent.queues()}
    assert queues == {
        "pm-agent.1.work.run.cancelled.v1": True,
        "pm-agent.work.proposals.requested.v1": False,
    }


def test_handlers_are_named_for_their_holder() -> None:
    assert Handlers("pm-agent:2").holder == "pm-agent:2"


def test_settings_name_what_is_unknown_and_take_secrets_from_files(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    settings = read_settings(Settings, {"GATEFLEET_PM_AGENT_TOKEN_FILE": str(file)})
    assert settings.token is not None
    assert settings.token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)
    with pytest.raises(BadInput, match="GATEFLEET_PM_AGENT_TOKENS: unknown; valid here: "):
        read_settings(Settings, {"GATEFLEET_PM_AGENT_TOKENS": "x"})
