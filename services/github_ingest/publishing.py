"""Saying what was seen, unless it is what was said last: the table `said`.

The same function serves webhook, poll and reconcile, so a repeat by any way says nothing, and a
reconcile (`forced`) says it again for those who came later; their inboxes drop what they know. Ids come
from content, so a content that comes back after another carries how often it did (`again`): as the same
message once more it would be dropped everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from services.github_ingest.tables import LOOKS, REDELIVERIES, RETURNS, SAID, TIMETABLE
from shared.messages.ids import content_id
from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    PushObserved,
    RepositoryObserved,
    ReviewObserved,
)
from shared.store import Handling

log = structlog.get_logger()

Observed: TypeAlias = (
    RepositoryObserved | IssueObserved | CommentObserved | PullRequestObserved | ReviewObserved
    | CheckObserved | PushObserved
)  # fmt: skip

M = TypeVar(
    "M",
    RepositoryObserved,
    IssueObserved,
    CommentObserved,
    PullRequestObserved,
    ReviewObserved,
    CheckObserved,
    PushObserved,
)

REPOSITORY = "repository"


@dataclass(frozen=True)
class Place:
    """Where a message stands in `said`."""

    kind: str
    key: str
    number: int | None = None
    live: bool = True
    version: datetime | None = None


def place_of(message: Observed) -> Place:
    """The object that a message is about."""
    match message:
        case RepositoryObserved():
            return Place(REPOSITORY, "")
        case IssueObserved(issue=issue):
            key, live = str(issue.number), issue.state == "open"
            return Place("issue", key, issue.number, live, issue.updated_at)
        case PullRequestObserved(pull_request=pull):
            key, live = str(pull.number), pull.state == "open"
            return Place("pull_request", key, pull.number, live, pull.updated_at)
        case CommentObserved(comment=comment):
            key, live = str(comment.id), not comment.deleted
            return Place("comment", key, comment.number, live, comment.updated_at)
        case ReviewObserved(review=review):
            return Place("review", str(review.id), review.pull_request)
        case CheckObserved(check=check):
            return Place("check", f"{check.kind}:{check.id}")
        case PushObserved(push=push):
            return Place("push", push.ref)


def say(at: Handling, seen: Iterable[Observed], *, forced: bool = False) -> list[Observed]:
    """Those of `seen` that differ from what was said last; all of them when `forced`.

    One that is older than what was said comes from a replica that lags: it changes nothing, unless
    a reconcile says that it is what the forge now holds.
    """
    found = (_news(at, message.model_copy(update={"again": 0}), forced) for message in seen)
    return [message for message in found if message is not None]


def _news(at: Handling, message: Observed, forced: bool) -> Observed | None:
    """The message as it is to be said, if it is; `message` does not count returns yet."""
    place = place_of(message)
    digest = content_id(message.topic, message.repo.id, message)
    here = (SAID.c.kind == place.kind) & (SAID.c.key == place.key)
    row = at.session.execute(select(SAID.c.digest, SAID.c.version).where(here)).first()
    if row is not None and row.digest == digest:
        return _counted(message, _returns(at.session, place, digest) or 0) if forced else None
    if row is not None and not forced and _is_older(place.version, row.version):
        log.info("stale_read", correlation=message.correlation(), what=place.kind,
                 next="ignored; a later look sees the newer one")  # fmt: skip
        return None
    message = _counted(message, _count(at.session, place, digest))
    values = {
        "number": place.number, "digest": digest, "content": message.model_dump_json(),
        "live": place.live, "version": place.version, "said_at": at.now,
    }  # fmt: skip
    if row is None:
        at.session.execute(insert(SAID).values(kind=place.kind, key=place.key, **values))
    else:
        at.session.execute(update(SAID).where(here).values(**values))
    return message


def _counted(message: Observed, times: int) -> Observed:
    return message.model_copy(update={"again": times}) if times else message


def _count(session: Session, place: Place, digest: UUID) -> int:
    """Note that this content is said of the object; how often it has come back by now."""
    known = _returns(session, place, digest)
    times = 0 if known is None else known + 1
    here = _of_content(place, digest)
    if known is None:
        values = {"kind": place.kind, "key": place.key, "digest": digest, "times": times}
        session.execute(insert(RETURNS).values(**values))
    else:
        session.execute(update(RETURNS).where(here).values(times=times))
    return times


def _returns(session: Session, place: Place, digest: UUID) -> int | None:
    """How often this content came back; None: it was never said of the object."""
    return session.scalar(select(RETURNS.c.times).where(_of_content(place, digest)))


def _of_content(place: Place, digest: UUID) -> ColumnElement[bool]:
    same = (RETURNS.c.kind == place.kind) & (RETURNS.c.key == place.key)
    return same & (RETURNS.c.digest == digest)


def _is_older(new: datetime | None, known: datetime | None) -> bool:
    return new is not None and known is not None and new < known


def last(session: Session, kind: type[M], key: str) -> M | None:
    """What was said last of one object."""
    here = (SAID.c.kind == _NAMES[kind]) & (SAID.c.key == key)
    text = session.scalar(select(SAID.c.content).where(here))
    return None if text is None else kind.model_validate_json(text)


def live(session: Session, kind: type[M], *, number: int | None = None) -> list[M]:
    """The last message of everything of a kind that is open or not deleted, in the order of keys."""
    wanted = (SAID.c.kind == _NAMES[kind]) & SAID.c.live
    if number is not None:
        wanted &= SAID.c.number == number
    found = session.scalars(
        select(SAID.c.content).where(wanted).order_by(SAID.c.number, SAID.c.key)
    )
    return [kind.model_validate_json(text) for text in found]


def live_pull_requests(session: Session, head: str) -> tuple[int, ...]:
    """Open pull requests with that head."""
    found = (each.pull_request for each in live(session, PullRequestObserved))
    return tuple(sorted(pull.number for pull in found if pull.head_sha == head))


def forget_everything(session: Session) -> None:
    """The address holds another repository now: nothing that was said belongs to it."""
    for table in (SAID, RETURNS, LOOKS, TIMETABLE, REDELIVERIES):
        session.execute(delete(table))


_NAMES: dict[type[Observed], str] = {
    RepositoryObserved: REPOSITORY,
    IssueObserved: "issue",
    CommentObserved: "comment",
    PullRequestObserved: "pull_request",
    ReviewObserved: "review",
    CheckObserved: "check",
    PushObserved: "push",
}


def gone_comments(
    session: Session, number: int, present: Sequence[CommentObserved]
) -> list[CommentObserved]:
    """Comments that were said of `number` and are there no more, as deleted ones."""
    ids = {each.comment.id for each in present}
    known = live(session, CommentObserved, number=number)
    return [
        each.model_copy(update={"comment": each.comment.model_copy(update={"deleted": True})})
        for each in known
        if each.comment.id not in ids
    ]
