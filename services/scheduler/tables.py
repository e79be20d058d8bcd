"""What the scheduler remembers. All of it is rebuilt from messages when it is lost."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.messages import Repo
from shared.messages.content import Cause, Snapshot, Usage, Waiting
from shared.store import Migrations, ModelType, UtcDateTime

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", "version_scheduler")


class Base(DeclarativeBase):
    """The scheduler's tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's way to say it
        datetime: UtcDateTime,
        Repo: ModelType(Repo),
        Snapshot: ModelType(Snapshot),
        Cause: ModelType(Cause),
        Usage: ModelType(Usage),
        tuple[str, ...]: ModelType(tuple[str, ...]),
        tuple[Waiting, ...]: ModelType(tuple[Waiting, ...]),
        dict[str, JsonValue]: ModelType(dict[str, JsonValue]),
        UUID: Uuid,
        str: Text,
    }


class Fleet(Base):
    """What holds for all repositories: one row, written at each start from the settings."""

    __tablename__ = "fleet"

    id: Mapped[int] = mapped_column(primary_key=True)
    concurrent_runs: Mapped[int]


class Repository(Base):
    """A repository that was observed, with its policy."""

    __tablename__ = "repositories"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    repo: Mapped[Repo]
    default_branch: Mapped[str]
    head_sha: Mapped[str]
    policy: Mapped[dict[str, JsonValue]]
    policy_digest: Mapped[str]
    protected: Mapped[bool | None]
    """The doctor's word: None until it has spoken, and then nothing is dispatched."""
    stopped: Mapped[str | None]
    """Why the kill switch is set; None when it is not."""
    last_slot: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    stop_at: Mapped[datetime | None]
    """When the kill switch was last seen, set or not, by the gatekeeper's clock."""
    examined_at: Mapped[datetime | None]
    """When the doctor last looked, by the gatekeeper's clock."""
    observed_at: Mapped[datetime | None]
    """When the repository was read as it stands here, by the ingest's clock."""
    queue: Mapped[tuple[Waiting, ...] | None]
    """What was last said to wait; None: nothing was said since the start."""


class Issue(Base):
    """An issue with an approval, live or ended."""

    __tablename__ = "issues"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    approval: Mapped[UUID]
    snapshot: Mapped[Snapshot]
    approved_at: Mapped[datetime]
    reserve_micros: Mapped[int] = mapped_column(BigInteger)
    labels: Mapped[tuple[str, ...]]
    phase: Mapped[str] = mapped_column(String(20))
    """`open` while there may be work, else `revoked`, `taken_over`, `merged`, `closed`."""
    rest: Mapped[str | None]
    """Why work on it rests (parked, paused, needs a person); None: it does not."""
    rest_until: Mapped[datetime | None]
    rest_words: Mapped[str]
    pull_request: Mapped[int | None]
    head: Mapped[str | None]
    base: Mapped[str | None]
    """The tip that `head` was published on."""
    round: Mapped[int]
    asks: Mapped[Cause | None]
    """What could not be met because the rounds were used up; `retry` takes it on."""
    extra_rounds: Mapped[int]
    """Rounds granted by `retry` on top of the policy's."""
    waits_since: Mapped[datetime | None]
    """Since when its pull request has waited for people to act on gate 2; None: it does not."""
    spent_micros: Mapped[int] = mapped_column(BigInteger)
    """Spent on this approval by runs that are not known here any more."""


class EndedApproval(Base):
    """An approval that has ended. What is heard of it later, in whatever order, changes nothing."""

    __tablename__ = "ended_approvals"

    approval: Mapped[UUID] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(String(20))


class SeenIssue(Base):
    """An issue as it was observed last, approved or not."""

    __tablename__ = "seen_issues"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    updated_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    labels: Mapped[tuple[str, ...]]


class Run(Base):
    """A run: what was wanted, who holds it, how it ended."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_state", "repo_id", "state"), Index("runs_issue", "issue"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    issue: Mapped[int | None]
    approval: Mapped[UUID | None]
    pull_request: Mapped[int | None]
    head: Mapped[str | None]
    tip: Mapped[str | None]
    round: Mapped[int]
    cause: Mapped[Cause | None]
    focus: Mapped[str]
    event: Mapped[dict[str, JsonValue] | None]
    state: Mapped[str] = mapped_column(String(20))
    """`wanted`, `sent` (no holder yet), `held`, `ended`."""
    wanted_at: Mapped[datetime]
    not_before: Mapped[datetime]
    generation: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int]
    sent_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_s: Mapped[float]
    holder: Mapped[str | None]
    reserved_micros: Mapped[int] = mapped_column(BigInteger)
    spent_micros: Mapped[int] = mapped_column(BigInteger)
    finished: Mapped[bool]
    """The agent said that it is done."""
    drafted: Mapped[bool]
    answered: Mapped[bool]
    """The gatekeeper said what became of its draft."""
    carried_out: Mapped[bool]
    end: Mapped[str]
    reason: Mapped[str]
    usage: Mapped[Usage | None]
    request: Mapped[str]
    """The last request as JSON, so that the same generation can be sent again as it was."""
    held: Mapped[str]
    """Why it is not sent before `not_before`, where nobody's issue rests for it."""
    finished_at: Mapped[datetime | None]
    """When its agent was heard to be done."""


class Early(Base):
    """What was heard of a run that is not known here yet: it may become known when the gatekeeper
    says again what it has approved."""

    __tablename__ = "early"

    run: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(200), primary_key=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    issue: Mapped[int]
    body: Mapped[str]
    heard_at: Mapped[datetime]
    """When the first of its kind was heard."""


class Dispatch(Base):
    """One generation of a run was sent. The caps of 24 hours count these."""

    __tablename__ = "dispatches"
    __table_args__ = (Index("dispatches_sent", "repo_id", "sent_at"),)

    run: Mapped[UUID] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    repo_id: Mapped[str] = mapped_column(String(100))
    issue: Mapped[int | None]
    sent_at: Mapped[datetime]


class Proposal(Base):
    """A proposal that stands on the forge, open or not."""

    __tablename__ = "proposals"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    proposal: Mapped[UUID] = mapped_column(primary_key=True)
    issue: Mapped[int]
    content: Mapped[str]
    open: Mapped[bool]


class Merged(Base):
    """An issue whose pull request was merged. What it mended and is found again has come back."""

    __tablename__ = "merged"

    repo_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    issue: Mapped[int] = mapped_column(primary_key=True)
    tip: Mapped[str]
    """Of the default branch when the merge was heard of; what is found there may be from before."""
