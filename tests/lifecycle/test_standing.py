"""The table of rows, each against every row below it, and what holds for all facts."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.lifecycle import (
    FINAL,
    LABELS,
    STATE_WORDS,
    STOPPED,
    Blocker,
    Grant,
    IssueFacts,
    IssueState,
    PullRequest,
    RunKind,
    Standing,
    explain,
    state,
)

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
APPROVED = IssueFacts(approval=Grant.LIVE)
OPENED = replace(APPROVED, pull_request=PullRequest.OPEN, pull_request_number=7)
TESTS = Blocker("tests", "the run on the merge failed")
PATHS = Blocker("paths", "Makefile is protected", "comment `/approve-paths 4f1c9a2e` on #7")

ROWS: list[tuple[str, IssueFacts, IssueState, bool]] = [
    ("merged", replace(OPENED, pull_request=PullRequest.MERGED), IssueState.MERGED, False),
    ("declined", IssueFacts(declined="not now"), IssueState.DECLINED, False),
    ("closed proposal", IssueFacts(open=False, by_fleet=True), IssueState.DECLINED, False),
    ("closed", IssueFacts(open=False), IssueState.CLOSED, False),
    ("closed at work", replace(OPENED, open=False), IssueState.CLOSED, False),
    (
        "taken over",
        replace(OPENED, pull_request=PullRequest.TAKEN_OVER),
        IssueState.TAKEN_OVER,
        True,
    ),
    ("revoked", replace(OPENED, approval=Grant.ENDED), IssueState.REVOKED, True),
    ("proposed", IssueFacts(by_fleet=True), IssueState.PROPOSED, True),
    ("put forward", IssueFacts(proposed=True), IssueState.PROPOSED, True),
    ("untouched", IssueFacts(), IssueState.PROPOSED, False),
    ("ready", replace(OPENED, gate_open=True), IssueState.READY, True),
    ("stopped", replace(APPROVED, stopped="maria: a bad day"), IssueState.PARKED, True),
    ("reviewing", replace(OPENED, run=RunKind.REVIEW, round=1), IssueState.IN_REVIEW, False),
    ("working", replace(APPROVED, run=RunKind.IMPLEMENTATION), IssueState.WORKING, False),
    ("revising", replace(OPENED, run=RunKind.REVISION, round=1), IssueState.WORKING, False),
    ("given", replace(APPROVED, needs_person="3 tries failed"), IssueState.NEEDS_PERSON, True),
    (
        "rounds used up",
        replace(OPENED, changes_wanted=True, round=3),
        IssueState.NEEDS_PERSON,
        True,
    ),
    ("paths", replace(OPENED, blocked_by=(PATHS,)), IssueState.NEEDS_PERSON, True),
    ("parked", replace(APPROVED, parked="the day's budget is spent"), IssueState.PARKED, True),
    (
        "parked until",
        replace(APPROVED, parked="20 runs today", parked_until=NOON),
        IssueState.PARKED,
        False,
    ),
    ("judged", replace(OPENED, blocked_by=(TESTS, PATHS)), IssueState.IN_REVIEW, False),
    ("changes", replace(OPENED, changes_wanted=True, round=2), IssueState.IN_REVIEW, False),
    ("unjudged", OPENED, IssueState.IN_REVIEW, False),
    ("queued", replace(APPROVED, queue_position=3), IssueState.QUEUED, False),
    ("approved", APPROVED, IssueState.APPROVED, False),
]


@pytest.mark.parametrize(
    ("facts", "found", "person"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_each_row_of_the_table(facts: IssueFacts, found: IssueState, person: bool) -> None:
    standing = explain(facts)

    assert (standing.state, standing.waits_for_person) == (found, person)
    assert state(facts) is found


# What makes a row true, laid over the facts of any row below it, wins.
OVERLAYS = [
    ({"pull_request": PullRequest.MERGED}, IssueState.MERGED),
    ({"declined": "no"}, IssueState.DECLINED),
    ({"open": False, "approval": Grant.LIVE}, IssueState.CLOSED),
    ({"pull_request": PullRequest.TAKEN_OVER}, IssueState.TAKEN_OVER),
    ({"approval": Grant.ENDED}, IssueState.REVOKED),
    ({"approval": Grant.NONE}, IssueState.PROPOSED),
    (
        {"pull_request": PullRequest.OPEN, "gate_open": True, "blocked_by": (),
         "changes_wanted": False, "run": None},
        IssueState.READY,
    ),
    ({"stopped": "x", "gate_open": False}, IssueState.PARKED),
    ({"run": RunKind.REVIEW, "gate_open": False}, IssueState.IN_REVIEW),
    ({"run": RunKind.REVISION}, IssueState.WORKING),
    ({"needs_person": "x", "gate_open": False}, IssueState.NEEDS_PERSON),
    ({"parked": "x"}, IssueState.PARKED),
    ({"pull_request": PullRequest.OPEN}, IssueState.IN_REVIEW),
    ({"queue_position": 1}, IssueState.QUEUED),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(OVERLAYS)), ids=lambda n: OVERLAYS[n][1].value)
def test_a_row_outranks_every_row_below_it(place: int) -> None:
    overlay, found = OVERLAYS[place]
    below = [replace(APPROVED, **facts) for facts, _ in OVERLAYS[place + 1 :]]  # type: ignore[arg-type]  # fields by name

    assert [state(replace(facts, **overlay)) for facts in [*below, APPROVED]] == [found] * (  # type: ignore[arg-type]  # fields by name
        len(below) + 1
    )


text = st.text(max_size=12) | st.sampled_from(["a\nb", "{why}", "  "])
blockers = st.builds(Blocker, name=text, cause=text, person_words=text)
anything = st.builds(
    IssueFacts,
    open=st.booleans(),
    by_fleet=st.booleans(),
    proposed=st.booleans(),
    declined=st.none() | st.none() | text,
    approval=st.sampled_from(Grant),
    approval_ended=text,
    run=st.none() | st.sampled_from(RunKind),
    queue_position=st.none() | st.integers(-1, 5),
    round=st.integers(0, 5),
    rounds=st.integers(0, 5),
    changes_wanted=st.booleans(),
    pull_request=st.sampled_from(PullRequest),
    pull_request_number=st.none() | st.integers(1, 9),
    gate_open=st.booleans(),
    blocked_by=st.lists(blockers, max_size=2).map(tuple),
    parked=st.none() | text,
    parked_until=st.none() | st.datetimes() | st.just(NOON),
    parked_words=text,
    needs_person=st.none() | text,
    needs_person_words=text,
    stopped=st.none() | text,
)


@given(anything)
def test_every_set_of_facts_has_one_line_of_why_and_one_of_next(facts: IssueFacts) -> None:
    standing = explain(facts)

    assert standing.why
    assert standing.next
    assert len(f"{standing.why}{standing.next}{standing.shown}".splitlines()) == 1
    assert standing == explain(facts)


@given(anything)
def test_every_stopped_state_names_words_that_continue_it(facts: IssueFacts) -> None:
    # With no words of their own: whoever gives words answers for them.
    plain = replace(
        facts,
        parked_words="",
        needs_person_words="",
        blocked_by=tuple(replace(one, person_words="") for one in facts.blocked_by),
    )

    standing = explain(plain)

    if standing.state in STOPPED or standing.waits_for_person:
        assert "`/" in standing.next or "`gatefleet" in standing.next or "merge" in standing.next


@given(anything)
def test_whoever_needs_a_person_waits_for_one(facts: IssueFacts) -> None:
    standing = explain(facts)

    if standing.state in {IssueState.NEEDS_PERSON, IssueState.READY, IssueState.TAKEN_OVER}:
        assert standing.waits_for_person
    if standing.state in {IssueState.WORKING, IssueState.QUEUED, IssueState.MERGED}:
        assert not standing.waits_for_person


@given(anything, anything)
def test_nothing_that_arrives_late_revives_what_ended(ended: IssueFacts, late: IssueFacts) -> None:
    merged = replace(late, pull_request=PullRequest.MERGED)
    closed = replace(late, open=False)

    assert state(merged) is IssueState.MERGED
    assert state(closed) in FINAL
    assert (state(ended) in FINAL) == (
        not ended.open or ended.declined is not None or ended.pull_request is PullRequest.MERGED
    )


@given(anything)
def test_nothing_is_at_work_without_a_live_approval(facts: IssueFacts) -> None:
    at_work = {
        IssueState.APPROVED, IssueState.QUEUED, IssueState.WORKING,
        IssueState.IN_REVIEW, IssueState.READY, IssueState.PARKED,
    }  # fmt: skip

    if state(facts) in at_work:
        assert facts.approval is Grant.LIVE


@given(anything)
def test_ready_is_only_an_open_gate_on_an_open_pull_request(facts: IssueFacts) -> None:
    if state(facts) is IssueState.READY:
        assert facts.pull_request is PullRequest.OPEN
        assert facts.gate_open
        assert not facts.blocked_by
        assert not facts.changes_wanted


@given(anything, anything)
def test_the_label_follows_from_the_state_alone(one: IssueFacts, other: IssueFacts) -> None:
    first, second = explain(one), explain(other)

    assert first.label == LABELS.get(first.state)
    if first.state is second.state:
        assert first.label == second.label


def test_every_state_has_words_and_a_label_or_none() -> None:
    assert set(STATE_WORDS) == set(IssueState)
    assert {found for _, _, found, _ in ROWS} == set(IssueState)
    assert set(LABELS.values()) == {
        "gatefleet:working", "gatefleet:review", "gatefleet:ready", "gatefleet:needs-you",
    }  # fmt: skip


def test_the_words_carry_what_is_known() -> None:
    place = replace(OPENED, changes_wanted=True, round=2, queue_position=4)
    until = replace(APPROVED, parked="20 runs today", parked_until=NOON)

    assert explain(place) == Standing(
        state=IssueState.IN_REVIEW,
        round=2,
        why="changes are wanted (round 2 of 3)",
        next="waits for an agent to make the changes (place 4 in the queue)",
        waits_for_person=False,
    )
    assert explain(place).shown == "in review (round 2)"
    assert explain(replace(OPENED, blocked_by=(PATHS,))).next == PATHS.person_words
    assert explain(replace(OPENED, blocked_by=(TESTS, PATHS))).why == (
        "gate 2 waits for tests (the run on the merge failed), paths (Makefile is protected)"
    )
    assert explain(until).next == (
        "goes on by itself at 2030-01-01 12:00 UTC; sooner: comment `/gatefleet resume` on the issue"
    )
    assert (
        explain(replace(APPROVED, stopped="maria: {x}")).why == "the fleet is stopped: maria: {x}"
    )
    assert explain(replace(OPENED, gate_open=True)).next == "merge the pull request #7"


def test_the_life_of_an_issue_in_order() -> None:
    proposed = IssueFacts(by_fleet=True, proposed=True)
    approved = replace(proposed, approval=Grant.LIVE)
    queued = replace(approved, queue_position=1)
    working = replace(approved, run=RunKind.IMPLEMENTATION)
    opened = replace(approved, pull_request=PullRequest.OPEN)
    reviewed = replace(opened, run=RunKind.REVIEW, round=1)
    wanted = replace(opened, round=1, changes_wanted=True)
    revised = replace(wanted, run=RunKind.REVISION)
    ready = replace(opened, round=2, gate_open=True)
    merged = replace(ready, pull_request=PullRequest.MERGED, open=False, approval=Grant.ENDED)
    story = [proposed, approved, queued, working, opened, reviewed, wanted, revised, ready, merged]

    told = [state(facts).value for facts in story]

    assert told == [
        "proposed", "approved", "queued", "working", "in_review", "in_review", "in_review",
        "working", "ready", "merged",
    ]  # fmt: skip
    assert all(one != other for one, other in pairwise(explain(facts) for facts in story))
