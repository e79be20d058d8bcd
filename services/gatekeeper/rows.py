"""Rows that several jobs read or make."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gatekeeper.tables import Approval, Commit, Issue, Pull, Review, Run


def issue_row(session: Session, repo_id: str, number: int) -> Issue:
    """The issue's row, made when it is missing."""
    row = session.get(Issue, (repo_id, number))
    if row is None:
        row = Issue(
            repo_id=repo_id, number=number, presented=None, presented_at=None, comment=None,
            comment_text="", shown_text="", notice="", title="", seen="", closed=False, declined=None,
            label=None, rest=None, rest_words="", rest_until=None, runs=0, spent_micros=0,
        )  # fmt: skip
        session.add(row)
        session.flush()
    return row


def pull_of_approval(session: Session, repo_id: str, approval: UUID) -> Pull | None:
    """The pull request of an approval: one at most."""
    return session.scalar(select(Pull).where(Pull.repo_id == repo_id, Pull.approval == approval))


def latest_pull(session: Session, repo_id: str, issue: int) -> Pull | None:
    """The newest pull request of an issue."""
    query = select(Pull).where(Pull.repo_id == repo_id, Pull.issue == issue)
    return session.scalar(query.order_by(Pull.number.desc()).limit(1))


def latest_approval(session: Session, repo_id: str, issue: int) -> Approval | None:
    """The approval that lives, else the one that was given last."""
    query = select(Approval).where(Approval.repo_id == repo_id, Approval.issue == issue)
    rows = sorted(session.scalars(query), key=lambda row: (row.ended is None, row.approver.at))
    return rows[-1] if rows else None


def our_commits(session: Session, repo_id: str) -> frozenset[str]:
    """Every commit that we made."""
    return frozenset(session.scalars(select(Commit.sha).where(Commit.repo_id == repo_id)))


def review_of(session: Session, repo_id: str, pull: int) -> Review | None:
    """QA's last verdict on a pull request."""
    return session.get(Review, (repo_id, pull))


def live_run(session: Session, repo_id: str, issue: int) -> Run | None:
    """The run that lives for an issue: one at most."""
    query = select(Run).where(Run.repo_id == repo_id, Run.issue == issue, Run.live.is_(True))
    return session.scalar(query.order_by(Run.generation.desc()).limit(1))
