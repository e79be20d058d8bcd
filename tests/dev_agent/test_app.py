"""dev-agent as a service: a request in, a draft and its end out; stopped when told."""

from pathlib import Path

from services.dev_agent.app import build
from services.dev_agent.settings import Settings
from shared.bus import MemoryBus, Service, settled
from shared.clock import SystemClock
from shared.jobs import Said
from shared.messages.content import RunEnd
from shared.messages.draft import ChangeProposed, RunFinished, RunProgressed
from shared.messages.work import RunCancelled
from shared.runtime.settings import read_settings
from shared.store import Handling, Store
from tests.bus.worlds import running
from tests.dev_agent.engines import APP, APP_BRIEF, engine
from tests.dev_agent.runs import REPO, RUN, Bench, implementation


class Fleet:
    """dev-agent between a scheduler that asks and a gatekeeper that listens."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        clock = SystemClock()
        bus = MemoryBus(clock)
        settings = read_settings(Settings, {}, state=folder / "state")
        self.agent = build(settings, bus.driver(), clock, bench.tools)
        self.asks, self.hears = (
            Service(
                name, driver=bus.driver(), store=Store(f"sqlite:///{folder / name}.db"), clock=clock
            )
            for name in ("scheduler", "gatekeeper")
        )
        self.drafts: list[ChangeProposed] = []
        self.ends: list[tuple[RunEnd, str]] = []

        def draft(message: ChangeProposed, at: Handling) -> None:
            self.drafts.append(message)

        def end(message: RunFinished, at: Handling) -> None:
            self.ends.append((message.end, message.reason))

        def progress(message: RunProgressed, at: Handling) -> list[RunCancelled]:
            if not message.line.startswith("running python"):
                return []
            return [RunCancelled(repo=REPO, run=RUN, generation=5, reason="a person said stop")]

        self.hears.hears(draft, end)
        self.asks.hears(progress)

    async def ask(self, message: object) -> None:
        def tick(at: Handling) -> Said:
            return [message]  # type: ignore[list-item]

        every = [self.asks, self.agent, self.hears]
        async with running(*every):
            await self.asks.commit("ask", tick)
            await settled(every)


async def test_a_request_is_answered_by_a_draft_and_an_end(bench: Bench, tmp_path: Path) -> None:
    fleet = Fleet(bench, tmp_path)
    left = bench.folder / "scratch" / "dev-agent" / "dead-run"
    anothers = bench.folder / "scratch" / "qa-agent" / "live-run"
    left.mkdir(parents=True)
    anothers.mkdir(parents=True)
    base = bench.origin.commit(APP)

    await fleet.ask(implementation(base, brief=APP_BRIEF))

    assert [draft.base for draft in fleet.drafts] == [base]
    assert fleet.ends == [(RunEnd.DONE, fleet.drafts[0].summary)]
    assert (left.exists(), anothers.exists()) == (False, True)


async def test_a_run_that_is_cancelled_ends_and_leaves_nothing(
    bench: Bench, tmp_path: Path
) -> None:
    fleet = Fleet(bench, tmp_path)
    base = bench.origin.commit(APP)

    await fleet.ask(implementation(base, engine("import time; time.sleep(600)")))

    assert (fleet.drafts, fleet.ends) == ([], [(RunEnd.CANCELLED, "a person said stop")])
    assert list((bench.folder / "scratch" / "dev-agent").iterdir()) == []


async def test_what_is_refused_ends_as_declined_in_one_line(bench: Bench, tmp_path: Path) -> None:
    fleet = Fleet(bench, tmp_path)
    bench.origin.commit(APP)

    await fleet.ask(implementation("not a commit"))

    reason = "'not a commit': not an object id; hand in 40 lower-case hex digits"
    assert fleet.ends == [(RunEnd.DECLINED, reason)]
