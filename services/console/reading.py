"""Reads the log and the records that are folded from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from services.console.composing import Parts
from services.console.keeping import Heard, Stored, events, heard_of
from services.console.records import (
    IssueRecord,
    ProposalRecord,
    PullRecord,
    Record,
    RepositoryRecord,
    RunRecord,
)
from services.console.tables import Event, View
from services.console.view import IssueView, shown, view_of

__all__ = [
    "Heard",
    "Shelf",
    "counts",
    "events",
    "last",
    "of_issue",
    "repositories",
    "story",
]

T = TypeVar("T", bound=Record)
LATELY = 20
"""So many closed issues are looked at where only the present is asked for."""


def story(session: Session, correlation: str) -> list[Heard]:
    """Everything that was said of one issue, in the order in which it was heard."""
    query = select(Event).where(Event.correlation == correlation).order_by(Event.seq)
    return _heard(session.scalars(query))


def of_issue(
    session: Session, repository: str, numbers: Iterable[int], *, after: int = 0
) -> list[Heard]:
    """Everything that was said of an issue and its pull requests, in the order in which it was said."""
    query = select(Event).where(
        Event.repository == repository, Event.number.in_(list(numbers)), Event.seq > after
    )
    return _heard(session.scalars(query.order_by(Event.at, Event.seq)))


def counts(session: Session) -> dict[str, int]:
    """How often each topic was heard."""
    query = select(Event.topic, func.count()).group_by(Event.topic).order_by(Event.topic)
    return {row[0]: row[1] for row in session.execute(query)}


def last(session: Session) -> tuple[int, datetime | None]:
    """The newest place in the log, and when that was said."""
    row = session.execute(select(Event.seq, Event.at).order_by(Event.seq.desc()).limit(1)).first()
    return (row[0], row[1]) if row is not None else (0, None)


def repositories(session: Session) -> list[RepositoryRecord]:
    """All that were ever heard of, by name."""
    rows = session.scalars(select(View.body).where(View.kind == RepositoryRecord.kind))
    found = [RepositoryRecord.model_validate_json(body) for body in rows]
    return sorted(found, key=lambda each: (each.known_as, each.id))


@dataclass(frozen=True)
class Shelf:
    """What is kept of one repository."""

    session: Session
    around: RepositoryRecord

    def view(self, number: int) -> IssueView | None:
        """One issue as it stands now; None: nothing was ever said of it."""
        parts = self.parts(number)
        return shown(view_of(parts), self.around) if parts is not None else None

    def parts(self, number: int) -> Parts | None:
        """The records of one issue."""
        return next(iter(self._parts([number])), None)

    def views(self, *, everything: bool = False) -> list[IssueView]:
        """All open issues, and those that were closed lately or, if asked, ever; by number."""
        issues = View.kind == IssueRecord.kind
        if everything:
            where = self._numbers(issues)
        else:
            closed = select(View.issue).where(
                View.repository == self.around.id, issues, View.live.is_(False)
            )
            lately = self.session.scalars(closed.order_by(View.changed.desc()).limit(LATELY))
            alive = self._numbers(issues & View.live.is_(True))
            where = alive + [number for number in lately if number is not None]
        found = [shown(view_of(parts), self.around) for parts in self._parts(where)]
        return sorted(found, key=lambda each: each.number)

    def get(self, kind: type[T], key: str) -> T | None:
        """One record."""
        return Stored(self.session, self.around.id).get(kind, key)

    def every(self, kind: type[T]) -> list[T]:
        """All records of a kind, those that changed last first."""
        query = self._rows(View.kind == kind.kind).order_by(View.changed.desc(), View.key)
        return [kind.model_validate_json(row.body) for row in self.session.scalars(query)]

    def _numbers(self, where: ColumnElement[bool]) -> list[int]:
        query = select(View.issue).where(View.repository == self.around.id, where)
        return [number for number in self.session.scalars(query) if number is not None]

    def _parts(self, numbers: Sequence[int]) -> list[Parts]:
        """Records of many issues with few queries, however many there are."""
        wanted = set(numbers)
        of: dict[int, list[Record]] = defaultdict(list)
        kinds: tuple[type[Record], ...] = (IssueRecord, PullRecord, RunRecord, ProposalRecord)
        for kind in kinds:
            query = self._rows((View.kind == kind.kind) & View.issue.is_not(None))
            if len(wanted) == 1:
                query = query.where(View.issue == next(iter(wanted)))
            for row in self.session.scalars(query):
                if row.issue is not None and row.issue in wanted:
                    of[row.issue].append(kind.model_validate_json(row.body))
        return [parts for number in sorted(wanted) if (parts := _parts_of(of[number])) is not None]

    def _rows(self, where: ColumnElement[bool]) -> Select[View]:
        return select(View).where(View.repository == self.around.id, where)


def _parts_of(records: Sequence[Record]) -> Parts | None:
    issue = next((each for each in records if isinstance(each, IssueRecord)), None)
    if issue is None:
        return None
    mine = issue.opened.proposal if issue.opened is not None else None
    proposals = [each for each in records if isinstance(each, ProposalRecord)]
    return Parts(
        issue,
        tuple(each for each in records if isinstance(each, PullRecord)),
        tuple(each for each in records if isinstance(each, RunRecord)),
        next((each for each in proposals if each.proposal == mine), None),
    )


def _heard(rows: Iterable[Event]) -> list[Heard]:
    return [heard for row in rows if (heard := heard_of(row)) is not None]
