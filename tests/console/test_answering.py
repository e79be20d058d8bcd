"""Who or what each issue waits for, and what of it lies in a person's inbox."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from services.console.asking import Asked, Unanswerable
from services.console.shapes import Group, IssueLine
from services.console.view import Views
from shared.lifecycle import IssueState
from shared.messages import Message, content, draft, gate, observed, work
from shared.messages.examples import AT, GENERATION, IMPLEMENT
from tests.console.stories import Word, edited, kept, like, said

OPENED = (like(observed.RepositoryObserved), like(gate.IssueOpened), edited())
APPROVED = (*OPENED, like(gate.IssueApproved))
ASKED = (*APPROVED, like(work.ImplementationRequested))
ENDED = (*ASKED, like(draft.RunFinished), like(work.RunEnded))
PUSHED = (*ENDED, like(gate.PullRequestOpened))
OPEN = (content.GateInput(name="review", value="pass", cause="passed"),)
READY = (*PUSHED, like(gate.PullRequestEvaluated, open=True, inputs=OPEN))
PARK = like(work.IssueParked)
LATER = AT + timedelta(hours=8)


def queue(**changes: object) -> work.QueueChanged:
    waits = content.Waiting(issue=7, kind=content.RunKind.IMPLEMENTATION, place=2)
    return like(
        work.QueueChanged, at=AT + timedelta(minutes=1),
        waiting=(waits.model_copy(update=changes),),
    )  # fmt: skip


def asked(*messages: Message) -> Session:
    return kept(*said(*messages))


def line(*messages: Message) -> IssueLine:
    with asked(*messages) as session:
        return Asked(session).issue(7).issue


PLACES: dict[str, tuple[tuple[Message, ...], Group, IssueState]] = {
    "nobody put it forward": (
        (edited(labels=()),), "untouched", IssueState.PROPOSED),
    "somebody put it forward by the policy's label": (
        (like(observed.RepositoryObserved), edited(labels=("Proposed",))), "you",
        IssueState.PROPOSED),
    "proposed": (OPENED, "you", IssueState.PROPOSED),
    "approved": (APPROVED, "queue", IssueState.APPROVED),
    "in the queue": ((*APPROVED, queue()), "queue", IssueState.QUEUED),
    "held until a time": (
        (*APPROVED, queue(why="20 runs in 24 hours", until=LATER)), "rests", IssueState.PARKED),
    "held until a person acts": (
        (*APPROVED, queue(why="5 pull requests wait", next="merge or close one")), "you",
        IssueState.PARKED),
    "held by others that run": (
        (*APPROVED, queue(why="2 runs at one time")), "queue", IssueState.QUEUED),
    "at work": (ASKED, "runs", IssueState.WORKING),
    "cancelled": (
        (*ASKED, like(work.RunCancelled)), "queue", IssueState.APPROVED),
    "one holder of two cancelled": (
        (*ASKED, like(work.RunCancelled, holder="dev-agent:2")), "runs", IssueState.WORKING),
    "cancelled and dispatched again": (
        (*ASKED, like(work.RunCancelled), like(work.ImplementationRequested, generation=GENERATION + 1)),
        "runs", IssueState.WORKING),
    "given to a person": ((*ENDED, PARK), "you", IssueState.NEEDS_PERSON),
    "resting until a time": (
        (*ENDED, like(work.IssueParked, until=LATER)), "rests", IssueState.PARKED),
    "woken by a person": (
        (*ENDED, PARK, like(gate.CommandAccepted, command="retry")), "queue", IssueState.APPROVED),
    "paused, and waiting in the queue after that": (
        (*ENDED, PARK, queue()), "queue", IssueState.QUEUED),
    "in review": (PUSHED, "rests", IssueState.IN_REVIEW),
    "ready": (READY, "you", IssueState.READY),
    "ready, then moved": (
        (*READY, like(gate.PullRequestUpdated, head="ab" * 20)), "rests", IssueState.IN_REVIEW),
    "taken over": (
        (*PUSHED, like(gate.PullRequestTakenOver)), "you", IssueState.TAKEN_OVER),
    "closed unmerged": (
        (*PUSHED, like(gate.PullRequestClosed, merged=False)), "you", IssueState.REVOKED),
    "merged": ((*READY, like(gate.PullRequestClosed)), "done", IssueState.MERGED),
    "revoked": ((*APPROVED, like(gate.IssueRevoked)), "you", IssueState.REVOKED),
    "revoked as it was heard first": (
        (like(gate.IssueRevoked), *APPROVED), "you", IssueState.REVOKED),
    "declined in words": (
        (*OPENED, like(gate.CommandAccepted, command="decline", arguments="no"),
         edited(state="closed", updated_at=LATER)), "done", IssueState.DECLINED),
    "stopped while at work": (
        (*ASKED, like(gate.FleetStopped)), "rests", IssueState.PARKED),
    "stopped while it waits for a person": (
        (*ENDED, PARK, like(gate.FleetStopped)), "you", IssueState.PARKED),
    "stopped and resumed": (
        (*ASKED, like(gate.FleetStopped), like(gate.FleetResumed)), "runs", IssueState.WORKING),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_each_issue_has_its_place(name: str) -> None:
    messages, group, state = PLACES[name]
    found = line(*messages)
    assert (found.group, found.state) == (group, state)
    assert found.why
    assert found.next


@pytest.mark.parametrize("name", PLACES)
def test_the_views_in_memory_say_the_same_as_the_store(name: str) -> None:
    messages, _, state = PLACES[name]
    views = Views()
    for word in said(*messages):
        views.take(word.message, word.at, word.id)
    assert views.shown(7).standing.state is state


def test_what_holds_it_in_the_queue_is_said() -> None:
    held = line(*APPROVED, queue(why="2 runs at one time"))
    assert (held.place, held.why) == (2, "2 runs at one time")
    capped = line(*APPROVED, queue(why="20 runs in 24 hours", until=LATER))
    assert capped.why == "20 runs in 24 hours"
    assert "17:30" in capped.next


def test_a_rest_that_was_said_after_the_queue_counts_and_one_before_does_not() -> None:
    before = said(*APPROVED, PARK)
    after = Word(queue(), before[-1].at + timedelta(hours=1), IMPLEMENT)
    late = Word(PARK, AT + timedelta(hours=2), IMPLEMENT)
    with kept(*before, after) as session:
        assert Asked(session).issue(7).issue.state is IssueState.QUEUED
    with kept(*said(*APPROVED, queue()), late) as session:
        assert Asked(session).issue(7).issue.state is IssueState.NEEDS_PERSON


def test_the_inbox_is_what_waits_for_a_person_oldest_first() -> None:
    other = edited(
        number=9, title="Second", labels=("proposed",), created_at=AT - timedelta(days=1)
    )
    with asked(*READY, other, edited(number=10, labels=())) as session:
        inbox = Asked(session).inbox()
    assert [(item.issue, item.ask) for item in inbox.items] == [(9, "approve"), (7, "merge")]
    assert inbox.items[1].next == "merge the pull request #8"
    assert inbox.items[1].pull_request == 8


def test_a_stop_is_one_thing_in_the_inbox_and_not_one_for_each_issue() -> None:
    with asked(*ASKED, like(gate.FleetStopped)) as session:
        (item,) = Asked(session).inbox().items
    assert (item.issue, item.ask) == (None, "resume")
    assert "gatefleet resume" in item.next


def test_a_broken_policy_and_an_unprotected_repository_wait_for_a_person() -> None:
    off = like(gate.RepositoryEvaluated, on=False, findings=(
        content.DoctorFinding(id="protection.none", text="`main` is not protected"),
    ))  # fmt: skip
    broken = like(observed.RepositoryObserved, policy_errors=("line 3: size: what",))
    with asked(*OPENED, broken, off) as session:
        titles = [item.why for item in Asked(session).inbox().items if item.issue is None]
        found = Asked(session).repository()
    assert titles == ["`main` is not protected", "line 3: size: what"]
    assert (found.on, found.policy_errors) == (False, ("line 3: size: what",))


def test_a_look_at_the_repository_is_shown_while_it_runs_and_after() -> None:
    look = like(work.ProposalsRequested)
    at = {"run": look.run, "kind": content.RunKind.PROPOSALS, "issue": None}
    with asked(look, like(draft.RunProgressed, **at, line="running ruff")) as session:
        runs = Asked(session).repository().look
    assert runs is not None
    assert (runs.runs, runs.line) == (True, "running ruff")
    over = like(work.RunEnded, **at, reason="nothing found")
    with asked(look, over) as session:
        ended = Asked(session).repository().look
    assert ended is not None
    assert (ended.runs, ended.line) == (False, "nothing found")


def test_closed_issues_are_listed_only_as_far_as_they_are_recent() -> None:
    closed = [
        edited(number=number, state="closed", updated_at=AT + timedelta(seconds=number))
        for number in range(100, 130)
    ]
    with asked(*OPENED, *closed) as session:
        assert len(Asked(session).status().issues) == 1 + 20
        assert len(Asked(session).status(everything=True).issues) == 1 + 30


def test_where_several_repositories_are_known_one_must_be_named() -> None:
    other = like(gate.IssueOpened, repo=OPENED[0].repo.model_copy(update={"id": "2", "name": "b"}))
    with asked(*OPENED, other) as session:
        with pytest.raises(Unanswerable) as wrong:
            Asked(session)
        assert wrong.value.status == 400
        assert "octo/b, octo/hello" in str(wrong.value)
        assert len(Asked(session, "octo/b").status(everything=True).issues) == 1
        assert Asked(session, "octo/hello").issue(7).issue.title == OPENED[1].title
