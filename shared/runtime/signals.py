"""Being told to stop: the first signal drains, a second Ctrl-C ends at once, nothing hangs for ever."""

import asyncio
import contextlib
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WITHIN_S = 9.5
"""From the signal to the end of the process, whatever hangs: container runtimes kill after ten."""

AT_ONCE = "gatefleet: stopped at once; what was in hand is resumed at the next start\n"
CUT_SHORT = "gatefleet: stopped without what did not end; it is resumed at the next start\n"

DRAINED, INTERRUPTED = 0, 130


class Told:
    """While this is entered, a signal sets `event`; what runs is then to be stopped and left."""

    def __init__(self, *, within_s: float = WITHIN_S) -> None:
        self.event = asyncio.Event()
        self.by: signal.Signals | None = None
        """The first signal that came."""
        self._within_s = within_s
        self._heard: list[signal.Signals] = []

    def __enter__(self) -> Self:
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
        if self.by is None:  # after a signal the handlers stay: the process is about to end
            for each in self._heard:
                asyncio.get_running_loop().remove_signal_handler(each)

    def _hear(self, by: signal.Signals) -> None:
        if self.by is not None:
            return  # a terminal that goes away says so twice
        self.by = by
        self.event.set()
        if signal.SIGINT in self._heard:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, _end_at_once)
        # A thread: whatever hangs may hang the event loop, or the end of the interpreter.
        last = threading.Timer(self._within_s, _end, (CUT_SHORT, DRAINED))
        last.daemon = True
        last.start()


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    _end(AT_ONCE, INTERRUPTED)


def _end(words: str, code: int) -> None:
    """End now. Locks and sandboxes end with the process; the rest is in the stores."""
    with contextlib.suppress(OSError):  # a terminal that went away
        os.write(2, words.encode())
    os._exit(code)
