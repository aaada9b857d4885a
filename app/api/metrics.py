"""The metrics of one application, and the route that returns them to Prometheus."""

import os
from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from app.api.errors import document_errors
from app.recognition.reading import Reading
from app.service import ReadingService

_WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own variable; the supervisor of workers sets it

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_CONFIDENCES = (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)

router = APIRouter(tags=["Health"])


@router.get(
    "/metrics",
    summary="Metrics of requests and readings, for Prometheus",
    response_class=Response,
    responses=document_errors(401, 429) | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(request: Request) -> Response:
    """Return the counters, and which model is served, in Prometheus' text format."""
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Counters:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "digits_requests", "Responses.", ["route", "method", "status"], registry=registry
        )
        self.seconds = Histogram(
            "digits_request_seconds",
            "From the first byte of a request to the last byte of its response.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "digits_requests_in_flight",
            "Requests without a complete response.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.refused = Counter(
            "digits_refused", "Requests refused before they reached a route.", ["reason"], registry=registry
        )
        self._readings = Counter("digits_readings", "Pictures read.", registry=registry)
        self._empty = Counter("digits_empty_readings", "Pictures without ink.", registry=registry)
        self._digits = Counter("digits_read", "Digits read.", ["accepted"], registry=registry)
        self._confidence = Histogram(
            "digits_confidence", "Confidence of the accepted digits.", buckets=_CONFIDENCES, registry=registry
        )
        self.corrections = Counter(
            "digits_corrections",
            "Corrections given and uploaded, failed uploads, and givers who took theirs back.",
            ["event"],
            registry=registry,
        )
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def make_registry(self) -> CollectorRegistry:
        """Return the counters of this process, or those of all workers together."""
        folder = os.environ.get(_WORKERS_FOLDER)
        if not folder:
            return self._registry
        _remove_dead_workers(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    def count_corrections(self, event: str, count: int) -> None:
        """Count corrections."""
        self.corrections.labels(event).inc(count)

    def count_reading(self, reading: Reading) -> None:
        """Count a picture that was read, and its digits."""
        self._readings.inc()
        if not reading.digits:
            self._empty.inc()
        for digit in reading.digits:
            self._digits.labels(str(digit.accepted).lower()).inc()
            if digit.accepted:
                self._confidence.observe(digit.confidence)


class ModelCollector(Collector):
    """Collects the state of the model at each scrape; a model that was replaced leaves no sample."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """Return the metrics; called by the registry."""
        service: ReadingService = self._app.state.service
        current, loaded = service.current, service.current.loaded
        yield GaugeMetricFamily("digits_ready", "Whether a model is loaded.", value=loaded is not None)
        if loaded is None:
            return
        origin = loaded.origin
        model = GaugeMetricFamily(
            "digits_model", "The model that is served.", labels=["source", "repo", "revision", "sha256"]
        )
        model.add_metric(
            [origin.source, origin.repo or "", origin.commit or "", loaded.release.reader_sha256], 1
        )
        yield model
        for name, meaning, value in (
            ("swaps", "Newer releases that have replaced a model.", current.swaps),
            ("refused_updates", "Newer releases that could not be used.", current.refused_updates),
        ):
            yield CounterMetricFamily(f"digits_model_{name}", meaning, value=value)


def _remove_dead_workers(folder: Path) -> None:
    """Remove the gauges of workers that were killed; a worker that replaces one calls this at its start."""
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
