"""What the code that runs now is about: one of these is known to every line of the log.

Tasks and the store's thread take it along as they take any context variable; what is set for one message
is gone before the next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, Protocol
from uuid import UUID


class Subject(Protocol):
    """A message, a handling or a job: what is worked on."""

    @property
    def id(self) -> UUID:
        """Its own."""
        ...

    @property
    def correlation(self) -> str:
        """The story it belongs to."""
        ...

    @property
    def trace(self) -> str:
        """A W3C traceparent."""
        ...


class About(NamedTuple):
    """Whose work it is, and on what."""

    service: str = ""
    instance: str = ""
    subject: Subject | None = None


_NOW: ContextVar[About] = ContextVar("gatefleet_about", default=About())  # noqa: B039 - it is frozen


def now() -> About:
    """What this task or thread is about."""
    return _NOW.get()


@contextmanager
def whose(service: str, instance: str) -> Iterator[None]:
    """What is begun here is this service's."""
    token = _NOW.set(About(service, instance))
    try:
        yield
    finally:
        _NOW.reset(token)


class about:
    """What is done here is done for this."""

    __slots__ = ("_subject", "_token")

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __enter__(self) -> None:
        service, instance, _ = _NOW.get()
        self._token = _NOW.set(About(service, instance, self._subject))

    def __exit__(self, *_: object) -> None:
        _NOW.reset(self._token)
