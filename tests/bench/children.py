"""When programs ran that the product had started: git, engines, tests, linters.

The event loop is where every one of them is started, so an event loop that keeps a record sees them
all, and the product needs no hook of its own.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Child:
    """One program, by its own name; seconds of `time.perf_counter`."""

    program: str
    began: float
    ended: float


class WatchingLoop(asyncio.SelectorEventLoop):
    """Keeps a record of every program that was started through it."""

    def __init__(self) -> None:
        super().__init__()
        self.children: list[Child] = []

    async def subprocess_exec(
        self, protocol_factory: Callable[[], Any], program: Any, *args: Any, **settings: Any
    ) -> Any:
        """Start it, and write down when it has ended."""
        protocol: Any = protocol_factory()
        began, name = time.perf_counter(), _name(program)

        def ended() -> None:
            self.children.append(Child(name, began, time.perf_counter()))

        transport, _ = await super().subprocess_exec(
            lambda: _Watched(protocol, ended), program, *args, **settings
        )
        return transport, protocol


class _Watched(asyncio.SubprocessProtocol):
    """Hands everything on; the end is told twice."""

    def __init__(self, inner: Any, ended: Callable[[], None]) -> None:
        self._inner = inner
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner.connection_made(transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._inner.pipe_data_received(fd, data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._inner.pipe_connection_lost(fd, exc)

    def process_exited(self) -> None:
        self._ended()
        self._inner.process_exited()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


def _name(program: Any) -> str:
    name = Path(str(program)).name
    return name if name == "git" else "sandbox"


def watched(loop: asyncio.AbstractEventLoop) -> list[Child]:
    """The record of a loop that keeps one; it grows."""
    assert isinstance(loop, WatchingLoop)
    return loop.children


def covered(children: Iterable[Child], began: float, ended: float) -> float:
    """Seconds between `began` and `ended` in which at least one of them ran."""
    total, reached = 0.0, began
    for child in sorted(children, key=lambda each: each.began):
        start, end = max(child.began, reached), min(child.ended, ended)
        if end > start:
            total += end - start
            reached = end
    return total
