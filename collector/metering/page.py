"""The figures as Prometheus reads them.

Knows: prometheus-client, of which a process loads the rest only when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from collector.metering.gauges import GAUGES

if TYPE_CHECKING:
    from prometheus_client import Metric

    from collector.metering.meters import Meters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Now:
    """What was just looked up, in the shape a registry asks for."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self._values = values

    def collect(self) -> Iterator[Metric]:
        """One after the other."""
        from prometheus_client.core import GaugeMetricFamily

        for name, value in self._values.items():
            yield GaugeMetricFamily(name, GAUGES[name], value=value)


def written(meters: Meters, now: Mapping[str, float]) -> bytes:
    """The text: what all processes counted, and what was just looked up."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    registry.register(_Now(now))
    meters.reap()
    with meters.reading():
        MultiProcessCollector(registry, path=str(meters.folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)
