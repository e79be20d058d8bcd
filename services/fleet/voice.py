"""Lines for whoever started the process; they may have gone away."""

import contextlib
import os
import sys
from typing import TextIO


class Voice:
    """Says a line at a time, at once. A terminal or a pipe that is gone just hears no more."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._gone = False

    def say(self, line: str) -> None:
        """Print a line."""
        if self._gone:
            return
        try:
            print(line, file=self._stream, flush=True)
        except (OSError, ValueError):  # ValueError: it was closed in this process
            self._gone = True
            quieten(self._stream)


def quieten(stream: TextIO) -> None:
    """Let what is still in the stream's buffer go nowhere: else the interpreter's end tells of it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
