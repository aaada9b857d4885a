"""What one application counts, for Prometheus."""

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.recognition.reading import Reading

_WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own variable, see workers.py

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_CONFIDENCES = (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)


class Counters:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "digits_requests",
            "Answered requests.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "digits_request_seconds",
            "From a request's first byte to its answer's last.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "digits_requests_in_flight",
            "Requests that wait for their answer.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.refused = Counter(
            "digits_refused",
            "Requests that were refused before they reached a route.",
            ["reason"],
            registry=self.registry,
        )
        self._readings = Counter("digits_readings", "Pictures that were read.", registry=self.registry)
        self._empty = Counter("digits_empty_readings", "Pictures without ink.", registry=self.registry)
        self._digits = Counter("digits_read", "Digits that were read.", ["accepted"], registry=self.registry)
        self._confidence = Histogram(
            "digits_confidence",
            "How sure the accepted digits are.",
            buckets=_CONFIDENCES,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def make_registry(self) -> CollectorRegistry:
        """Return what is to be told: the counters of this process, or those of all workers together."""
        if _WORKERS_FOLDER not in os.environ:
            return self.registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    def count_reading(self, reading: Reading) -> None:
        """Count a picture that was read, and its digits."""
        self._readings.inc()
        if not reading.digits:
            self._empty.inc()
        for digit in reading.digits:
            self._digits.labels(str(digit.accepted).lower()).inc()
            if digit.accepted:
                self._confidence.observe(digit.confidence)
