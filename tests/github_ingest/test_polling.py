"""Without a webhook: polls, reconciles, redeliveries, restarts and lost databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.github_ingest.polling import advance
from services.github_ingest.timetable import Pace, next_poll, pause
from shared.clock import FakeClock
from shared.forge.facts import Changed, Delivery, Rate
from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    RepositoryObserved,
)
from tests.fakes.forge_state import FLEET, ForgeState
from tests.github_ingest.world import World, issues_event, world

PACE = Pace(
    poll=timedelta(seconds=60),
    idle=timedelta(seconds=900),
    reconcile=timedelta(hours=1),
    recover=None,
)


@pytest.fixture
async def polled(tmp_path: Path) -> AsyncIterator[World]:
    """An ingest without webhooks, started and at rest, its forge two minutes old."""
    async with world(tmp_path, webhooks=False, webhook_secret=None) as made:
        made.forge.open_issue("Greet people")
        made.clock.advance(120)
        await made.start()
        yield made


async def test_a_wall_clock_that_is_set_back_does_not_end_the_polls(polled: World) -> None:
    polled.clock.correct(-10 * 24 * 3600)
    polled.forge.open_issue("After the clock was set")
    polled.forget()

    await polled.pass_time(130)

    titles = [each.issue.title for each in polled.take(IssueObserved)]
    assert "After the clock was set" in titles


async def test_a_poll_with_nothing_new_publishes_nothing(polled: World) -> None:
    await polled.pass_time(130)  # by now the listing has been answered once
    polled.forget()
    await polled.pass_time(300)
    assert polled.heard == []
    polls = [each for each in polled.forge.calls if each.startswith("issues_since")]
    assert len(polls) >= 2
    assert len(set(polls)) == 1  # `since` stays, because the ETag belongs to it
    assert not [each for each in polled.forge.calls if each.startswith("issue ")]
    assert await polled.ingest.service.idle()


async def test_i35_without_any_webhook_every_change_is_said_within_a_poll(polled: World) -> None:
    polled.forget()
    polled.forge.change_issue(1, title="edited")
    polled.forge.comment(1, "a word")
    polled.forge.open_issue("another")
    polled.forge.push("main", "second")
    await polled.pass_time(70)
    assert {each.issue.title for each in polled.take(IssueObserved)} == {"edited", "another"}
    assert [each.comment.body for each in polled.take(CommentObserved)] == ["a word"]
    assert [each.head_sha for each in polled.take(RepositoryObserved)] == [
        polled.forge.heads["main"]
    ]
    assert {each.source for each in polled.take(IssueObserved)} == {"poll"}


async def test_i35_a_closing_that_no_poll_listed_is_found_by_the_reconcile(polled: World) -> None:
    """For instance while the ingest was off for so long that the listing begins later."""
    old = polled.forge.issues[1]
    polled.forge.issues[1] = old.model_copy(update={"state": "closed"})  # its time stays
    polled.forget()
    await polled.pass_time(3700)
    assert [each.issue.state for each in polled.take(IssueObserved)] == ["closed"]


async def test_checks_of_our_own_open_pull_requests_are_polled(polled: World) -> None:
    ours = polled.forge.open_pull_request("gatefleet/issue-1/abc", author=FLEET)
    theirs = polled.forge.open_pull_request("topic")
    await polled.pass_time(70)
    for pull in (ours, theirs):
        polled.forge.check(pull.head_sha, "ci", "failure")
    polled.forget()
    await polled.pass_time(300)
    assert {each.check.sha for each in polled.take(CheckObserved)} == {ours.head_sha}


async def test_a_mergeability_that_is_worked_out_later_is_said(polled: World) -> None:
    ours = polled.forge.open_pull_request("gatefleet/issue-1/abc", author=FLEET)
    polled.forge.change_pull_request(ours.number, mergeable=None)
    await polled.pass_time(70)
    polled.forge.pulls[ours.number] = polled.forge.pulls[ours.number].model_copy(
        update={"mergeable": False}
    )
    await polled.pass_time(70)
    said = [each.pull_request.mergeable for each in polled.take(PullRequestObserved)]
    assert said == [None, False]


async def test_a_reconcile_says_everything_open_again_and_our_closed_ones_of_a_month(
    polled: World,
) -> None:
    merged = polled.forge.open_pull_request("gatefleet/issue-1/abc", author=FLEET)
    theirs = polled.forge.open_pull_request("topic")
    closed = polled.forge.open_issue("closed")
    await polled.pass_time(70)
    before = dict(polled.said())
    for number in (merged.number, theirs.number):
        polled.forge.change_pull_request(number, state="closed")
    polled.forge.change_issue(closed.number, state="closed")
    await polled.pass_time(70)
    polled.forget()
    await polled.pass_time(3600)
    again = {type(each).__name__: each for each in polled.heard}
    assert sorted(again) == ["IssueObserved", "PullRequestObserved", "RepositoryObserved"]
    assert [each.issue.number for each in polled.take(IssueObserved)] == [1]
    assert [each.pull_request.number for each in polled.take(PullRequestObserved)] == [2]
    issue = [identity for identity, each in polled.said() if isinstance(each, IssueObserved)]
    assert set(issue) <= set(before)  # the same id: inboxes drop it


async def test_a_start_reconciles_however_recent_the_last_one_was(polled: World) -> None:
    polled.forget()
    await polled.restart()
    assert [each.source for each in polled.take(IssueObserved)] == ["reconcile"]


async def test_a_forge_that_is_down_delays_and_loses_nothing(polled: World) -> None:
    polled.forget()
    polled.forge.change_issue(1, title="while it was down")
    polled.forge.down = True
    polled.clock.advance(70)
    while not polled.forge.calls:
        await polled.ingest.service.store.run(lambda session: None)
    polled.forge.down = False
    await polled.pass_time(120)
    assert [each.issue.title for each in polled.take(IssueObserved)] == ["while it was down"]


async def test_another_repository_at_the_same_address_begins_anew(polled: World) -> None:
    polled.forge.repo = polled.forge.repo.model_copy(update={"id": "999"})
    polled.forge.issues.clear()
    polled.forge.open_issue("of the new one")
    polled.forge.push("main", "other")
    await polled.pass_time(70)
    polled.forget()
    await polled.pass_time(70)
    assert {each.repo.id for each in polled.heard} <= {"999"}


async def test_failed_deliveries_are_asked_for_again_but_not_without_end(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.forge.can_redeliver = True
        at = here.clock.now() + timedelta(seconds=1)
        lost = "00000000-0000-0000-0000-0000000000ff"
        here.forge.failed = [Delivery(1, lost, "issues", at), Delivery(2, "odd", "issues", at)]
        await here.start()
        await here.pass_time(3600)
        assert here.forge.redelivered == [1, 2] * 3


async def test_a_delivery_that_is_here_after_all_is_not_asked_for(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.forge.open_issue("Greet people")
        await here.start()
        here.forge.can_redeliver = True
        here.forge.failed = [
            Delivery(1, "00000000-0000-0000-0000-000000000001", "issues", here.clock.now())
        ]
        await here.send("issues", issues_event(1))  # the answer was lost on its way back
        await here.pass_time(700)
        assert here.forge.redelivered == []
        assert "failed_deliveries" in here.forge.calls


def test_a_poll_goes_on_a_minute_before_the_newest_change_it_listed() -> None:
    forge = ForgeState(FakeClock())
    since = forge.now() - timedelta(minutes=10)
    issue = forge.open_issue("x")
    listed = Changed((issue,), (), "etag of since", False)
    assert advance(since, listed, None) == (issue.updated_at - timedelta(minutes=1), None)


def test_an_etag_is_kept_as_long_as_the_address_is_the_same() -> None:
    since = FakeClock().now()
    assert advance(since, Changed((), (), "b", False), "a") == (since, "b")
    assert advance(since, Changed((), (7,), "b", False), "a") == (since, "b")
    assert advance(since, Changed((), (), None, True), "a") == (since, "a")


@given(quiet=st.integers(0, 10**6), seed=st.text(max_size=20))
@settings(max_examples=50)
def test_a_pause_is_never_shorter_than_a_poll_nor_much_longer_than_idle(
    quiet: int, seed: str
) -> None:
    assert PACE.poll <= pause(PACE, quiet, seed) <= PACE.idle * 1.1


def test_pauses_double_when_nothing_happens_for_long() -> None:
    plain = [round(pause(PACE, quiet, "x") / pause(PACE, 0, "x"), 2) for quiet in (0, 4, 5, 6, 99)]
    assert plain == [1, 1, 2, 4, 15]


def test_polling_waits_for_the_reset_when_a_fifth_of_the_allowance_is_left() -> None:
    now = FakeClock().now()
    reset = now + timedelta(minutes=40)
    low, enough = Rate(5000, 999, reset), Rate(5000, 1000, reset)
    assert next_poll(PACE, 0, "x", now=now, rate=low) == reset
    assert next_poll(PACE, 0, "x", now=now, rate=enough) < now + timedelta(seconds=67)
