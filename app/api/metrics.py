"""The route that Prometheus asks."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from app.api.errors import document_errors
from app.service import ReadingService

router = APIRouter(tags=["Health"])


@router.get(
    "/metrics",
    summary="What was asked and read, for Prometheus",
    response_class=Response,
    responses=document_errors(401, 429) | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(request: Request) -> Response:
    """Tell the counters, and which model is served, in Prometheus' text format."""
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class ModelCollector(Collector):
    """Tells at each scrape which model is served: one that was replaced leaves nothing behind."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """Called by the registry."""
        service: ReadingService = self._app.state.service
        current, loaded = service.current, service.current.loaded
        yield GaugeMetricFamily("digits_ready", "Whether pictures are read.", value=loaded is not None)
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
            ("swaps", "How often a newer commit took the model's place.", current.swaps),
            ("refused_updates", "Newer commits that could not be used.", current.refused_updates),
        ):
            yield CounterMetricFamily(f"digits_model_{name}", meaning, value=value)
