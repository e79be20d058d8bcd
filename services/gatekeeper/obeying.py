"""What becomes of a command that somebody wrote: a pure decision.

Commands are for people who may write; they steer work that gate 1 has let in, and open nothing. One
that was written for another time (before the approval that lives, before a reopening, or a day ago)
is history: a gatekeeper that begins anew with an old repository must not obey it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.gatekeeper.roles import Role, is_writer
from services.gatekeeper.words import answers as say
from services.gatekeeper.words.answers import Counted
from shared.lifecycle import IssueState, Standing
from shared.messages.objects import Comment
from shared.snapshot import Gatefleet, NotACommand

STEERS = frozenset({"pause", "resume", "cancel", "retry"})
QUESTIONS = frozenset({"why", "status", "help"})
AGE = timedelta(days=1)
"""After so long nobody waits for an answer any more."""
FINISHED = frozenset({IssueState.MERGED, IssueState.TAKEN_OVER})


@dataclass(frozen=True)
class Asked:
    """A comment that commands, or nearly does, by a person."""

    comment: Comment
    command: Gatefleet | NotACommand
    edited: bool

    @property
    def word(self) -> str:
        """`pause`; empty for what is close to a command."""
        return self.command.command if isinstance(self.command, Gatefleet) else ""

    @property
    def arguments(self) -> str:
        """What follows the word."""
        return self.command.arguments if isinstance(self.command, Gatefleet) else ""


@dataclass(frozen=True)
class Subject:
    """What is known of the issue, and of the repository, when it is judged."""

    now: datetime
    open: bool
    standing: Standing
    counted: Counted
    approval: UUID | None = None
    """The one that lives."""
    approved_at: datetime | None = None
    reopened_at: datetime | None = None


@dataclass(frozen=True)
class Judged:
    """What came of it."""

    taken: bool
    answer: str
    next: str = ""
    shown: bool = True
    """False: people who may not write are answered nowhere but in the log."""


def judge(asked: Asked, role: Role, approve: frozenset[str], of: Subject) -> Judged | None:
    """The answer; None for history."""
    if _is_history(asked, of):
        return None
    if not is_writer(role, approve):
        who = asked.comment.author.login
        words = say.ROLE.format(who=who, role=role.name or "none")
        return Judged(False, words, shown=False)
    if isinstance(asked.command, NotACommand):
        return Judged(False, say.NOT_A_COMMAND, say.HELP_NEXT)
    if asked.edited:
        return Judged(False, say.EDITED, say.EDITED_NEXT)
    if asked.word in QUESTIONS:
        return _told(asked.word, of)
    if asked.word in STEERS:
        return _steered(asked.word, of)
    if asked.word == "answer":
        return Judged(False, say.NOTHING_ASKED, of.standing.next)
    if asked.word == "decline" and of.standing.state is IssueState.MERGED:
        return Judged(False, say.MERGED, of.standing.next)
    return _taken(asked.word, of)


def _is_history(asked: Asked, of: Subject) -> bool:
    written = asked.comment.updated_at if asked.edited else asked.comment.created_at
    if asked.word in STEERS and of.approved_at is not None:
        return written < of.approved_at
    if asked.word == "decline" and of.reopened_at is not None and written <= of.reopened_at:
        return True
    return of.now >= written + AGE


def _told(word: str, of: Subject) -> Judged:
    standing = of.standing
    if word == "why":
        return Judged(True, f"{standing.shown}: {standing.why}", standing.next)
    if word == "status":
        return Judged(True, of.counted.line(standing.shown), standing.next)
    return Judged(True, say.HELP)


def _steered(word: str, of: Subject) -> Judged:
    standing = of.standing
    if standing.state in FINISHED:
        return Judged(False, standing.why, standing.next)
    if not of.open:
        return Judged(False, say.CLOSED, standing.next)
    if of.approval is None:
        # Revoked says more than "nobody": it names what ended the approval.
        ended = standing.state is IssueState.REVOKED
        return Judged(False, standing.why if ended else say.NOT_APPROVED, standing.next)
    if word == "retry" and standing.state is IssueState.READY:
        return Judged(False, say.READY.format(why=standing.why), standing.next)
    return _taken(word, of)


def _taken(word: str, of: Subject) -> Judged:
    answer, after = say.STEERED[word]
    stopped = of.counted.stopped
    if stopped and word in ("resume", "retry", "propose"):
        answer, after = say.WHILE_STOPPED.format(answer=answer, why=stopped), of.standing.next
    return Judged(True, answer, after)
