"""What an agent's runs came to since its start, for Prometheus."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.messages.content import RunEnd, Usage
from shared.watching import Counted
from shared.watching.metrics import Metric, Readings, Told

MICROS = 1_000_000
ENDED = Metric(
    "gatefleet_runs_ended_total", "counter",
    "Runs that this agent ended, by kind and end (done, declined, timed_out and so on).",
    ("kind", "end"),
)  # fmt: skip
TOKENS = Metric(
    "gatefleet_run_tokens_total", "counter", "Tokens of models, in and out.", ("kind", "direction")
)
MONEY = Metric(
    "gatefleet_run_money_dollars_total", "counter", "Money that runs said to have spent.", ("kind",)
)


@dataclass
class RunCounts:
    """Counted when a run ends, whatever comes of its draft."""

    ends: Counted[tuple[str, str]] = field(default_factory=Counted)
    tokens: Counted[tuple[str, str]] = field(default_factory=Counted)
    micros: Counted[str] = field(default_factory=Counted)

    def ended(self, kind: str, end: RunEnd, usage: Usage) -> None:
        """Count one."""
        self.ends[kind, end.value] += 1
        self.tokens[kind, "in"] += usage.tokens_in
        self.tokens[kind, "out"] += usage.tokens_out
        self.micros[kind] += usage.money_micros

    @property
    def told(self) -> Told:
        """For a service to tell."""
        return Told((ENDED, TOKENS, MONEY), self._shown)

    def _shown(self, _session: object, _now: datetime) -> Readings:
        for (kind, end), count in self.ends.items():
            yield ENDED.read(count, kind, end)
        for (kind, direction), count in self.tokens.items():
            yield TOKENS.read(count, kind, direction)
        for kind, micros in self.micros.items():
            yield MONEY.read(micros / MICROS, kind)
