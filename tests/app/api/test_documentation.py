"""The interactive documentation and the OpenAPI description."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.recognition.image.formats import MEDIA_TYPES

READING = ("/api/predict", "/api/predict/batch", "/api/explain")


@pytest.fixture
def description(client: TestClient) -> dict[str, Any]:
    """Return the OpenAPI description."""
    return dict(client.get("/openapi.json").json())


def test_documentation_needs_no_other_server(client: TestClient) -> None:
    """The page /docs loads all its assets from this server."""
    page = client.get("/docs").text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(assets) >= 3
    assert not [asset for asset in assets if "//" in asset]
    assert {client.get(asset).status_code for asset in assets} == {200}


def test_examples_in_the_documentation_work(client: TestClient, description: dict[str, Any]) -> None:
    """The example of each request body is accepted and read."""
    responses = {}
    for path in READING:
        content = description["paths"][path]["post"]["requestBody"]["content"]
        [example] = content["application/json"]["schema"]["examples"]
        responses[path] = client.post(path, json=example).json()
    assert responses["/api/predict"]["text"] == "1"
    assert responses["/api/predict/batch"]["readings"][0]["text"] == "1"
    assert responses["/api/explain"]["digit"]["digit"] == 1


@pytest.mark.parametrize("path", READING)
def test_errors_are_documented(description: dict[str, Any], path: str) -> None:
    """Each possible error is described with its error body."""
    responses = description["paths"][path]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "408", "413", "415", "422", "429", "503"}
    for status in set(responses) - {"200"}:
        example = responses[status]["content"]["application/json"]["example"]
        assert set(example["error"]) == {"code", "message"}


@pytest.mark.parametrize("path", ["/api/predict", "/api/explain"])
def test_each_picture_type_is_documented(description: dict[str, Any], path: str) -> None:
    """The body is described as JSON, a form, or a picture of each type."""
    content = description["paths"][path]["post"]["requestBody"]["content"]
    assert {"image/png", "image/jpeg", "image/webp", "image/tiff"} < set(MEDIA_TYPES)
    assert set(content) == {"application/json", "multipart/form-data", *MEDIA_TYPES}


def test_forms_and_errors_of_other_responses_are_documented(description: dict[str, Any]) -> None:
    """An explanation is JSON or PNG, with a query parameter that selects it; the metrics are text."""
    explain = description["paths"]["/api/explain"]["post"]
    assert set(explain["responses"]["200"]["content"]) == {"application/json", "image/png"}
    assert {parameter["name"] for parameter in explain["parameters"]} == {"expect", "index", "format"}
    metrics = description["paths"]["/metrics"]["get"]["responses"]
    assert set(metrics) == {"200", "401", "429"}
    assert set(metrics["200"]["content"]) == {"text/plain"}
