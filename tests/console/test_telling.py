"""A story is told as people would: who did what; nothing twice, and nothing that is none of theirs."""

import pytest

from services.console.shapes import LogLine
from services.console.telling import Teller
from services.console.told.line import duration, money
from shared.messages import content, draft, gate, observed, work
from shared.messages.examples import examples
from shared.messages.objects import Actor
from tests.console.stories import Word, edited, like, said, to_merged

QUIET = {
    "draft.change.proposed.v1", "draft.review.proposed.v1", "observed.push.v1",
    "observed.pull_request.v1", "work.queue.changed.v1", "observed.issue.v1",
    "observed.repository.v1", "work.run.ended.v1",
}  # fmt: skip
"""Told by what came of them, or only where they are news."""


def tell(*words: Word) -> list[LogLine]:
    teller = Teller()
    lines = (teller.tell(word.heard()) for word in words)
    return [line for line in lines if line is not None]


@pytest.mark.parametrize("topic", sorted(set(examples()) - QUIET))
def test_every_message_that_people_should_know_of_has_a_line(topic: str) -> None:
    message = examples()[topic]
    if isinstance(message, gate.CommandAnswered):
        message = message.model_copy(update={"taken": False})
    (line,) = tell(*said(message))
    assert line.who
    assert line.what
    assert "\n" not in line.what
    assert "{" not in line.what


@pytest.mark.parametrize("topic", sorted(QUIET))
def test_what_is_told_by_what_came_of_it_has_none(topic: str) -> None:
    assert tell(*said(examples()[topic])) == []


def test_the_story_of_an_issue_reads_from_its_proposal_to_its_merge() -> None:
    told = [f"{line.who}: {line.what}" for line in tell(*to_merged()) if line.tone != "quiet"]
    assert told == [
        "scheduler: asks pm-agent what could be better: error messages",
        "pm-agent: proposes 1 issue(s)",
        "gatekeeper: wrote the proposal to the forge: Mend unused imports (F401) in `hello/greet.py`",
        "gatekeeper: shows what an agent would read: 96 characters, digest c3c3c3c3c3c3c3c3",
        "maintainer: approves the text c3c3c3c3c3c3c3c3 (as maintain)",
        "scheduler: asks dev-agent to implement it",
        "dev-agent: is done: ran ruff check; ruff format (1.0 s, $0.0010)",
        "gatekeeper: opened pull request #8: 1 file(s), 1 line(s)",
        "gatekeeper: stopped: issue #9 carries the label gatefleet:stop",
        "gatekeeper: goes on: no open issue carries the label gatefleet:stop",
        "scheduler: asks qa-agent to review 9f2c4e719f2c",
        "qa-agent: is done: ran ruff check; ruff format (2.0 s, $0.0020)",
        "qa-agent: review asks for changes: F401 `os` imported but unused",
        "scheduler: rests: three rounds did not satisfy the review; comment `/gatefleet retry`",
        "maintainer: says /gatefleet resume",
        "scheduler: asks dev-agent for round 2: F401 `os` imported but unused",
        "dev-agent: is done: ran ruff check; ruff format (3.0 s, $0.0030)",
        "gatekeeper: pushed round 2 to pull request #8: 1 file(s), 1 line(s)",
        "scheduler: asks qa-agent to review ab12cd34ab12",
        "qa-agent: is done: ran ruff check; ruff format (4.0 s, $0.0040)",
        "qa-agent: review passed: 12 passed in 1.5 s",
        "gatekeeper: gate 2 is open: a person may merge pull request #8",
        "maintainer: merged pull request #8 as c0ffee42c0ff",
    ]


def test_what_an_agent_says_again_is_no_news() -> None:
    line = like(draft.RunProgressed)
    assert len(tell(*said(line, line, line.model_copy(update={"line": "nearly done"})))) == 2


def test_a_request_that_is_sent_again_is_told_once_and_another_try_is_told() -> None:
    request = like(work.ImplementationRequested)
    again = request.model_copy(update={"generation": request.generation + 1})
    assert [line.what for line in tell(*said(request, request, again))] == [
        "asks dev-agent to implement it", "asks dev-agent to implement it (again: another try)",
    ]  # fmt: skip


def test_what_people_do_on_the_forge_is_told_and_the_fleets_own_marks_are_not() -> None:
    person = Actor(id=1, login="ada", kind="User")
    comment = like(observed.CommentObserved)
    theirs = comment.comment.model_copy(update={"author": person, "body": "Looks good\nmore"})
    ours = theirs.model_copy(
        update={"id": 5, "author": Actor(id=2, login="gatefleet[bot]", kind="Bot")}
    )
    told = tell(*said(
        edited(author=person), edited(author=person, labels=("x",)),
        edited(author=person, title="Another title"),
        edited(author=person, title="Another title", state="closed", state_reason="not_planned"),
        comment.model_copy(update={"comment": theirs}),
        comment.model_copy(update={"comment": theirs.model_copy(update={"body": "No"})}),
        comment.model_copy(update={"comment": theirs.model_copy(update={"deleted": True})}),
        comment.model_copy(update={"comment": ours}),
    ))  # fmt: skip
    assert [f"{line.who}: {line.what}" for line in told] == [
        "ada: wrote the issue: Mend unused imports (F401) in `hello/greet.py`",
        "forge: the title is now: Another title",
        "forge: the issue was closed (not planned)",
        "ada: commented: Looks good", "ada: edited a comment: No", "ada: deleted a comment",
    ]  # fmt: skip


def test_a_run_that_its_agent_did_not_end_is_told_by_the_scheduler() -> None:
    lost = like(work.RunEnded, end=content.RunEnd.TIMED_OUT, reason="its agent is silent")
    assert [line.what for line in tell(*said(lost))] == [
        "ends dev-agent's run, timed out: its agent is silent"
    ]
    own = like(draft.RunFinished, end=content.RunEnd.TIMED_OUT, reason="45 minutes are over")
    assert [line.who for line in tell(*said(own, lost))] == ["dev-agent"]


def test_a_long_word_is_cut_to_a_line_that_can_be_read() -> None:
    reason = content.Reason(name="scope", text="x" * 4000)
    (line,) = tell(*said(like(gate.DraftRefused, reasons=(reason,))))
    assert len(line.what) == 300


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (42.4, "42 s"), (61, "1 min"), (7500, "2 h 5 min")],
)
def test_times_are_told_in_few_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("micros", "words"), [(0, "$0.00"), (1_500, "$0.0015"), (10_000, "$0.01"), (2_345_678, "$2.35")]
)
def test_money_has_as_many_places_as_it_needs(micros: int, words: str) -> None:
    assert money(micros) == words
