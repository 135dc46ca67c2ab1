"""What this process has counted, and the page that Prometheus reads; no label says what, whom or where it is about."""

from __future__ import annotations

from collections import Counter as Tallies
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from commands.arrival import ArrivalKind
from storage.figures import Figures
from storage.words import platform_of

DELAYS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)
"""Seconds up to which deliveries are counted apart: what people notice, what a monitor must, and an outage's length."""


_Values = dict[tuple[str, ...], float]
"""Of a gauge, by its labels."""


def real_time() -> datetime:
    """Not a rehearsal's: what is connected is connected now."""
    return datetime.now(UTC)


class Metrics:
    """Made once by the composition root. `accounts` are those of the settings, as in `matrix:NAME`.

    It is written from several threads. What the database knows is asked of it when somebody reads the page.
    """

    def __init__(self, accounts: Iterable[str] = (), clock: Callable[[], datetime] = real_time) -> None:
        self.clock = clock
        self.heard_at: dict[str, datetime] = {}
        """By account, when this process heard from it."""
        self._begun: Tallies[str] = Tallies()
        self._registry = CollectorRegistry()
        self._accounts = tuple(accounts)
        self._platforms = tuple(dict.fromkeys(map(platform_of, self._accounts)))
        self.arrivals = self._counter("arrivals", "Arrivals taken, each once.", "platform", "kind")
        self.commands = self._counter("commands", "Commands performed.", "platform")
        self.refusals = self._counter("refusals", "Commands, replies, edits and deletions refused.", "platform")
        self.sent = self._counter("letters_sent", "Letters delivered.", "platform")
        self.set_aside = self._counter("letters_set_aside", "Letters that will never be delivered.", "platform")
        self.reconnects = self._counter("reconnects", "Sessions begun anew.", "platform", "account")
        self.delay = Histogram(
            "comity_delivery_delay_seconds",
            "From when a letter was written to its receipt.",
            ["platform"],
            registry=self._registry,
            buckets=DELAYS,
        )
        self._begin_at_zero()

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"comity_{name}", words, labels, registry=self._registry)

    def _begin_at_zero(self) -> None:
        """What has not happened yet is 0 and not missing: else the first time does not count as a rise."""
        for platform in self._platforms:
            for kind in ArrivalKind:
                self.arrivals.labels(platform, kind.value)
            for each in (self.commands, self.refusals, self.sent, self.set_aside, self.delay):
                each.labels(platform)
        for account in self._accounts:
            self.reconnects.labels(*_labels(account))

    def heard(self, account: str) -> None:
        """The platform answered this account, or told it something."""
        self.heard_at[account] = self.clock()

    def connected(self, account: str) -> None:
        """A session of this account has begun: each one after the first is a reconnection."""
        self._begun[account] += 1
        if self._begun[account] > 1:
            self.reconnected(account)

    def reconnected(self, account: str) -> None:
        self.reconnects.labels(*_labels(account)).inc()

    def last_heard(self, figures: Figures | None) -> dict[str, datetime]:
        """By account, when any process heard from it, as far as is known here."""
        known = dict(figures.heard) if figures is not None else {}
        for account, at in self.heard_at.items():
            known[account] = max(at, known.get(account, at))
        return known

    def page(self, accept: str, figures: Figures | None, now: datetime) -> tuple[bytes, str]:
        """The page and its content type, in the format that the `Accept` header asks for.

        `figures` None: the database does not answer, and what only it knows is left out. `now` is the letters' time.
        """
        encode, content_type = choose_encoder(accept)
        return encode(_Page([*self._counted(), *self._asked(figures, now)])), content_type

    def _counted(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric

    def _asked(self, figures: Figures | None, now: datetime) -> Iterator[Metric]:
        yield _gauge("database_up", "1: the database answers.", {(): float(figures is not None)})
        if figures is not None:
            letters: _Values = {(platform,): 0.0 for platform in self._platforms}
            oldest: _Values = dict(letters)
            for platform, queue in figures.waiting.items():
                letters[platform,] = float(queue.letters)
                oldest[platform,] = seconds(queue.oldest, now)
            yield _gauge("letters_waiting", "Letters not yet delivered.", letters, "platform")
            yield _gauge("letter_oldest_seconds", "Age of the oldest letter that waits; 0: none.", oldest, "platform")
            aside = float(figures.arrivals_set_aside)
            yield _gauge("arrivals_set_aside", "Arrivals that failed too often to be performed.", {(): aside})
        real = self.clock()
        last = sorted(self.last_heard(figures).items())
        heard: _Values = {_labels(account): seconds(at, real) for account, at in last}
        words = "Since this account's platform was last heard."
        yield _gauge("connection_heard_seconds", words, heard, "platform", "account")


class _Page:
    """What an encoder reads."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _gauge(name: str, words: str, values: _Values, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"comity_{name}", words, labels=labels)
    for named, value in values.items():
        family.add_metric(named, value)
    return family


def _labels(account: str) -> tuple[str, str]:
    platform, _, name = account.partition(":")
    return platform, name


def seconds(since: datetime, now: datetime) -> float:
    """Clocks of two machines differ a little: nothing happened after now."""
    return max(0.0, (now - since).total_seconds())
