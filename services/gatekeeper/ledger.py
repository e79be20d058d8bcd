"""The ledger: every decision with its inputs, in the transaction that makes it, hash-chained."""

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gatekeeper.approving import Approve
from services.gatekeeper.chain import START, link, verify
from services.gatekeeper.facts import Record
from services.gatekeeper.tables import Approval, Entry
from shared.messages.content import Reason


def write(
    session: Session, kind: str, record: dict[str, JsonValue], *, repo_id: str,
    issue: int | None, at: datetime,
) -> None:  # fmt: skip
    """Append one decision."""
    last = session.scalar(select(Entry.hash).order_by(Entry.seq.desc()).limit(1))
    full: dict[str, JsonValue] = {
        "kind": kind, "repo": repo_id, "issue": issue, "at": at.isoformat(), **record
    }  # fmt: skip
    session.add(Entry(
        at=at, repo_id=repo_id, issue=issue, kind=kind, record=full,
        hash=link(last or START, full),
    ))  # fmt: skip
    session.flush()


def broken_at(session: Session) -> int | None:
    """Sequence number of the first entry that does not follow from those before; None: all do."""
    rows = list(session.scalars(select(Entry).order_by(Entry.seq)))
    position = verify((row.hash, row.record) for row in rows)
    return None if position is None else rows[position].seq


def grant(session: Session, repo_id: str, issue: int, approved: Approve, at: datetime) -> bool:
    """Record an approval; False when it is there already, ended or not."""
    if session.get(Approval, approved.approval) is not None:
        return False
    session.add(Approval(
        id=approved.approval, repo_id=repo_id, issue=issue, digest=approved.digest,
        snapshot=approved.snapshot, approver=approved.approver, expires_at=approved.expires_at,
        ended=None,
    ))  # fmt: skip
    record: dict[str, JsonValue] = {
        "approval": str(approved.approval),
        "digest": approved.digest,
        "raw_digest": approved.snapshot.raw_digest,
        "sanitiser": approved.snapshot.sanitiser,
        "approver": approved.approver.model_dump(mode="json"),
        "expires_at": approved.expires_at.isoformat(),
    }
    write(session, "approve", record, repo_id=repo_id, issue=issue, at=at)
    return True


def end(session: Session, approval: UUID, reason: Reason, at: datetime) -> bool:
    """End an approval; False when it has ended already or is not known."""
    row = session.get(Approval, approval)
    if row is None or row.ended is not None:
        return False
    row.ended = reason.name
    record: dict[str, JsonValue] = {"approval": str(approval), "reason": reason.model_dump()}
    write(session, "end", record, repo_id=row.repo_id, issue=row.issue, at=at)
    return True


def live(session: Session, repo_id: str, issue: int) -> Record | None:
    """The live approval of an issue."""
    row = session.scalar(
        select(Approval).where(
            Approval.repo_id == repo_id, Approval.issue == issue, Approval.ended.is_(None)
        )
    )
    if row is None:
        return None
    return Record(row.id, row.digest, row.snapshot, row.approver, row.expires_at)


def ended_sources(session: Session, repo_id: str, issue: int) -> frozenset[str]:
    """Labels and comments whose approvals ended: they never grant again."""
    rows = session.scalars(
        select(Approval).where(
            Approval.repo_id == repo_id, Approval.issue == issue, Approval.ended.is_not(None)
        )
    )
    return frozenset(row.approver.source for row in rows)


def live_approvals(session: Session, repo_id: str) -> frozenset[UUID]:
    """All approvals of a repository that live."""
    query = select(Approval.id).where(Approval.repo_id == repo_id, Approval.ended.is_(None))
    return frozenset(session.scalars(query))
