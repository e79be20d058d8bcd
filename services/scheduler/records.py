"""Reading and making rows: what every handler needs, in one place."""

import json
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.scheduler.tables import EndedApproval, Issue, Repository, Run, SeenIssue
from shared.errors import TryLater
from shared.messages import Repo
from shared.messages.content import Cause, RunKind
from shared.policy import Policy, load
from shared.store import Handling

LIVE = ("sent", "held")
WAITING = ("wanted", *LIVE)
STRENGTH = ("open", "replaced", "taken_over", "revoked", "closed", "merged")
"""Phases, the stronger last: whatever the order in which ends are heard, the strongest stays."""

NOT_YET = "{repo}#{number}: {what} has not been heard of yet"


def repository(session: Session, repo: Repo) -> Repository | None:
    """The repository's row; None before it was observed."""
    return session.get(Repository, repo.id)


def named(session: Session, repo: Repo) -> Repository | None:
    """The repository that an event is about: by its id, and where none is given by `owner/name`.

    Who says a custom event may not know the forge's id. Names are compared as forges compare them,
    without case; of several that had the name one after the other, the one observed last is meant.
    """
    if repo.id:
        return repository(session, repo)
    name = str(repo).casefold()
    known = [row for row in session.scalars(select(Repository)) if str(row.repo).casefold() == name]
    return max(known, key=lambda row: (row.seen_at, row.id), default=None)


def met(at: Handling, repo: Repo) -> Repository:
    """The repository's row, made when it is missing: its protection or a stop may be heard first."""
    row = repository(at.session, repo)
    if row is None:
        row = Repository(
            id=repo.id, repo=repo, default_branch="", head_sha="", policy={}, policy_digest="",
            protected=None, stopped=None, last_slot=None, seen_at=at.now, stop_at=None,
            examined_at=None, observed_at=None,
            queue=None,
        )  # fmt: skip
        at.session.add(row)
        at.session.flush()
    return row


def policy_of(row: Repository) -> Policy:
    """The policy that was observed last, typed."""
    return _typed(json.dumps(row.policy, sort_keys=True))


@lru_cache(maxsize=64)
def _typed(policy: str) -> Policy:
    """Asked several times a second; typing it costs more than all the rest of a tick."""
    return load(json.loads(policy))


def issue(session: Session, repo: Repo, number: int) -> Issue | None:
    """The issue's row; None when it was never approved."""
    return session.get(Issue, (repo.id, number))


def by_approval(session: Session, repo: Repo, number: int, approval: UUID) -> Issue | None:
    """The issue's row, only while this approval is its latest."""
    found = issue(session, repo, number)
    return found if found is not None and found.approval == approval else None


def seen(session: Session, repo_id: str, number: int) -> SeenIssue | None:
    """The issue as it was observed last; None when it never was."""
    return session.get(SeenIssue, (repo_id, number))


def ended(session: Session, approval: UUID) -> str | None:
    """The phase that an approval has ended in; None while nothing is known of its end."""
    row = session.get(EndedApproval, approval)
    return row.phase if row is not None else None


def end_approval(session: Session, approval: UUID, phase: str) -> str:
    """Remember that it has ended, even if it was never heard of; returns its phase from now on."""
    row = session.get(EndedApproval, approval)
    if row is None:
        row = EndedApproval(approval=approval, phase=phase)
        session.add(row)
    row.phase = max(row.phase, phase, key=STRENGTH.index)
    session.flush()
    return row.phase


def is_current(at: Handling, repo: Repo, row: Issue, head: str) -> bool:
    """Whether `head` is what stands on the branch. TryLater when it is not known here yet."""
    if row.head == head:
        return True
    if row.phase != "open" or superseded(at.session, row, head):
        return False
    raise not_yet(repo, row.number, f"the head {head[:12]}")


def superseded(session: Session, row: Issue, head: str) -> bool:
    """Whether a revision of `head` was published: another head stands there since."""
    query = select(Run.id).where(
        Run.repo_id == row.repo_id, Run.issue == row.number, Run.head == head,
        Run.kind == RunKind.REVISION.value, Run.carried_out,
    )  # fmt: skip
    return session.scalar(query.limit(1)) is not None


def not_yet(repo: Repo, number: int, what: str) -> TryLater:
    """What was heard rests on something that comes by another queue: it is heard again later."""
    return TryLater(NOT_YET.format(repo=repo, number=number, what=what))


def waiting_runs(session: Session, repo_id: str, number: int) -> list[Run]:
    """Runs of an issue that are wanted and not dispatched."""
    query = select(Run).where(
        Run.repo_id == repo_id, Run.issue == number, Run.state == "wanted"
    ).order_by(Run.wanted_at, Run.id)  # fmt: skip
    return list(session.scalars(query))


def judged(session: Session, row: Issue) -> bool:
    """Whether anybody was asked to judge the present head."""
    query = select(Run.id).where(
        Run.repo_id == row.repo_id, Run.issue == row.number, Run.head == row.head,
        Run.kind == RunKind.REVIEW.value,
    )  # fmt: skip
    return session.scalar(query.limit(1)) is not None


def adopted_revision(session: Session, row: Issue) -> Run | None:
    """A revision of the present head that was dispatched in an earlier life, and is not over."""
    query = select(Run).where(
        Run.repo_id == row.repo_id, Run.issue == row.number, Run.head == row.head,
        Run.kind == RunKind.REVISION.value, Run.state.in_(WAITING), Run.request == "",
        Run.generation > 0,
    )  # fmt: skip
    return session.scalars(query.limit(1)).first()


def failed_at_head(session: Session, row: Issue) -> Run | None:
    """The last review or revision of the present head, if it ended without its draft carried out."""
    query = select(Run).where(
        Run.repo_id == row.repo_id, Run.issue == row.number, Run.head == row.head
    ).order_by(Run.generation.desc(), Run.carried_out, Run.wanted_at.desc())  # fmt: skip
    last = session.scalars(query.limit(1)).first()
    return last if last is not None and last.state == "ended" and not last.carried_out else None


def live_runs(session: Session, repo_id: str, number: int | None = None) -> list[Run]:
    """Runs that were dispatched and have not ended; of one issue if it is named."""
    query = select(Run).where(Run.repo_id == repo_id, Run.state.in_(LIVE))
    if number is not None:
        query = query.where(Run.issue == number)
    return list(session.scalars(query.order_by(Run.wanted_at, Run.id)))


@dataclass(frozen=True)
class Wanted:
    """A run that something asks for; its id is computed, so asked twice is asked once."""

    run: UUID
    kind: RunKind
    issue: Issue | None = None
    tip: str | None = None
    cause: Cause | None = None
    focus: str = ""
    event: dict[str, JsonValue] | None = None


def want(at: Handling, repo_id: str, wanted: Wanted) -> Run | None:
    """Make the row of a wanted run; None when it is known already."""
    known = at.session.get(Run, wanted.run)
    if known is not None:
        if not known.request:  # one of an earlier life is known without what asked for it
            known.cause = wanted.cause or known.cause
        return None
    issue = wanted.issue
    made = Run(
        id=wanted.run, repo_id=repo_id, kind=wanted.kind.value,
        issue=issue.number if issue else None, approval=issue.approval if issue else None,
        pull_request=issue.pull_request if issue else None, head=issue.head if issue else None,
        tip=wanted.tip, round=issue.round if issue else 0, cause=wanted.cause, focus=wanted.focus,
        event=wanted.event, state="wanted", wanted_at=at.now, not_before=at.now, generation=0,
        tries=0, sent_at=None, lease_until=None, lease_s=0.0, holder=None, reserved_micros=0,
        spent_micros=0, finished=False, drafted=False, answered=False, carried_out=False, end="",
        reason="", usage=None, request="", held="", finished_at=None,
    )  # fmt: skip
    at.session.add(made)
    at.session.flush()
    return made
