"""qa-agent as a service: a request in, a review and its end out."""

from pathlib import Path

from services.qa_agent.app import build
from services.qa_agent.settings import Settings
from shared.bus import MemoryBus, Service, settled
from shared.clock import SystemClock
from shared.jobs import Said
from shared.messages.content import RunEnd, Verdict
from shared.messages.draft import ReviewProposed, RunFinished
from shared.runtime.settings import read_settings
from shared.store import Handling, Store
from tests.bus.worlds import running
from tests.qa_agent.reviews import Bench, review
from tests.qa_agent.trees import BASE, BRIEF, MENDED


async def test_a_request_is_answered_by_a_review_and_an_end(bench: Bench, tmp_path: Path) -> None:
    clock = SystemClock()
    bus = MemoryBus(clock)
    settings = read_settings(Settings, {}, state=tmp_path / "state")
    agent = build(settings, bus.driver(), clock, bench.tools)
    asks, hears = (
        Service(
            name, driver=bus.driver(), store=Store(f"sqlite:///{tmp_path / name}.db"), clock=clock
        )
        for name in ("scheduler", "gatekeeper")
    )
    heard: list[Verdict | RunEnd] = []

    def note(message: ReviewProposed, at: Handling) -> None:
        heard.append(message.verdict)

    def end(message: RunFinished, at: Handling) -> None:
        heard.append(message.end)

    hears.hears(note, end)
    head, tip = bench.change(BASE, MENDED)

    def ask(at: Handling) -> Said:
        return [review(head, tip, brief=BRIEF)]

    every = [asks, agent, hears]
    async with running(*every):
        await asks.commit("ask", ask)
        await settled(every)

    assert sorted(heard) == [RunEnd.DONE, Verdict.PASS]
