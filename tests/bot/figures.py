"""What stands on the page that Prometheus reads, read as Prometheus does; and a clock that stands still."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from bot.metrics import Metrics
from storage.figures import Figures

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"

Sample = tuple[str, tuple[str, ...]]
"""Its name and the values of its labels, the platform first."""


class Clock:
    """Stands still unless told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def _order(label: str) -> tuple[bool, str]:
    return label != "platform", label


class Page:
    """Its samples, and which labels each has."""

    def __init__(self, text: str, content_type: str) -> None:
        read = read_openmetrics if content_type.startswith("application/openmetrics-text") else read_plain
        self.text = text
        families = list(read(text))
        self.labels = {(sample.name, frozenset(sample.labels)) for family in families for sample in family.samples}
        self.samples: dict[Sample, float] = {
            (sample.name, tuple(sample.labels[label] for label in sorted(sample.labels, key=_order))): sample.value
            for family in families
            for sample in family.samples
        }

    def __call__(self, name: str, *labels: str) -> float | None:
        """None: it is not there."""
        return self.samples.get((f"comity_{name}", labels))

    def all(self, *names: str) -> dict[Sample, float]:
        return {sample: value for sample, value in self.samples.items() if sample[0].removeprefix("comity_") in names}

    def happened(self, names: Collection[str]) -> dict[Sample, float]:
        """Those of these that are not 0."""
        return {sample: value for sample, value in self.all(*names).items() if value}


def page_of(metrics: Metrics, now: datetime, figures: Figures | None = None, accept: str = "") -> Page:
    text, content_type = metrics.page(accept, figures, now)
    return Page(text.decode(), content_type)
