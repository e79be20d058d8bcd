"""What was said is kept, and said again at every start and from time to time: whoever came later, or
lost what they had, learns it then. Ids come from content, so everybody else hears nothing new."""

import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.rows import issue_row, pull_of_approval
from services.gatekeeper.tables import Repository, Review, Run, Said
from shared.jobs import Job, JobContext, Outcome
from shared.messages import Message, read
from shared.messages.content import KnownRun, RunKind, SoFar
from shared.messages.gate import (
    ChangePushed,
    FleetResumed,
    FleetStopped,
    IssueApproved,
    IssueOpened,
    IssueRevoked,
    PullRequestClosed,
    PullRequestTakenOver,
    RepositoryEvaluated,
    ReviewPosted,
    ReviewWanted,
    RevisionWanted,
)
from shared.store import Handling

ENDS_KEPT = timedelta(days=30)
"""How long it is said again that an approval ended."""
OF_A_HEAD = ("verdict", "revision", "review")

Work = Callable[[Any, JobContext], Awaitable[Outcome[Any]]]
T = TypeVar("T", bound=Message | Job)


def kept(work: Work) -> Work:
    """The same job; what it says is kept in the transaction that says it."""

    @functools.wraps(work)
    async def carried_out(job: Any, at: JobContext) -> Outcome[Any]:
        async def commit(outcome: Callable[[Handling], Sequence[Any]]) -> None:
            await at.commit(lambda handling: keep(handling, outcome(handling)))

        outcome = await work(job, replace(at, commit=commit))
        return lambda handling: keep(handling, outcome(handling))

    return carried_out


def keep(at: Handling, said: Sequence[T]) -> Sequence[T]:
    """Keep what can be restated; the end of an approval replaces all that was said under it."""
    for each in said:
        if isinstance(each, IssueRevoked | PullRequestClosed):
            gone = (Said.repo_id == each.repo.id) & (Said.issue == each.issue)
            opened = Said.topic == IssueOpened.topic
            at.session.execute(delete(Said).where(gone & ~opened))
        if isinstance(each, ChangePushed):  # what was said of the head before it is over
            of_pull = [f"{each.repo.id}:{what}:{each.pull_request}:" for what in OF_A_HEAD]
            where = or_(*(Said.key.startswith(key, autoescape=True) for key in of_pull))
            at.session.execute(delete(Said).where(where))
        if isinstance(each, Message) and (key := _key(each)):
            at.session.execute(delete(Said).where(Said.key == key))
            at.session.add(Said(
                repo_id=each.repo.id, issue=getattr(each, "issue", None), key=key,
                topic=each.topic, body=each.model_dump_json(), at=at.now,
            ))  # fmt: skip
            at.session.flush()
    return said


def restate(at: Handling) -> list[Message]:
    """Everything that holds, in the order in which it was said."""
    ends = Said.topic.in_((IssueRevoked.topic, PullRequestClosed.topic))
    at.session.execute(delete(Said).where(ends, Said.at < at.now - ENDS_KEPT))
    rows = list(at.session.scalars(select(Said).order_by(Said.seq)))
    return [_with_work(at.session, read(row.topic, row.body.encode())) for row in rows]


def so_far(session: Session, approved: IssueApproved) -> SoFar | None:
    """What is known of the work under an approval; None where nothing had begun."""
    row = issue_row(session, approved.repo.id, approved.issue)
    pull = pull_of_approval(session, approved.repo.id, approved.approval)
    found = SoFar(
        runs=row.runs, spent_micros=row.spent_micros,
        pull_request=pull.number if pull is not None and pull.state == "open" else None,
        taken_over=pull is not None and pull.taken_over,
        rest=row.rest or "", rest_words=row.rest_words if row.rest else "",
        rest_until=row.rest_until if row.rest else None, known=_known(session, approved),
    )  # fmt: skip
    return found if found != SoFar() else None


def _known(session: Session, approved: IssueApproved) -> tuple[KnownRun, ...]:
    """The runs under an approval, oldest first. A verdict that was taken over names its head."""
    runs = session.scalars(
        select(Run).where(Run.approval == approved.approval, Run.kind.in_(list(RunKind)))
        .order_by(Run.generation, Run.id)
    ).all()  # fmt: skip
    verdicts = {
        row.run: row
        for row in session.scalars(select(Review).where(Review.approval == approved.approval))
    }
    return tuple(
        KnownRun(
            run=run.id, kind=RunKind(run.kind), generation=run.generation, round=run.round,
            head=verdicts[run.id].head if run.id in verdicts else run.head,
            tip=verdicts[run.id].tip if run.id in verdicts else run.base or None,
            live=run.live, carried_out=run.carried_out is not None,
        )
        for run in runs
    )  # fmt: skip


def _with_work(session: Session, message: Message) -> Message:
    if isinstance(message, RepositoryEvaluated):
        row = session.get(Repository, message.repo.id)
        return message.model_copy(update={"stopped": row.stopped if row is not None else None})
    if not isinstance(message, IssueApproved):
        return message
    if ledger.live(session, message.repo.id, message.issue) is None:
        return message
    return message.model_copy(update={"so_far": so_far(session, message)})


def _key(message: Message) -> str | None:
    """What a later message of the same key takes the place of; None: it is not said again."""
    at = message.repo.id
    match message:
        case RepositoryEvaluated():
            return f"{at}:doctor"
        case FleetStopped() | FleetResumed():
            return f"{at}:stop"
        case IssueOpened(proposal=proposal):
            return f"{at}:opened:{proposal}"
        case IssueApproved(approval=approval):
            return f"{at}:approved:{approval}"
        case IssueRevoked(approval=approval) | PullRequestClosed(approval=approval):
            return f"{at}:ended:{approval}"
        case ChangePushed(approval=approval):
            return f"{at}:pushed:{approval}"
        case ReviewPosted(pull_request=number):
            return f"{at}:verdict:{number}:"
        case RevisionWanted(pull_request=number, cause=cause):
            return f"{at}:revision:{number}:{cause.kind}"
        case ReviewWanted(pull_request=number):
            return f"{at}:review:{number}:"
        case PullRequestTakenOver(pull_request=number):
            return f"{at}:taken:{number}"
    return None
