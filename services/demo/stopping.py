"""Ctrl-C and its kin: the first one ends the work, and everything is put away; more change nothing."""

import asyncio
import signal
from types import TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BY_SIGNAL = 128


class Stopped(Exception):
    """The demo was stopped before it was done; everything is put away."""

    def __init__(self, by: signal.Signals) -> None:
        super().__init__(by.name)
        self.code = _BY_SIGNAL + by.value


class Stopping:
    """While this is entered, a signal cancels the task that entered it, once."""

    def __init__(self) -> None:
        self.by: signal.Signals | None = None
        self._task: asyncio.Task[Any] | None = None
        self._heard: list[signal.Signals] = []

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for each in SIGNALS:
            if signal.getsignal(each) is not signal.SIG_IGN:  # nohup, or a shell's background
                loop.add_signal_handler(each, self._hear, each)
                self._heard.append(each)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        for each in self._heard:
            loop.remove_signal_handler(each)

    def _hear(self, by: signal.Signals) -> None:
        if self.by is None and self._task is not None:
            self.by = by
            self._task.cancel()
