"""Which traces are recorded, so that recording costs little however much there is to do.

Encoding a span costs more than handling a small message. Where there are more in a second than are taken,
a share of the traces is recorded: those with the smallest numbers. Every service leaves out by the same
number, so what is recorded is whole wherever the others have room for it.
"""

from datetime import datetime

import structlog

log = structlog.get_logger()

MOST_A_SECOND = 200
"""Spans of one service."""
SET_BACK_S = 2
"""Spans are not handed over quite in the order in which they ended."""
ALL = 1 << 56
"""The last seven bytes of a trace's id are as good as random; those before are not, in a UUID."""


class Pace:
    """Takes at most so many spans a second."""

    def __init__(self, *, share: float, most: int = MOST_A_SECOND) -> None:
        """`share`: of all traces, however few there are."""
        self._wanted = int(share * ALL)
        self._below = self._wanted
        self._most = most
        self._second = 0
        self._offered = 0
        self._taken = 0

    def takes(self, trace: int, ended: datetime) -> bool:
        """Whether a span of this trace, which ended then, is recorded."""
        number = trace % ALL
        if number >= self._wanted:
            return False
        second = int(ended.timestamp())
        # much earlier: the clock was set back, and would else be full until it is there again
        if second > self._second or second < self._second - SET_BACK_S:
            self._begin(second)
        self._offered += 1
        if number >= self._below or self._taken >= self._most:
            return False
        self._taken += 1
        return True

    def _begin(self, second: int) -> None:
        """As many as the last second had are expected in this one."""
        before = self._below
        if second == self._second + 1 and self._offered > self._most:
            self._below = self._wanted * self._most // self._offered
        else:
            self._below = self._wanted
        self._second, self._offered, self._taken = second, 0, 0
        if self._below < self._wanted == before:
            log.info("spans_thinned", share=round(self._below / ALL, 4), most_a_second=self._most,
                     next="whole traces are left out while there is so much to do")  # fmt: skip
