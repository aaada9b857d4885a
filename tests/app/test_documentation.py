"""The API's own documentation."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def description(client: TestClient) -> dict[str, Any]:
    """The OpenAPI description."""
    answer: dict[str, Any] = client.get("/openapi.json").json()
    return answer


def test_documentation_needs_no_other_server(client: TestClient) -> None:
    """The page /docs loads everything from this server, and everything is there."""
    page = client.get("/docs").text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(assets) >= 3
    assert not [asset for asset in assets if "//" in asset]
    assert {client.get(asset).status_code for asset in assets} == {200}


def test_examples_in_the_documentation_work(client: TestClient, description: dict[str, Any]) -> None:
    """The example of each body that is posted is read."""
    for path in ("/api/predict", "/api/predict/batch"):
        content = description["paths"][path]["post"]["requestBody"]["content"]
        [example] = content["application/json"]["schema"]["examples"]
        answer = client.post(path, json=example).json()
        assert "1" in (answer.get("text"), *[reading["text"] for reading in answer.get("readings", [])])


def test_errors_are_documented(description: dict[str, Any]) -> None:
    """Each error that reading may give is described, in the one shape."""
    responses = description["paths"]["/api/predict"]["post"]["responses"]
    assert set(responses) == {"200", "400", "413", "415", "422", "503"}
    for status in set(responses) - {"200"}:
        example = responses[status]["content"]["application/json"]["example"]
        assert set(example["error"]) == {"code", "message"}


def test_each_picture_type_is_documented(description: dict[str, Any]) -> None:
    """The body may be JSON or a picture of each type."""
    content = description["paths"]["/api/predict"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "image/png", "image/jpeg", "image/webp"}
