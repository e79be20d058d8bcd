"""Whether this machine's clock agrees with others': one that is wrong is noticed, and said once."""

import structlog

log = structlog.get_logger()

FAR_S = 60.0
"""What an answer takes, and whole seconds, are no difference."""
DIFFERS = (
    "the clock of {other} is {by:.0f} s {way} this one's; set the one that is wrong "
    "(timedatectl set-ntp true)"
)
AHEAD, BEHIND = "ahead of", "behind"


class Compared:
    """How the clock of this process stands against those it meets. `trouble`: one line, or empty."""

    def __init__(self, *, means: str) -> None:
        """`means`: what follows from a difference, for the line that is logged."""
        self.trouble = ""
        self._means = means
        self._other = ""

    def met(self, other: str, ahead_s: float) -> None:
        """The clock of `other` shows so many seconds more than this one; less than none: it is behind.

        The difference is over when the one with whom it was found shows the same time again.
        """
        if abs(ahead_s) <= FAR_S:
            if self.trouble and other == self._other:
                log.warning("clock_agrees_again", other=other)
                self.trouble = self._other = ""
            return
        if not self.trouble:
            self._other = other
            way = AHEAD if ahead_s > 0 else BEHIND
            self.trouble = DIFFERS.format(other=other, by=abs(ahead_s), way=way)
            log.warning("clock_differs", why=self.trouble, next=self._means)
