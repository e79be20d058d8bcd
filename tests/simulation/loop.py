"""An event loop that a seed decides: virtual time, chosen interleavings, nothing outside of it.

Time moves only when nothing is ready. What asyncio would hand to threads runs here, at a moment of
the loop's choosing; a process is run to its end at once (`tests.simulation.processes`). Each task
belongs to the life of a service (`LIFE`); a life that was ended reaches nothing any more.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from tests.simulation.processes import Processes

T = TypeVar("T")

START = datetime(2030, 1, 7, 9, tzinfo=UTC)
STEP_S = 20e-6
"""Every callback takes this long: two things never happen at the very same time."""
DISORDER = 0.25
"""How often the next callback is any of those that are ready, and not the oldest."""
STUCK = "nothing is ready and nobody sleeps: the simulation would wait for ever"


@dataclass(eq=False)
class Life:
    """One life of one service: from its start to its crash or stop."""

    name: str
    alive: bool = True
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    def end(self) -> None:
        """As `kill -9` does: from now on nothing of it reaches anything."""
        self.alive = False
        for task in list(self.tasks):
            task.cancel()


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)
"""Whose code runs; None: the forge, the people, the simulation itself."""


def check_alive() -> None:
    """Raise CancelledError in the code of a life that was ended."""
    life = LIFE.get()
    if life is not None and not life.alive:
        raise asyncio.CancelledError


_AnyLoop: Any = asyncio.AbstractEventLoop
"""Typed as anything: a loop has 32 more methods, for sockets and signals, that nothing here calls."""


class SimulatedLoop(_AnyLoop):  # type: ignore[misc]  # see _AnyLoop
    """What asyncio asks of a loop, as far as the services ask for it."""

    def __init__(self, random: Random, processes: Processes) -> None:
        self._random = random
        self._processes = processes
        self._now = 0.0
        self._order = count()
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._running = False
        self._closed = False
        self.reported: list[dict[str, Any]] = []
        """What nobody awaited: a mistake somewhere."""
        self.point: Callable[[str, Life], None] = lambda _where, _life: None
        """Told before and after every transaction of a life: where it may be killed."""
        self.turns = 0

    # Time and turns

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._now

    def run_until_complete(self, future: Any) -> Any:
        """Turn until it is done."""
        made = asyncio.ensure_future(future, loop=self)
        self._running = True
        asyncio._set_running_loop(self)
        try:
            while not made.done():
                self._turn()
        finally:
            self._running = False
            asyncio._set_running_loop(None)
        return made.result()

    def _turn(self) -> None:
        while self._timers and (self._timers[0][0] <= self._now or self._timers[0][2].cancelled()):
            _, _, timer = heapq.heappop(self._timers)
            if not timer.cancelled():
                self._ready.append(timer)
        if not self._ready:
            if not self._timers:
                raise RuntimeError(STUCK)
            self._now = max(self._now, self._timers[0][0])
            return
        at = 0
        if len(self._ready) > 1 and self._random.random() < DISORDER:
            at = self._random.randrange(len(self._ready))
        handle = self._ready.pop(at)
        self._now += STEP_S
        self.turns += 1
        if not handle.cancelled():
            handle._run()

    # What asyncio calls

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run it at one of the next turns."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:  # fmt: skip
        """Run it at a time."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:  # fmt: skip
        """Run it after a while."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is dropped when its time comes."""

    def create_future(self) -> "asyncio.Future[Any]":
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[T]":
        """A task, noted under the life whose it is."""
        where = copy_context() if context is None else context
        task = asyncio.Task(coro, loop=self, name=name, context=where)
        life = where.get(LIFE)
        if life is not None:
            life.tasks.add(task)
            task.add_done_callback(life.tasks.discard)
            if not life.alive:
                task.cancel()
        return task

    def run_in_executor(
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """At one of the next turns, in this thread."""
        done: asyncio.Future[T] = self.create_future()
        self.call_soon(self._execute, done, func, args)
        return done

    def _execute(self, done: "asyncio.Future[T]", func: Callable[..., T], args: Any) -> None:
        life = LIFE.get()
        if life is not None:
            self.point("before", life)
        if life is not None and not life.alive:
            done.cancel()
            return
        try:
            result = func(*args)
        except Exception as error:  # what a thread would hand to its future
            if not done.done():
                done.set_exception(error)
        else:
            if not done.done():
                done.set_result(result)
        if life is not None:
            self.point("after", life)

    async def subprocess_exec(
        self, protocol_factory: Callable[[], Any], *args: Any, **options: Any
    ) -> Any:
        """A process, run to its end at one of the next turns."""
        check_alive()
        return self._processes.start(self, protocol_factory(), args, options)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Remember it; whoever runs the simulation looks at the end."""
        self.reported.append(context)

    default_exception_handler = call_exception_handler

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Between start and end."""
        return self._running

    def is_closed(self) -> bool:
        """After `close`."""
        return self._closed

    def close(self) -> None:
        """Nothing is held."""
        self._closed = True


class SimulatedClock:
    """The loop's time as the services' clock."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """The wall time, in UTC."""
        return START + timedelta(seconds=round(self._loop.time(), 6))

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of the loop's time."""
        await asyncio.sleep(seconds)
