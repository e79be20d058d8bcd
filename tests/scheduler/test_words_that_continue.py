"""I-20: every rest of the scheduler names words, and saying them to it changes where the issue stands.

Each way to a rest is walked on a desk; the words are read with the parser that reads comments, and what
they command is heard by the same desk.
"""

import ast
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import services.scheduler
from shared.messages.content import RunEnd, Usage, Verdict
from shared.messages.work import IssueParked, ReviewRequested, WorkRequest
from shared.snapshot import Gatefleet, parse
from tests.scheduler.desk import Desk, only
from tests.scheduler.story import (
    START,
    approved,
    command,
    finished,
    observed,
    opened,
    progressed,
    refused,
    reviewed,
)

HOUR = timedelta(hours=1)
GENEROUS = {
    "limits": {"runs_per_issue_per_day": 90, "runs_per_day": 90},
    "budget": {"run": 1, "issue": 50, "day": 90},
}  # fmt: skip


def begun(desk: Desk) -> WorkRequest:
    """Issue 7 with an agent at it."""
    request = only(desk.hear(approved(7)), WorkRequest)
    desk.hear(progressed(request))
    return request


def ends(end: RunEnd) -> Callable[[Desk], None]:
    return lambda desk: _told(desk, begun(desk), end)


def _told(desk: Desk, request: WorkRequest, end: RunEnd) -> None:
    until = START + HOUR if end is RunEnd.PARKED else None
    desk.hear(finished(request, end, until=until))


def again_and_again(desk: Desk) -> None:
    request = begun(desk)
    for _ in range(3):
        said = desk.hear(finished(request, RunEnd.INTERRUPTED))
        requests = [each for each in said if isinstance(each, WorkRequest)]
        if requests:
            request = requests[0]
            desk.hear(progressed(request))


def silent(desk: Desk) -> None:
    request: WorkRequest | None = begun(desk)
    while request is not None:
        said = desk.tick(timedelta(days=1))
        requests = [each for each in said if isinstance(each, WorkRequest)]
        request = requests[0] if requests else None
        if request is not None:
            desk.hear(progressed(request))


def refusal(name: str) -> Callable[[Desk], None]:
    def way(desk: Desk) -> None:
        request = begun(desk)
        desk.hear(finished(request), refused(request, name))

    return way


def judged(desk: Desk, verdict: Verdict) -> None:
    """Its pull request was opened and reviewed."""
    desk.hear(finished(begun(desk)))
    review = only(desk.hear(opened(7)), ReviewRequested)
    desk.hear(progressed(review, "qa-agent:1"), finished(review, holder="qa-agent:1"))
    desk.hear(reviewed(7, verdict=verdict))


def rounds_used(desk: Desk) -> None:
    desk.hear(observed({"review": {"rounds": 1}}))
    judged(desk, Verdict.CHANGES)


def failed_review(desk: Desk) -> None:
    judged(desk, Verdict.FAIL)


def capped(desk: Desk) -> None:
    desk.hear(observed({"limits": {"runs_per_issue_per_day": 1}}))
    desk.hear(finished(begun(desk)), opened(7))


def out_of_money(desk: Desk) -> None:
    desk.hear(observed({"budget": {"run": 1, "issue": 1, "day": 5}}))
    request = begun(desk)
    desk.hear(finished(request, usage=Usage(money_micros=1_000_000)), opened(7))


def told(word: str) -> Callable[[Desk], None]:
    def way(desk: Desk) -> None:
        begun(desk)
        desk.hear(command(7, word))

    return way


WAYS: dict[str, tuple[str, Callable[[Desk], None]]] = {
    "paused": ("obey", told("pause")),
    "cancelled": ("obey", told("cancel")),
    "nothing to change": ("_next_after", ends(RunEnd.NOTHING_TO_CHANGE)),
    "declined by the agent": ("_next_after", ends(RunEnd.DECLINED)),
    "out of budget": ("_next_after", ends(RunEnd.OUT_OF_BUDGET)),
    "parked until a time": ("_next_after", ends(RunEnd.PARKED)),
    "tried as often as may be": ("_next_after", again_and_again),
    "silent beyond its leases": ("give_up_or_again", silent),
    "out of scope": ("note_refusal", refusal("out_of_scope")),
    "unknown run": ("note_refusal", refusal("unknown_run")),
    "not asked for": ("note_refusal", refusal("not_asked")),
    "not protected": ("note_refusal", refusal("protection")),
    "rounds used up": ("_revise", rounds_used),
    "failed review": ("_after_verdict", failed_review),
    "runs of a day": ("_hold", capped),
    "money of the issue": ("_hold", out_of_money),
}


@pytest.mark.parametrize("cause", WAYS)
def test_i20_the_words_of_every_rest_go_on_with_it(desk: Desk, cause: str) -> None:
    WAYS[cause][1](desk)
    row = desk.issue(7)
    assert row.rest, "this way leads to no rest any more"
    spans = re.findall("`([^`]+)`", row.rest_words)
    said = [found for span in spans if isinstance(found := parse(span), Gatefleet)]
    assert said, row.rest_words
    if ".gatefleet.yml" in row.rest_words:
        desk.hear(observed(GENEROUS))

    heard = desk.hear(command(7, said[0].command, id="comment:90"))

    assert desk.issue(7).rest is None
    assert [each for each in heard if isinstance(each, WorkRequest)], (row.rest, heard)


@pytest.mark.parametrize("cause", WAYS)
def test_i20_a_rest_is_said_once_in_one_line_with_its_words(desk: Desk, cause: str) -> None:
    WAYS[cause][1](desk)
    row = desk.issue(7)
    before = desk.rows()
    said = desk.tick()
    assert [each for each in said if isinstance(each, IssueParked)] == []
    assert desk.rows() == before
    assert row.rest is not None
    assert len(row.rest.splitlines()) == 1


def test_i20_every_place_that_lets_work_rest_has_its_way_here() -> None:
    """A new one without a way would be a stop of which nobody showed that it can be left."""
    folder = Path(services.scheduler.__file__).parent
    places = {
        function.name
        for path in folder.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "rest"
    }
    assert places == {place for place, _ in WAYS.values()}
