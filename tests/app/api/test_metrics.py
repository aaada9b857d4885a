"""Prometheus metrics and the access log."""

import json

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.application import create_app
from app.model.release import BUNDLED_RELEASE, open_release
from app.settings import Settings
from tests.app.served import serve
from tests.conftest import Digits
from tests.pictures import as_json, encode

Samples = dict[tuple[str, tuple[str, ...]], float]


def _scrape(client: TestClient) -> Samples:
    """Return each sample by its name and the values of its labels, in the order of the labels' names."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, tuple(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def samples(digits: Digits) -> Samples:
    """The metrics after three readings, one of them empty, and three refused requests."""
    with TestClient(create_app(Settings(ui=False, max_body_bytes=2**16))) as client:
        for image in digits.images[:2]:
            assert client.post("/api/predict", json=as_json(encode(image), expect="digit")).status_code == 200
        assert client.post("/api/predict", json={"pixels": [[0]]}).status_code == 200
        assert client.post("/api/predict", json={"pixels": "none"}).status_code == 422
        assert client.post("/api/predict", content=b"x" * 2**17).status_code == 413
        assert client.get("/some/where").status_code == 404
        assert client.get("/v2/models/digits/versions/1/ready").status_code == 404
        return _scrape(client)


def test_requests_are_counted_by_route_and_status(samples: Samples) -> None:
    """Each response counts once, under the route as declared; all unknown paths are one route."""
    assert samples["digits_requests_total", ("POST", "/api/predict", "200")] == 3
    assert samples["digits_requests_total", ("POST", "/api/predict", "422")] == 1
    assert samples["digits_requests_total", ("POST", "none", "413")] == 1
    assert samples["digits_requests_total", ("GET", "none", "404")] == 1
    assert samples["digits_requests_total", ("GET", "/v2/models/digits/versions/{version}/ready", "404")] == 1
    assert samples["digits_request_seconds_count", ("/api/predict",)] == 4
    assert samples["digits_requests_in_flight", ()] == 1  # this request


def test_refusals_are_counted_by_reason(samples: Samples) -> None:
    """A request that a middleware refuses is counted with the reason."""
    assert samples["digits_refused_total", ("too_large",)] == 1


def test_readings_are_counted(samples: Samples) -> None:
    """Pictures, digits and their confidence are counted."""
    assert samples["digits_readings_total", ()] == 3
    assert samples["digits_empty_readings_total", ()] == 1
    assert samples["digits_read_total", ("true",)] == 2
    assert samples["digits_confidence_count", ()] == 2


def test_model_is_a_metric(samples: Samples) -> None:
    """The model is one sample, labelled with its origin and its hash."""
    [labels] = [labels for name, labels in samples if name == "digits_model"]
    assert labels[2:] == (open_release(BUNDLED_RELEASE).reader_sha256, "bundled")
    assert samples["digits_model_swaps_total", ()] == 0
    assert samples["digits_ready", ()] == 1


@pytest.mark.slow
def test_log_has_an_id_for_each_request_and_no_picture(digits: Digits) -> None:
    """A JSON log has a line for each request with its id, the client's own or a new one, and no body."""
    given = "0123456789abcdef0123456789abcdef"
    body = as_json(encode(digits.images[0]))
    with serve({}, log_format="json", log_level="info") as served:
        first = httpx2.post(f"{served.url}/api/predict", json=body)
        second = httpx2.post(
            f"{served.url}/api/predict?expect=digit", json=body, headers={"X-Request-ID": given}
        )
    lines = [json.loads(line) for line in served.log.splitlines() if line.startswith("{")]
    logged = [line for line in lines if line.get("path") == "/api/predict"]
    assert [line["request_id"] for line in logged] == [first.headers["X-Request-ID"], given]
    assert second.headers["X-Request-ID"] == given
    assert [(line["method"], line["status"], line["level"]) for line in logged] == [("POST", 200, "INFO")] * 2
    assert body["image"][:40] not in served.log


@pytest.mark.slow
def test_line_break_in_a_path_is_quoted() -> None:
    """A client cannot write lines into the log."""
    with serve({}, log_level="info") as served:
        assert httpx2.get(f"{served.url}/api/x%0AERROR%20forged").status_code == 404
    assert "/api/x%0AERROR%20forged 404" in served.log
    assert not any(line.startswith("ERROR") for line in served.log.splitlines())
