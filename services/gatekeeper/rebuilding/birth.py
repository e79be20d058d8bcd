"""Since when the gatekeeper remembers, and what it has looked up in the repository since.

Whatever is older than the memory may have left traces on the forge that are not in the tables: they
are looked for once. Whatever is younger was seen from its beginning.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from services.gatekeeper.hearing import hear_once
from services.gatekeeper.tables import Heard
from shared.store import Handling

BORN = "memory:born"
REBUILT = "memory:rebuilt"
KNOWN = "memory:issue:{number}"


def begin(at: Handling, repo_id: str) -> datetime:
    """When the memory of this repository began; now, if it had not."""
    hear_once(at, repo_id, BORN)
    return at.session.get_one(Heard, (repo_id, BORN)).at


def born(session: Session, repo_id: str) -> datetime | None:
    """When the memory began; None: it has not yet."""
    row = session.get(Heard, (repo_id, BORN))
    return row.at if row is not None else None


def is_known(session: Session, repo_id: str, number: int) -> bool:
    """Whether the traces of an issue were taken over."""
    return session.get(Heard, (repo_id, KNOWN.format(number=number))) is not None


def know(at: Handling, repo_id: str, number: int) -> bool:
    """Note that they are; False when they were before."""
    return hear_once(at, repo_id, KNOWN.format(number=number))


def is_rebuilt(session: Session, repo_id: str) -> bool:
    """Whether the repository was gone through once."""
    return session.get(Heard, (repo_id, REBUILT)) is not None


def before(session: Session, repo_id: str, time: datetime) -> bool:
    """Whether something of that time is older than the memory; so is all before it began."""
    since = born(session, repo_id)
    return since is None or time < since


def asked_before(session: Session, repo_id: str, generation: int) -> bool:
    """Whether a generation was dispatched before the memory began: it is a time in milliseconds."""
    since = born(session, repo_id)
    return since is None or generation < int(since.timestamp() * 1000)
