"""Sources that send one wrong signature after the other. Only what failed its proof is counted."""

from collections import OrderedDict

from shared.clock import Clock

WINDOW_S = 60.0
MOST_FAILURES = 20
"""In a window; a misconfigured hook stays below it, a guesser does not."""
_MOST_SOURCES = 1024


class Floods:
    """Failures by source, in memory that is bounded."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def failed(self, source: str) -> bool:
        """Note one failure; True when the source has had too many of late."""
        now = self._clock.monotonic()
        since, count = self._seen.pop(source, (now, 0))
        if now - since >= WINDOW_S:
            since, count = now, 0
        self._seen[source] = (since, count + 1)
        if len(self._seen) > _MOST_SOURCES:
            self._seen.popitem(last=False)
        return count + 1 > MOST_FAILURES
