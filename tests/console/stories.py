"""The story of `octo/hello#7` as the console hears it, with the times and ids that ride beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from services.console.keeping import Heard, keep
from services.console.tables import MIGRATIONS
from shared.messages import Message, content, draft, gate, observed, work
from shared.messages.examples import (
    APPROVAL,
    AT,
    FLEET,
    GENERATION,
    IMPLEMENT,
    LOOK,
    MAINTAINER,
    REPO,
    REVIEW,
    REVISE,
    example,
)
from shared.store import migrate

M = TypeVar("M", bound=Message)
NEXT_HEAD = "ab12cd34" * 5
SECOND_REVIEW = uuid5(APPROVAL, "second review")


@dataclass(frozen=True)
class Word:
    """One message, as it was said."""

    message: Message
    at: datetime
    id: UUID

    def heard(self, sender: str = "somebody") -> Heard:
        """As the bus hands it over."""
        return Heard(0, self.id, self.at, sender, self.message.correlation(), self.message)


def like(kind: type[M], /, **changes: Any) -> M:
    """The example of a message, with other fields."""
    found = example(kind.topic)
    assert isinstance(found, kind)
    return found.model_copy(update=changes)


def said(*messages: Message, start: datetime = AT) -> tuple[Word, ...]:
    """Said one second after the other."""
    return tuple(
        Word(message, start + timedelta(seconds=place), uuid5(APPROVAL, f"{start} {place}"))
        for place, message in enumerate(messages)
    )


def edited(**changes: Any) -> observed.IssueObserved:
    """The issue as it stood at some time."""
    found = like(observed.IssueObserved)
    return found.model_copy(update={"issue": found.issue.model_copy(update=changes)})


def run_messages(
    request: work.WorkRequest, kind: content.RunKind, *, later_by: int
) -> tuple[Message, ...]:
    """A run from its request to its end."""
    about = {
        "run": request.run, "generation": GENERATION + later_by, "kind": kind, "issue": 7,
    }  # fmt: skip
    used = content.Usage(seconds=float(later_by), money_micros=1000 * later_by)
    return (
        request.model_copy(update={"generation": GENERATION + later_by}),
        like(draft.RunProgressed, **about, line=f"at work on {kind.value}"),
        like(draft.RunFinished, **about, usage=used),
        like(work.RunEnded, **about, usage=used),
    )


def to_merged() -> tuple[Word, ...]:
    """From a finding to a merge, with one round of changes, a rest and a stop on the way."""
    implement = like(work.ImplementationRequested, run=IMPLEMENT)
    first = like(work.ReviewRequested, run=REVIEW)
    second = like(work.ReviewRequested, run=SECOND_REVIEW, head=NEXT_HEAD, round=2)
    passed = {"verdict": content.Verdict.PASS, "findings": (), "head": NEXT_HEAD}
    gate_open = (content.GateInput(name="review", value="pass", cause="passed"),)
    return said(
        like(observed.RepositoryObserved),
        like(gate.RepositoryEvaluated),
        like(work.ProposalsRequested, run=LOOK),
        like(draft.IssuesProposed),
        like(gate.IssueOpened),
        edited(),
        like(gate.IssuePresented),
        edited(labels=("proposed", "approved"), updated_at=AT + timedelta(seconds=7)),
        like(gate.IssueApproved),
        like(work.QueueChanged, at=AT + timedelta(seconds=9), waiting=(
            content.Waiting(issue=7, kind=content.RunKind.IMPLEMENTATION, place=1),
        )),
        like(work.QueueChanged, at=AT + timedelta(seconds=10), waiting=()),
        *run_messages(implement, content.RunKind.IMPLEMENTATION, later_by=1),
        like(gate.PullRequestOpened),
        like(gate.FleetStopped),
        like(gate.FleetResumed),
        *run_messages(first, content.RunKind.REVIEW, later_by=2),
        like(gate.ReviewPosted, run=REVIEW),
        like(gate.PullRequestEvaluated),
        like(work.IssueParked),
        like(gate.CommandAccepted, command="resume"),
        *run_messages(
            like(work.RevisionRequested, run=REVISE), content.RunKind.REVISION, later_by=3
        ),
        like(gate.PullRequestUpdated, head=NEXT_HEAD),
        *run_messages(second, content.RunKind.REVIEW, later_by=4),
        like(gate.ReviewPosted, run=SECOND_REVIEW, **passed),
        like(gate.PullRequestEvaluated, head=NEXT_HEAD, open=True, inputs=gate_open),
        like(gate.PullRequestClosed),
        edited(state="closed", state_reason="completed", updated_at=AT + timedelta(hours=1)),
    )  # fmt: skip


def store() -> Engine:
    """An empty store in memory."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    migrate(engine, MIGRATIONS)
    return engine


def kept(*words: Word) -> Session:
    """A store that heard these, in this order; close it."""
    session = Session(store())
    for word in words:
        keep(session, word.heard())
    session.commit()
    return session


__all__ = ["FLEET", "MAINTAINER", "REPO", "Word", "edited", "kept", "like", "said", "to_merged"]
