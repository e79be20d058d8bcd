"""What a handler is given beside its message: the transaction, the time, what it answers to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.store.many import Kept, ManyRows


@dataclass(frozen=True, slots=True)
class Handling:
    """One handling inside one transaction of the service's own store."""

    session: Session
    now: datetime
    id: UUID
    """Of the message, job or timer that is handled: ids of what is said are computed from it."""
    correlation: str = ""
    sender: str = ""
    """The service that said the message; empty for jobs and timers."""
    trace: str = ""
    """The W3C traceparent of this handling; empty: what is said begins a trace of its own."""
    said_at: datetime | None = None
    """When the message was said, by its sender's clock; None for jobs and timers."""
    cause: UUID | None = None
    """Of a job: the id of the message or timer that led to it, the causation of what it says."""

    kept: Kept | None = None
    """Rows that are written with those of the whole batch; None: there is no batch."""

    def keep(self, rows: ManyRows, *values: object) -> None:
        """Add a row with these values, in the order of the names that `rows` was made with.

        It is written at the end of the transaction, together with what the batch's other messages keep
        there: one statement, where `session.execute` is a way there and back for each. Nothing that
        the transaction reads shows it. A row whose unique key is there already is left as it is there.
        TypeError for more or fewer values than names.
        """
        rows.check(values)
        if self.kept is None:
            rows.insert(self.session, [values])
        else:
            self.kept.setdefault(rows, []).append(values)

    @property
    def causation(self) -> UUID:
        """Of whatever is said: the message (or the timer) that all of it answers to."""
        return self.cause or self.id
