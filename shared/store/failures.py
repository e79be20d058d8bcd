"""Whose fault is it that a transaction failed: the store's own, or that of what was done in it?"""

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)

_OF_A_STATEMENT = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


def is_the_stores(error: BaseException) -> bool:
    """True: locked, full, read-only, gone; nobody's fault, and the same work may succeed later.

    False: a statement that this store will not take, however often it is tried.
    """
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or not isinstance(error, _OF_A_STATEMENT)
