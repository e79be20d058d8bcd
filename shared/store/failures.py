"""Whose fault is it that a transaction failed: the store's own, or that of what was done in it?"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)

from shared.errors import TryLater

UNUSABLE = (
    "the state folder's databases: {why}; make room on that disk, or make it writable, and start again: "
    "what was committed is kept"
)

_OF_A_STATEMENT = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


def is_the_stores(error: BaseException) -> bool:
    """True: locked, full, read-only, gone; nobody's fault, and the same work may succeed later.

    False: a statement that this store will not take, however often it is tried.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or not isinstance(error, _OF_A_STATEMENT)


@contextmanager
def told_plainly() -> Iterator[None]:
    """For whoever starts and stops things: a store's own trouble becomes TryLater, in one line."""
    try:
        yield
    except DBAPIError as error:
        if not is_the_stores(error):
            raise
        raise TryLater(UNUSABLE.format(why=error.orig)) from None
