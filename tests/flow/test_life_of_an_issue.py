"""One issue from a finding to a merge, by the whole fleet, in the order of docs/life-of-an-issue.md."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.console.reading import events, story
from services.console.view import IssueView, Views
from services.demo.browser import Browser
from services.demo.sample_repository import make_sample
from services.fleet.assembly import Fleet, Plan, assemble_fleet
from services.fleet.hosting import Hosted, host
from services.gatekeeper import ledger
from shared.bus import Service, quiet
from shared.clock import SystemClock
from shared.forge.facts import ForgeAddress
from shared.git.merging import is_ancestor
from shared.jobs.rows import JOBS
from shared.lifecycle import Grant, IssueState
from shared.messages.content import Verdict
from shared.messages.gate import PullRequestEvaluated, ReviewPosted
from shared.sandbox import choose
from shared.store import outbox
from shared.store.tables import DEAD
from tests.architecture.sources import ROOT
from tests.flow.threads import (
    Kept,
    assert_every_step_is_one_trace,
    assert_spans_hang_together,
    chain,
)

STORY = (ROOT / "docs/life-of-an-issue.md").read_text(encoding="utf-8")
MILESTONES = [
    "gate.issue.opened.v1", "gate.issue.approved.v1",
    "work.implementation.requested.v1", "gate.pull_request.opened.v1",
    "work.review.requested.v1", "gate.review.posted.v1",
    "work.revision.requested.v1", "gate.pull_request.updated.v1",
    "work.review.requested.v1", "gate.review.posted.v1",
    "gate.pull_request.closed.v1",
]  # fmt: skip
"""What is said of an issue whose first change does not pass; agents' progress is left out."""


@dataclass
class Life:
    """The whole fleet on the sample, and a person at the forge's pages."""

    fleet: Fleet
    hosted: Hosted
    browser: Browser
    spans: Kept
    views: Views = field(default_factory=Views)
    seen: int = 0

    async def until(self, holds: Callable[[IssueView], bool]) -> IssueView:
        """The first issue of which it holds, as soon as it does and nothing moves."""
        while True:
            still = await quiet(self.fleet.services) and self.hosted.local.idle()
            heard = await self.fleet.console.store.run(
                lambda session: events(session, after=self.seen)
            )
            for each in heard:
                self.seen = each.seq
                self.views.take(each.message, each.at)
            shown = [self.views.shown(number) for number in sorted(self.views.issues)]
            found = next((view for view in shown if holds(view)), None)
            if still and not heard and found is not None:
                return found
            await asyncio.sleep(0.01)

    async def press(self, page: str, button: str) -> None:
        """What a person does in a browser."""
        await self.browser.press(f"/{self.hosted.owner}/{self.hosted.name}/{page}", button)

    async def topics(self, number: int) -> list[str]:
        """The milestones of an issue in the order in which the console heard them."""
        said = await self.fleet.console.store.run(
            lambda session: story(session, f"{self.fleet.repo}#{number}")
        )
        return [each.message.topic for each in said if each.message.topic in MILESTONES]


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    """Everything started; bubblewrap where it works, and nothing less where CI says so."""
    clock = SystemClock()
    in_ci = os.environ.get("CI") == "true"
    sandbox = await choose("auto", process_allowed=not in_ci, clock=clock)
    async with AsyncExitStack() as stack:
        source = await make_sample(tmp_path / "sample")
        hosted = await host(tmp_path / "forge", "local/stockroom", source, clock)
        stack.push_async_callback(hosted.stop)
        address = ForgeAddress(
            hosted.url, hosted.owner, hosted.name, app_id=hosted.app_id, app_slug="gatefleet",
            write_spacing=timedelta(0),
        )  # fmt: skip
        plan = Plan(
            state=tmp_path / "fleet", address=address, git_url=hosted.url,
            write_token=hosted.token("fleet"), read_token=hosted.token("reader"),
            sandbox=sandbox, propose_at_start=True,
        )  # fmt: skip
        fleet = await assemble_fleet(plan, clock)
        stack.push_async_callback(fleet.stop)
        browser = Browser(hosted.url)
        stack.push_async_callback(browser.close)
        await browser.log_in(hosted.link())
        spans = Kept()
        for service in fleet.services:
            service.recorded_by(spans)
        await fleet.start()
        assert fleet.ingest.server is not None
        hosted.hook(fleet.ingest.server.url, fleet.webhook_secret)
        yield Life(fleet, hosted, browser, spans)


def is_for_us(view: IssueView) -> bool:
    """The proposal whose first change leaves something for the review to find."""
    return view.facts.by_fleet and "F841" in view.title


async def test_an_issue_goes_from_proposed_to_merged_with_one_round_of_changes(life: Life) -> None:
    view = await life.until(lambda view: is_for_us(view) and view.facts.approval is Grant.NONE)
    await life.press(f"issues/{view.number}", "approve")
    view = await life.until(lambda view: view.standing.state is IssueState.READY)
    await life.press(f"pull/{view.pull_request}", "merge")
    view = await life.until(lambda view: view.standing.state is IssueState.MERGED)

    assert await life.topics(view.number) == MILESTONES
    await assert_the_gates_were_kept(life, view)
    await assert_it_is_merged_once(life, view)
    assert_one_thread_runs_through(life.spans)
    for service in life.fleet.services:
        await assert_nothing_is_left(service)


def test_the_document_tells_it_in_the_same_order() -> None:
    places = [STORY.index(f"`{topic}`") for topic in dict.fromkeys(MILESTONES)]
    assert places == sorted(places)


async def assert_the_gates_were_kept(life: Life, view: IssueView) -> None:
    """Both verdicts, the gate that opened last, and a ledger that hangs together."""
    said = await life.fleet.console.store.run(
        lambda session: story(session, f"{life.fleet.repo}#{view.number}")
    )
    messages = [each.message for each in said]
    verdicts = [each.verdict for each in messages if isinstance(each, ReviewPosted)]
    assert verdicts == [Verdict.CHANGES, Verdict.PASS]
    judged = [each for each in messages if isinstance(each, PullRequestEvaluated)]
    assert [each.open for each in judged].count(True) == 1
    assert judged[-1].open
    assert judged[-1].head == view.head_sha
    assert view.approved_by == "you"
    gatekeeper = next(each for each in life.fleet.services if each.name == "gatekeeper")
    assert await gatekeeper.store.run(ledger.broken_at) is None


async def assert_it_is_merged_once(life: Life, view: IssueView) -> None:
    """One branch, one pull request, merged by the person and never by the fleet."""
    forge = life.hosted.local.forge
    bare = life.hosted.bare()
    facts = await life.fleet.reader.repository()
    assert view.merged_sha is not None
    assert facts.head_sha is not None
    assert view.head_sha is not None
    assert await is_ancestor(bare, view.merged_sha, facts.head_sha)
    assert await is_ancestor(bare, view.head_sha, view.merged_sha)
    pushes = [each.path for each in forge.write_log if each.method == "PUSH"]
    assert len([path for path in pushes if "refs/heads/gatefleet/" in path]) == 2
    assert len({path for path in pushes if "refs/heads/gatefleet/" in path}) == 1
    opened = [each for each in forge.write_log if str(each).endswith("/pulls 201")]
    assert len(opened) == 1
    assert forge.merge_calls == 0
    assert forge.unknown_routes == {}


def assert_one_thread_runs_through(spans: Kept) -> None:
    """Whatever was said answers to what was said before it, in one trace since a person's act."""
    said = spans.said
    assert_every_step_is_one_trace(said)
    assert_spans_hang_together(spans.spans)
    assert chain(said, "gate.pull_request.updated.v1") == [
        "observed.issue.v1", "gate.issue.approved.v1", "work.implementation.requested.v1",
        "draft.change.proposed.v1", "gate.pull_request.opened.v1", "work.review.requested.v1",
        "draft.review.proposed.v1", "gate.review.posted.v1", "work.revision.requested.v1",
        "draft.change.proposed.v1", "gate.pull_request.updated.v1",
    ]  # fmt: skip


async def assert_nothing_is_left(service: Service) -> None:
    """No dead letter, no job that is open or was given up, nothing unsent."""
    count = select(func.count())
    dead = await service.store.run(lambda s: s.scalar(count.select_from(DEAD)))
    left = await service.store.run(
        lambda s: [tuple(row) for row in s.execute(
            select(JOBS.c.name, JOBS.c.state, JOBS.c.error).where(JOBS.c.state != "done")
        )]
    )  # fmt: skip
    assert (service.name, dead, left) == (service.name, 0, [])
    assert await service.store.run(outbox.depth) == 0
