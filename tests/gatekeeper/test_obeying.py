"""What becomes of a command: a table over who wrote it, when, and where the issue stands."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.gatekeeper.obeying import AGE, Asked, Judged, Subject, judge
from services.gatekeeper.roles import WRITERS, Role
from services.gatekeeper.words import answers as say
from services.gatekeeper.words.answers import Counted, answer_notice
from shared.lifecycle import Grant, IssueFacts, PullRequest, RunKind, explain
from shared.messages.objects import Actor, Comment
from shared.snapshot import Gatefleet, NotACommand, parse
from tests.gatekeeper.issues import at

WROTE = at(100)
LIVE = IssueFacts(approval=Grant.LIVE, run=RunKind.IMPLEMENTATION)
ANN = Actor(id=7, login="ann", kind="User")
WORDS = (
    "pause", "resume", "cancel", "retry", "propose", "decline", "why", "status", "help", "answer x"
)  # fmt: skip
STEERING = ("pause", "resume", "cancel", "retry")


def asked(words: str, *, edited: bool = False) -> Asked:
    command = parse(f"/gatefleet {words}")
    assert isinstance(command, Gatefleet | NotACommand)
    comment = Comment(
        id=5, number=7, author=ANN, body=f"/gatefleet {words}",
        created_at=WROTE, updated_at=WROTE,
    )  # fmt: skip
    return Asked(comment, command, edited)


def subject(facts: IssueFacts = LIVE, *, stopped: str | None = None) -> Subject:
    is_live = facts.approval is Grant.LIVE
    return Subject(
        now=WROTE + timedelta(seconds=1), open=facts.open, standing=explain(facts),
        counted=Counted(approved=2, running=1, open=1, stopped=stopped),
        approval=UUID(int=1) if is_live else None, approved_at=at(50) if is_live else None,
    )  # fmt: skip


def judged(words: str, of: Subject, role: str = "write") -> Judged | None:
    return judge(asked(words), Role(role), WRITERS, of)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("role", ["", "none", "read", "triage", "custom"])
def test_i02_nobody_commands_who_may_not_write_and_only_the_log_tells(
    words: str, role: str
) -> None:
    found = judged(words, subject(), role)
    assert found is not None
    assert (found.taken, found.shown) == (False, False)
    assert "ann has the role" in found.answer


@pytest.mark.parametrize("role", sorted(WRITERS))
@pytest.mark.parametrize("words", [words for words in WORDS if words != "answer x"])
def test_a_writer_commands(words: str, role: str) -> None:
    found = judged(words, subject(), role)
    assert found is not None
    assert (found.taken, found.shown) == (True, True)


@pytest.mark.parametrize("words", STEERING)
@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (IssueFacts(), say.NOT_APPROVED),
        (IssueFacts(open=False), say.CLOSED),
        (IssueFacts(open=False, approval=Grant.ENDED), say.CLOSED),
        (IssueFacts(approval=Grant.ENDED, approval_ended="it was edited"), "it was edited"),
        (IssueFacts(approval=Grant.LIVE, pull_request=PullRequest.TAKEN_OVER), "not the fleet's"),
        (IssueFacts(open=False, approval=Grant.ENDED, pull_request=PullRequest.MERGED), "merged"),
    ],
)
def test_what_cannot_be_steered_says_why_and_what_continues(
    words: str, facts: IssueFacts, why: str
) -> None:
    found = judged(words, subject(facts))
    assert found is not None
    assert not found.taken
    assert why in found.answer
    assert found.next == explain(facts).next


def test_a_retry_of_what_is_ready_asks_for_the_merge_instead() -> None:
    ready = IssueFacts(
        approval=Grant.LIVE, pull_request=PullRequest.OPEN, pull_request_number=9, gate_open=True
    )
    found = judged("retry", subject(ready))
    assert found == Judged(
        False, say.READY.format(why=explain(ready).why), "merge the pull request #9"
    )


@pytest.mark.parametrize("words", ["resume", "retry", "propose"])
def test_under_the_kill_switch_it_says_what_has_to_go_first(words: str) -> None:
    stopped = replace(LIVE, run=None, stopped="lunch")
    found = judged(words, subject(stopped, stopped="lunch"))
    assert found is not None
    assert found.taken
    assert "the fleet is stopped: lunch" in found.answer
    assert "gatefleet resume" in found.next


@pytest.mark.parametrize("words", STEERING)
def test_a_command_for_an_earlier_approval_is_history(words: str) -> None:
    of = replace(subject(), approved_at=WROTE + timedelta(seconds=1))
    assert judged(words, of) is None


@pytest.mark.parametrize("words", ["propose", "decline", "why", "status", "help", "nonsense"])
def test_what_is_a_day_old_is_history(words: str) -> None:
    assert judged(words, replace(subject(), now=WROTE + AGE)) is None
    assert judged(words, replace(subject(), now=WROTE + AGE - timedelta(seconds=1))) is not None


@pytest.mark.parametrize("words", STEERING)
def test_what_steers_the_approval_that_lives_holds_however_old(words: str) -> None:
    found = judged(words, replace(subject(), now=WROTE + 30 * AGE))
    assert found is not None
    assert found.taken


def test_a_decline_before_a_reopening_is_history() -> None:
    closed = IssueFacts(open=False)
    assert judged("decline no", replace(subject(closed), reopened_at=WROTE)) is None
    before = replace(subject(closed), reopened_at=WROTE - timedelta(seconds=1))
    assert judged("decline no", before) is not None


def test_what_was_edited_or_misspelt_is_answered_and_not_obeyed() -> None:
    edited = judge(asked("pause", edited=True), Role("write"), WRITERS, subject())
    assert edited == Judged(False, say.EDITED, say.EDITED_NEXT)
    assert judged("pasue", subject()) == Judged(False, say.NOT_A_COMMAND, say.HELP_NEXT)


def test_why_is_the_line_that_people_read_everywhere() -> None:
    standing = explain(LIVE)
    assert judged("why", subject()) == Judged(
        True, f"{standing.shown}: {standing.why}", standing.next
    )


def test_status_counts() -> None:
    found = judged("status", subject())
    assert found is not None
    assert found.answer.startswith("the fleet works here; 2 approved and not done, 1 with an agent")
    stopped = judged("status", subject(stopped="lunch"))
    assert stopped is not None
    assert stopped.answer.startswith("the fleet is stopped: lunch; ")


def test_the_answer_on_the_issue_acts_on_nothing() -> None:
    line = answer_notice(
        what="/gatefleet pasue `@all`", who="ann", taken=False, answer="no", next_words="do it"
    )
    assert line == "`/gatefleet pasue '@all'` by ann was not taken: no. Next: do it."
