"""What every peer prints."""

import json
import sys
import time
from collections.abc import Callable

QUEUE = "bench.peer"
IN_FLIGHT = 100
PREFETCH = 100
QUORUM = {"x-queue-type": "quorum"}


def asked() -> tuple[str, int, bytes]:
    """URL, how many messages, and the body of each."""
    url, count, size = sys.argv[1:4]
    return url, int(count), b"x" * int(size)


def clock() -> Callable[[], tuple[float, float]]:
    """Asked later, it tells the seconds since now, by the wall and of this process's processor."""
    began, cpu_began = time.perf_counter(), time.process_time()
    return lambda: (time.perf_counter() - began, time.process_time() - cpu_began)


class Countdown:
    """From the first message that was handled to the last: connecting is not consuming."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.spent = (0.0, 0.0)
        self._first = True
        self._clock = clock()

    def begin(self) -> None:
        """From now on, where a client has read all of them before it has handled the first."""
        self._first = False
        self._clock = clock()

    def handled(self) -> bool:
        """One more; True when it was the last."""
        if self._first:
            self._first = False
            self._clock = clock()
        self.left -= 1
        if self.left == 0:
            self.spent = self._clock()
        return self.left == 0


def tell(**seconds: tuple[float, float]) -> None:
    """By what was done: `publish`, `consume`."""
    sys.stdout.write(json.dumps(seconds) + "\n")
    sys.stdout.flush()
