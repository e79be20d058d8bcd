"""Topics that cannot be sent, because nobody hears them or they may not be said: each held as a whole."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.clock import Clock

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 30.0
NEVER = float("inf")


@dataclass
class _Held:
    until: float
    wait_s: float
    unheard: bool = False
    """The last word on it was that nobody is bound to it: it is kept, and nobody need wait for it."""


class Holds:
    """Those of one relay, by topic."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, _Held] = {}

    def __contains__(self, topic: str) -> bool:
        return topic in self._held

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def due(self) -> float:
        """When the next one is to be tried, by the monotonic clock; NEVER: none."""
        return min((hold.until for hold in self._held.values()), default=NEVER)

    @property
    def unheard(self) -> list[str]:
        """Those that nobody is bound to."""
        return [topic for topic, hold in self._held.items() if hold.unheard]

    def not_due(self) -> list[str]:
        """Those that are not to be tried now."""
        now = self._clock.monotonic()
        return [topic for topic, hold in self._held.items() if hold.until > now]

    def all_but(self, topics: Collection[str]) -> set[str]:
        """Those that are held besides these."""
        return self._held.keys() - set(topics)

    def waits_for_a_probe(self, topic: str, probed: set[str]) -> bool:
        """Of a held topic one message is tried, and `probed` loses it; the others wait for what comes of
        that."""
        hold = self._held.get(topic)
        if hold is None:
            return False
        if topic not in probed:
            return True
        probed.discard(topic)
        hold.until = NEVER  # until the probe has ended
        return False

    def let_go(self, topic: str) -> bool:
        """It can be sent; False: it was not held."""
        return self._held.pop(topic, None) is not None

    def hold(self, topic: str, *, unheard: bool = False) -> float:
        """Hold a topic, twice as long as the last time; returns for how many seconds."""
        now = self._clock.monotonic()
        hold = self._held.get(topic)
        if hold is None:
            hold = self._held[topic] = _Held(now, FIRST_WAIT_S / 2)
        hold.unheard = unheard
        if now < hold.until < NEVER:
            return hold.wait_s  # a neighbour that was under way: it is held already
        hold.wait_s = min(hold.wait_s * 2, LONGEST_WAIT_S)
        hold.until = now + hold.wait_s
        return hold.wait_s
