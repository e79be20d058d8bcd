"""The text that Prometheus scrapes, on a registry of its own for each process."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import CollectorRegistry

from shared.bus import Service
from shared.observing.looking import look_at
from shared.watching.counts import Spread
from shared.watching.metrics import Metric, Reading

KIND = "text/plain; version=0.0.4; charset=utf-8"
WHOSE = ("service", "instance")


class Exposition:
    """Shows services to Prometheus, as they are when it asks."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._families: list[Family] = []
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def collect(self) -> Iterable[Family]:
        """What was read last; called by the registry."""
        return self._families

    async def text(self, services: Sequence[Service]) -> str:
        """Read them all, and write it down."""
        found: dict[str, Family] = {}
        for service in services:
            for reading in await look_at(service):
                family = found.setdefault(reading.metric.name, _family(reading.metric))
                _add(family, [service.name, service.instance, *reading.labels], reading)
        self._families = list(found.values())
        return generate_latest(self._registry).decode()


def _family(metric: Metric) -> Family:
    labels = [*WHOSE, *metric.labels]
    match metric.kind:
        case "counter":
            return CounterMetricFamily(metric.name, metric.says, labels=labels)
        case "gauge":
            return GaugeMetricFamily(metric.name, metric.says, labels=labels)
        case "histogram":
            return HistogramMetricFamily(metric.name, metric.says, labels=labels)


def _add(family: Family, labels: list[str], reading: Reading) -> None:
    value = reading.value
    if isinstance(value, Spread):
        assert isinstance(family, HistogramMetricFamily)
        bounds = [*(f"{bound:g}" for bound in value.bounds), "+Inf"]
        below = accumulate(value.within)
        family.add_metric(labels, list(zip(bounds, below, strict=True)), value.sum)
    else:
        assert isinstance(family, CounterMetricFamily | GaugeMetricFamily)
        family.add_metric(labels, float(value))
