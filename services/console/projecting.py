"""Which records a message is about, and how each takes it. Pure: records come and go by a port."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from services.console.folds import issue, pull, repository, run
from services.console.folds.said import Said
from services.console.records import (
    AnswerRecord,
    IssueRecord,
    ProposalRecord,
    PullRecord,
    Record,
    RepositoryRecord,
    RunRecord,
)
from shared.messages import Message
from shared.messages import draft as d
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages import work as w
from shared.messages.custom import CustomEvent

VERSION = 2
"""Of the folds and the records. A change of either needs the next number: the views are then made
anew from the log at the next start."""

T = TypeVar("T", bound=Record)
Fold = Callable[[Any, Said, Any], Record]


class Records(Protocol):
    """The records of one repository."""

    def get(self, kind: type[T], key: str) -> T | None:
        """What is kept of a subject; None: nothing yet."""
        ...

    def put(self, key: str, record: Record) -> None:
        """Keep it from now on."""
        ...


FOLDS: dict[type[Record], dict[type[Message], Fold]] = {
    IssueRecord: {
        o.IssueObserved: issue.observed,
        g.IssueOpened: issue.opened,
        g.IssuePresented: issue.presented,
        g.IssueApproved: issue.approved,
        g.IssueRevoked: issue.revoked,
        g.CommandAccepted: issue.commanded,
        g.PullRequestOpened: issue.pushed,
        g.PullRequestUpdated: issue.pushed,
        w.IssueParked: issue.parked,
    },
    PullRecord: {
        o.PullRequestObserved: pull.observed,
        g.PullRequestOpened: pull.pushed,
        g.PullRequestUpdated: pull.pushed,
        g.ReviewPosted: pull.reviewed,
        g.RevisionWanted: pull.wanted,
        g.PullRequestEvaluated: pull.judged,
        g.PullRequestTakenOver: pull.taken_over,
        g.PullRequestClosed: pull.closed,
    },
    RunRecord: {
        w.ProposalsRequested: run.requested,
        w.ImplementationRequested: run.requested,
        w.RevisionRequested: run.requested,
        w.ReviewRequested: run.requested,
        w.RunEnded: run.ended,
        w.RunCancelled: run.cancelled,
        d.RunProgressed: run.progressed,
        d.RunFinished: run.finished,
        g.DraftRefused: run.refused,
    },
    RepositoryRecord: {
        o.RepositoryObserved: repository.ruled,
        g.RepositoryEvaluated: repository.examined,
        g.FleetStopped: repository.switched,
        g.FleetResumed: repository.switched,
        w.QueueChanged: repository.queued,
    },
    ProposalRecord: {d.IssuesProposed: repository.proposed, g.IssueOpened: repository.written},
    AnswerRecord: {w.EventAnswered: repository.answered},
}


def project(records: Records, message: Message, at: datetime, identity: UUID) -> None:
    """Fold one message into every record that it is about. Twice is once, and order is nothing."""
    said = Said(message, at, identity)
    _name(records, message)
    for kind, key in subjects(message):
        fold = FOLDS[kind].get(type(message))
        if fold is None:
            continue
        old = records.get(kind, key)
        new = fold(old or kind.empty(key), said, message)
        if new != old:
            records.put(key, new)


def subjects(message: Message) -> Iterator[tuple[type[Record], str]]:
    """The records that a message may be about."""
    yield RepositoryRecord, message.repo.id
    number = _number(message, "issue")
    if number is not None:
        yield IssueRecord, str(number)
    number = _number(message, "pull_request")
    if number is not None:
        yield PullRecord, str(number)
    identity = getattr(message, "run", None)
    if isinstance(identity, UUID):
        yield RunRecord, str(identity)
    if isinstance(message, d.IssuesProposed):
        for each in message.proposals:
            yield ProposalRecord, str(each.proposal)
    if isinstance(message, g.IssueOpened):
        yield ProposalRecord, str(message.proposal)
    if isinstance(message, w.EventAnswered):
        yield AnswerRecord, str(message.event)


def about(message: Message) -> int | None:
    """The issue or, where none is named, the pull request whose story this belongs to."""
    number = _number(message, "issue") or _number(message, "pull_request")
    if number is not None:
        return number
    if isinstance(message, o.CommentObserved):
        return message.comment.number
    if isinstance(message, o.ReviewObserved):
        return message.review.pull_request
    if isinstance(message, o.CheckObserved) and message.pull_requests:
        return message.pull_requests[0]
    return None


def _name(records: Records, message: Message) -> None:
    """A repository is known from the first word of the fleet on anything in it.

    Events come from anyone, and may name one that is not there, or give no id: neither they nor the
    answers to them make it known.
    """
    if isinstance(message, CustomEvent | w.EventAnswered):
        return
    key = message.repo.id
    old = records.get(RepositoryRecord, key) or RepositoryRecord.empty(key)
    name = max(old.name, str(message.repo))  # any rule that does not depend on the order
    if name != old.name:
        records.put(key, old.after(name=name))


def _number(message: Message, field: str) -> int | None:
    value = getattr(message, field, None)
    return value if isinstance(value, int) else getattr(value, "number", None)
