"""What a line of a story is made of, and what a teller remembers."""

from dataclasses import dataclass, field

from services.console.shapes import Tone
from shared.messages.content import RunKind, Usage

AGENTS = {
    RunKind.PROPOSALS: "pm-agent",
    RunKind.IMPLEMENTATION: "dev-agent",
    RunKind.REVISION: "dev-agent",
    RunKind.REVIEW: "qa-agent",
}
GATEKEEPER, SCHEDULER = "gatekeeper", "scheduler"
_MINUTE_S, _HOUR_S = 60, 3600


@dataclass(frozen=True)
class Words:
    """Who did what."""

    who: str
    what: str
    tone: Tone = "step"


@dataclass
class Told:
    """What was told so far, so that the same is not told twice."""

    seen: dict[str, str] = field(default_factory=dict)

    def is_news(self, subject: str, words: str) -> bool:
        """Whether something else was told of it before, or nothing."""
        before = self.seen.get(subject)
        self.seen[subject] = words
        return before != words


def used(usage: Usage) -> str:
    """Time and money in words: `12 s, $0.04`."""
    parts = [duration(usage.seconds)]
    if usage.money_micros:
        parts.append(money(usage.money_micros))
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds // _HOUR_S:.0f} h {seconds % _HOUR_S // _MINUTE_S:.0f} min"


def money(micros: int) -> str:
    """US dollars, with as many places as it needs."""
    return (
        f"${micros / 1_000_000:.2f}" if micros >= 10_000 or not micros else f"${micros / 1e6:.4f}"
    )
