"""What goes, what waits and why: the pure decision, by tables (I-20)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.scheduler.caps import Begun, Blocked, over
from services.scheduler.ranking import Candidate, Held, Old, Places, Room, decide
from shared.messages.content import RunKind
from shared.policy import load
from tests.scheduler.story import START

DAY = timedelta(days=1)
FREE = Room(runs=Places(9, 9), fleet=Places(9, 9), pull_requests=Places(9, 9))
PAUSED = Held("maintainer paused it", "comment `/gatefleet resume`")
RUNS = "2 of 2 runs of this repository are under way (limits.concurrent_runs)"
FLEET = "6 of 6 runs of the whole fleet are under way (GATEFLEET_SCHEDULER_CONCURRENT_RUNS)"
PULLS = "5 of 5 pull requests are open (limits.open_pull_requests)"
OLD = "pull request #108 has waited for people since 2030-01-07 (limits.pull_request_wait)"
BUSY = "another run of this issue is under way"
POLICY = load({"limits": {"runs_per_issue_per_day": 2, "runs_per_day": 5}})


def wanted(
    number: int | None, kind: RunKind = RunKind.IMPLEMENTATION, held: Held | None = None
) -> Candidate:
    """A run that is wanted, of the middle priority."""
    at = START + timedelta(minutes=number or 0)
    return Candidate(UUID(int=number or 0), kind, number, 2, at, at, held)


def said(room: Room, *candidates: Candidate) -> list[tuple[int | None, str]]:
    """Which issue, and what holds it."""
    return [
        (each.candidate.issue, each.held.why if each.held else "goes")
        for each in decide(candidates, room)
    ]


@pytest.mark.parametrize(
    ("room", "candidates", "expected"),
    [
        (FREE, [wanted(1), wanted(2)], [(1, "goes"), (2, "goes")]),
        (replace(FREE, runs=Places(2, 1)), [wanted(1), wanted(2)], [(1, "goes"), (2, RUNS)]),
        (replace(FREE, runs=Places(2, -1)), [wanted(1)], [(1, RUNS)]),
        (replace(FREE, fleet=Places(6, 1)), [wanted(1), wanted(2)], [(1, "goes"), (2, FLEET)]),
        (replace(FREE, fleet=Places(6, 0)), [wanted(None, RunKind.PROPOSALS)], [(None, FLEET)]),
        (
            replace(FREE, pull_requests=Places(5, 1)),
            [wanted(1), wanted(2), wanted(3, RunKind.REVIEW)],
            [(3, "goes"), (1, "goes"), (2, PULLS)],
        ),
        (
            replace(FREE, old=Old(108, START)),
            [wanted(1), wanted(2, RunKind.REVISION), wanted(None, RunKind.PROPOSALS)],
            [(2, "goes"), (None, "goes"), (1, OLD)],
        ),
        (replace(FREE, busy=frozenset({1})), [wanted(1), wanted(2)], [(1, BUSY), (2, "goes")]),
        (
            FREE,
            [wanted(1, RunKind.REVIEW), wanted(1, RunKind.REVISION)],
            [(1, "goes"), (1, BUSY)],
        ),
        # what rests takes nobody's place, and comes after those that only wait for their turn
        (
            replace(FREE, runs=Places(2, 1)),
            [wanted(1, held=PAUSED), wanted(2), wanted(3)],
            [(2, "goes"), (3, RUNS), (1, PAUSED.why)],
        ),
    ],
)
def test_i20_what_holds_a_run(
    room: Room, candidates: list[Candidate], expected: list[tuple[int | None, str]]
) -> None:
    assert said(room, *candidates) == expected


def test_i20_whatever_is_held_but_by_those_before_it_names_what_continues_it() -> None:
    rooms = [replace(FREE, pull_requests=Places(1, 0)), replace(FREE, old=Old(108, START))]
    helds = [each.held for room in rooms for each in decide([wanted(1)], room)]
    assert all(held is not None and held.words and not held.turn for held in helds)


def test_i20_what_waits_for_its_turn_waits_for_no_person() -> None:
    full = Places(1, 0)
    rooms = [
        replace(FREE, runs=full), replace(FREE, fleet=full),
        replace(FREE, busy=frozenset({1})),
    ]  # fmt: skip
    helds = [each.held for room in rooms for each in decide([wanted(1)], room)]
    assert all(held is not None and held.turn and not held.words for held in helds)


@pytest.mark.parametrize(
    ("repository", "issue", "expected"),
    [
        (Begun(4, START), Begun(1, START), None),
        (Begun(0, None), None, None),
        (
            Begun(4, START), Begun(2, START),
            Blocked("2 runs in 24 hours: the limit of one issue (limits.runs_per_issue_per_day)",
                    START + DAY),
        ),
        (
            Begun(5, START), Begun(9, START + DAY),
            Blocked("5 runs in 24 hours: the limit of this repository (limits.runs_per_day)",
                    START + DAY),
        ),
    ],
)  # fmt: skip
def test_i20_caps_of_a_day_say_when_they_pass(
    repository: Begun, issue: Begun | None, expected: Blocked | None
) -> None:
    assert over(POLICY, of_repository=repository, of_issue=issue) == expected
