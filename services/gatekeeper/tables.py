"""What the gatekeeper remembers. The ledger only grows; the rest is memory of the repository."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.messages import Repo
from shared.messages.content import (
    Approver,
    Cause,
    DoctorFinding,
    GateInput,
    Snapshot,
    TestsReport,
)
from shared.store import Migrations, ModelType, UtcDateTime

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_gatekeeper")


class Base(DeclarativeBase):
    """The gatekeeper's tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's way to say it
        datetime: UtcDateTime,
        Repo: ModelType(Repo),
        Snapshot: ModelType(Snapshot),
        Approver: ModelType(Approver),
        TestsReport: ModelType(TestsReport),
        Cause: ModelType(Cause),
        tuple[GateInput, ...]: ModelType(tuple[GateInput, ...]),
        tuple[DoctorFinding, ...]: ModelType(tuple[DoctorFinding, ...]),
        tuple[str, ...]: ModelType(tuple[str, ...]),
        dict[str, JsonValue]: ModelType(dict[str, JsonValue]),
        UUID: Uuid,
        str: Text,
    }


class Repository(Base):
    """A repository as the doctor and its last good policy know it."""

    __tablename__ = "repositories"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    repo: Mapped[Repo]
    policy: Mapped[dict[str, JsonValue]]
    protected: Mapped[bool | None]
    findings: Mapped[tuple[DoctorFinding, ...]]
    stopped: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    """When what stands here was observed: an older sight changes nothing."""
    policy_errors: Mapped[tuple[str, ...]]
    """Why the newest policy file could not be taken; empty: it was."""


class Entry(Base):
    """One line of the ledger: a decision with its inputs, chained to the one before (I-43)."""

    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    repo_id: Mapped[str] = mapped_column(String(100))
    issue: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(40))
    record: Mapped[dict[str, JsonValue]]
    hash: Mapped[str] = mapped_column(String(64))


class Approval(Base):
    """An approval that the ledger holds, live until it has an end."""

    __tablename__ = "approvals"
    __table_args__ = (Index("approvals_issue", "repo_id", "issue"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    issue: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[Snapshot]
    approver: Mapped[Approver]
    expires_at: Mapped[datetime]
    ended: Mapped[str | None]
    """Why it ended; None while it lives."""


class Issue(Base):
    """What was written on an issue, so that it is not written twice."""

    __tablename__ = "issues"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    presented: Mapped[str | None]
    presented_at: Mapped[datetime | None]
    comment: Mapped[int | None] = mapped_column(BigInteger)
    comment_text: Mapped[str]
    shown_text: Mapped[str]
    """The section that shows what an agent would read; empty: it need not be shown."""
    notice: Mapped[str]
    """The last thing that people were told about a label or a draft."""
    title: Mapped[str]
    seen: Mapped[str]
    """Digest of the issue as it was observed last, and the state labels it carried."""
    closed: Mapped[bool]
    """As it was read last."""
    declined: Mapped[str | None]
    """Why a writer declined it; a reopening ends that."""
    label: Mapped[str | None]
    """The state label as it was last put there; None: none, or not known."""
    rest: Mapped[str | None]
    rest_words: Mapped[str]
    rest_until: Mapped[datetime | None]
    runs: Mapped[int]
    """Runs that were dispatched for it, those before the memory began included."""
    spent_micros: Mapped[int] = mapped_column(BigInteger)


class Proposal(Base):
    """A proposal that stands on the forge; a declined one stays here, closed."""

    __tablename__ = "proposals"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    issue: Mapped[int]
    content: Mapped[str]
    text_digest: Mapped[str]
    """Of the fleet's own words, without comments: what counts as written by a writer."""
    open: Mapped[bool]


UNSEEN = ""
"""The kind of a run whose cancellation was heard before its request."""


class Run(Base):
    """A run the scheduler dispatched, with the highest generation that was seen."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_issue", "repo_id", "issue"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    issue: Mapped[int | None]
    approval: Mapped[UUID | None]
    generation: Mapped[int] = mapped_column(BigInteger)
    base: Mapped[str]
    """The tip at dispatch; for a review the tip that it was asked to judge the head on."""
    head: Mapped[str | None]
    round: Mapped[int]
    policy_digest: Mapped[str]
    quota: Mapped[int]
    live: Mapped[bool]
    cancelled: Mapped[int] = mapped_column(BigInteger)
    """The highest generation that was cancelled; 0: none. Ended is not cancelled: a draft may
    come after the agent's last word."""
    carried_out: Mapped[int | None] = mapped_column(BigInteger)
    """The generation whose draft was carried out: one draft a run."""


class Draft(Base):
    """A draft as it came, until it was answered."""

    __tablename__ = "drafts"

    run: Mapped[UUID] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    topic: Mapped[str]
    body: Mapped[str]
    received_at: Mapped[datetime]


class Pull(Base):
    """A pull request of ours."""

    __tablename__ = "pulls"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    issue: Mapped[int]
    approval: Mapped[UUID]
    branch: Mapped[str]
    base: Mapped[str]
    """The commit of the default branch that the work began on."""
    head: Mapped[str]
    """The last head that we pushed."""
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    """`open`, `merged` or `closed`."""
    taken_over: Mapped[bool]
    inputs: Mapped[tuple[GateInput, ...]]
    judged: Mapped[str | None]
    """Head and tip that `inputs` were judged on."""
    asked: Mapped[str | None]
    """The SHA for which a person was last asked for a review."""


class Commit(Base):
    """A commit that we made."""

    __tablename__ = "commits"

    sha: Mapped[str] = mapped_column(String(40), primary_key=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    approval: Mapped[UUID]
    run: Mapped[UUID]


class Review(Base):
    """QA's verdict with all that it binds to (I-22)."""

    __tablename__ = "reviews"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    pull: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[UUID]
    verdict: Mapped[str] = mapped_column(String(20))
    head: Mapped[str]
    tip: Mapped[str]
    policy_digest: Mapped[str]
    approval: Mapped[UUID]
    tests: Mapped[TestsReport]


class Heard(Base):
    """What was said once and is not said again: commands, causes of revisions, takeovers."""

    __tablename__ = "heard"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    what: Mapped[str] = mapped_column(String(300), primary_key=True)
    at: Mapped[datetime]


class Said(Base):
    """What was said last of each thing, so that it can be said again to whoever came later."""

    __tablename__ = "said"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    issue: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(300), unique=True)
    topic: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime]
