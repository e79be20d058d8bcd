"""Single keys from a terminal, without Enter and without an echo; Ctrl-C stays Ctrl-C."""

import asyncio
import os
import signal
import termios
import tty
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

END = "\x04"
"""What Ctrl-D sends, and what a terminal that is gone counts as."""
_READ_BYTES = 1024


class Keys:
    """While this is entered, keys are collected; afterwards the terminal is as it was."""

    def __init__(self, terminal: int) -> None:
        """`terminal`: the file descriptor of a terminal that can be read."""
        self._terminal = terminal
        self._pressed: deque[str] = deque()
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._terminal)
        self._quieten()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._terminal, self._read)
        # A shell gives the terminal back as it likes it after Ctrl-Z and fg.
        loop.add_signal_handler(signal.SIGCONT, self._quieten)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._terminal)
        loop.remove_signal_handler(signal.SIGCONT)
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def take(self) -> str | None:
        """The oldest key that was pressed and not taken yet, in lower case."""
        return self._pressed.popleft() if self._pressed else None

    def forget(self) -> None:
        """Drop what was pressed so far: it cannot have been meant for what is asked next."""
        self._pressed.clear()

    def _quieten(self) -> None:
        with suppress(termios.error):
            tty.setcbreak(self._terminal, termios.TCSADRAIN)

    def _read(self) -> None:
        try:
            read = os.read(self._terminal, _READ_BYTES)
        except OSError:
            read = b""
        if not read:
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._pressed += read.decode("utf-8", "replace").lower() or END
