"""Registers: the latest word on one thing, with the stamp by which "latest" is decided."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from shared.messages.content import (
    DoctorFinding,
    GateInput,
    RunEnd,
    Usage,
    Verdict,
    Waiting,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stamp(NamedTuple):
    """By what one word on a subject is later than another. Equal stamps are the same message."""

    rank: tuple[int, ...]
    id: str
    """The message's: where nothing else tells two apart, any order of hearing gives one answer."""


def micros(at: datetime) -> int:
    """A time as whole microseconds."""
    return (at - _EPOCH) // timedelta(microseconds=1)


class Kept(BaseModel):
    """Common to all that is kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Register(Kept):
    """The latest word on one thing."""

    stamp: Stamp


R = TypeVar("R", bound=Register)


def later(old: R | None, new: R) -> R:
    """The one that counts."""
    return new if old is None or new.stamp > old.stamp else old


def merged(old: Mapping[str, R], key: str, new: R) -> Mapping[str, R]:
    """The same for one of many registers."""
    return {**old, key: later(old.get(key), new)}


class Seen(Register):
    """The forge's own object: ranked by the time of its last change, then by when it was seen."""

    title: str
    open: bool
    author: str
    labels: tuple[str, ...] = ()
    reason: str | None = None
    """Why it was closed, as the forge says it."""
    created_at: datetime
    draft: bool = False
    merged: bool = False


class Approved(Register):
    """An approval, ranked by its own time."""

    approval: UUID
    by: str
    digest: str
    at: datetime
    expires_at: datetime
    reserve_micros: int = 0
    spent_micros: int = 0
    """What was spent under it before the console heard of it."""


class Worded(Register):
    """Something that was said at a time, in words."""

    text: str = ""
    at: datetime


class Opened(Worded):
    """A proposal was written to the forge; the text is its title."""

    proposal: UUID


class Rested(Register):
    """Work on an issue rests."""

    why: str
    next: str
    until: datetime | None
    at: datetime


class Presented(Register):
    """The text that an agent would read was shown."""

    digest: str
    characters: int
    reserve_micros: int
    at: datetime


class Pushed(Register):
    """A change on a branch of ours, ranked by its round."""

    run: UUID
    branch: str
    head: str
    base: str
    round: int
    files: int
    lines: int
    said: int
    at: datetime


class Reviewed(Register):
    """A review that was carried out."""

    head: str
    verdict: Verdict
    tests: str
    findings: tuple[str, ...] = ()
    said: int
    at: datetime


class Wanted(Register):
    """Something asks for a revision of a head."""

    head: str
    counts: bool
    """False: a conflict with the base, which is nobody's wish for changes."""
    said: int


class Judged(Register):
    """Gate 2 on a head."""

    inputs: tuple[GateInput, ...]
    open: bool
    said: int
    at: datetime


class Closed(Register):
    """A pull request of ours ended."""

    approval: UUID
    merged: bool
    by: str
    sha: str | None
    at: datetime


class Requested(Register):
    """A run was dispatched, ranked by generation."""

    generation: int
    round: int
    said: int
    at: datetime


class Progressed(Register):
    """What an agent last said of its work, ranked by generation and time."""

    generation: int
    holder: str
    phase: str
    line: str
    at: datetime


class Ended(Register):
    """How a run ended: the scheduler's word counts above the agent's."""

    end: RunEnd
    reason: str
    carried_out: bool
    at: datetime


class Used(Register):
    """What one generation used; an end counts above progress."""

    usage: Usage


class Proposed(Register):
    """What pm-agent proposed."""

    title: str
    note: str
    doable: bool
    size: str
    priority: str
    finder: str
    run: UUID
    at: datetime


class Ruled(Register):
    """The repository as the forge and its policy have it."""

    name: str
    default_branch: str
    head: str
    policy: dict[str, JsonValue]
    digest: str
    errors: tuple[str, ...] = ()


class Examined(Register):
    """What the doctor found."""

    on: bool
    findings: tuple[DoctorFinding, ...] = ()


class Switched(Register):
    """The kill switch."""

    stopped: bool
    why: str
    at: datetime


class Queue(Register):
    """What waits for an agent."""

    waiting: tuple[Waiting, ...] = ()
    said: int = 0
