"""The API on a cluster: same responses, and no failed request during a deployment or a fault."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import load_settings
from tests.app.cluster.serve_cluster import ServeCluster, run_cluster
from tests.app.hub_release import REPO, release_files
from tests.conftest import Digits
from tests.hub.fixtures import environment_of
from tests.hub.server import Hub
from tests.pictures import encode

pytestmark = [pytest.mark.ray, pytest.mark.slow]

KEY = "a key of the cluster's"
HEADERS = {"X-API-Key": KEY}
LIMITS = {"max_body_bytes": str(2**20), "max_concurrency": "8"}
PIXELS = [[0] * 20] * 5 + [[0] * 9 + [255] * 2 + [0] * 9] * 20 + [[0] * 20] * 5
SERVER_HEADERS = {"date", "server", "connection", "content-length", "x-request-id"}

Responses = Counter[tuple[int, str, object]]


@pytest.fixture(scope="module")
def cluster_hub() -> Iterator[Hub]:
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture(scope="module")
def commit(cluster_hub: Hub) -> str:
    return cluster_hub.commit(REPO, release_files())


@pytest.fixture(scope="module")
def cluster(
    cluster_hub: Hub, commit: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServeCluster]:
    """Two replicas on two nodes, with the model of the Hub."""
    home = tmp_path_factory.mktemp("hf")
    environment = environment_of(cluster_hub, home=home) | {"DIGITS_API_KEY": KEY}
    with run_cluster(environment) as cluster:
        cluster.deploy(replicas=2, model_repo=REPO, model_revision=commit, **LIMITS)
        cluster.wait_until_ready(replicas=2)
        yield cluster


@contextmanager
def _sending(cluster: ServeCluster) -> Iterator[Responses]:
    """Send requests with four clients; count (status, commit, accepted) of the responses.

    An error counts as (status, code, Retry-After). A response that breaks off counts as status 0.
    """
    responses: Responses = Counter()
    stop = Event()

    def send() -> None:
        with httpx2.Client(base_url=cluster.url, headers=HEADERS, timeout=60) as client:
            while not stop.is_set():
                try:
                    response = client.post("/api/predict", json={"pixels": PIXELS, "expect": "digit"})
                except httpx2.RemoteProtocolError:
                    responses[0, "", None] += 1
                else:
                    responses[_summarise(response)] += 1

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(send) for _ in range(4)]
        try:
            yield responses
        finally:
            stop.set()
    for each in sent:
        each.result()


def _summarise(response: httpx2.Response) -> tuple[int, str, object]:
    body = response.json()
    if response.status_code == 200:
        return 200, body["model"]["revision"], body["digits"][0]["accepted"]
    return response.status_code, body["error"]["code"], response.headers.get("retry-after")


def _describe(response: Any) -> tuple[int, dict[str, str], Any]:
    """Return a response without the parts that differ between responses or servers."""
    headers = {name: value for name, value in response.headers.items() if name not in SERVER_HEADERS}
    kind = headers.get("content-type", "")
    body = response.json() if kind == "application/json" else kind
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in ("elapsed_ms", "model")}
    return response.status_code, headers, body


def test_a_cluster_responds_as_a_single_process(cluster: ServeCluster, digits: Digits) -> None:
    """Routes, errors, headers and limits are the same; the API key is that of the head's environment."""
    png = encode(digits.images[0])
    image = {"Content-Type": "image/png"}
    as_json = {"Content-Type": "application/json"}
    with (
        TestClient(create_app(load_settings(ui="0", api_key=KEY, **LIMITS))) as plain,
        httpx2.Client(base_url=cluster.url, timeout=60) as client,
    ):
        for method, path, body, headers in (
            ("POST", "/api/predict?expect=digit", png, HEADERS | image),
            ("POST", "/api/predict", json.dumps({"pixels": PIXELS}).encode(), HEADERS | as_json),
            ("POST", "/api/explain?format=png", png, HEADERS | image),
            ("POST", "/api/predict/batch", b'{"images": []}', HEADERS | as_json),
            ("POST", "/api/predict", png, image),
            ("POST", "/api/predict", b"no picture", HEADERS | image),
            ("POST", "/api/predict", b"x" * (2**20 + 1), HEADERS | image),
            ("POST", "/api/predict", png, HEADERS | {"Content-Type": "text/plain"}),
            ("POST", "/api/predict", b'{"pixels": 1}', HEADERS | as_json),
            ("GET", "/api/predict", b"", HEADERS),
            ("GET", "/", b"", {}),
            ("GET", "/docs", b"", {}),
            ("GET", "/health/live", b"", {}),
            ("GET", "/metrics", b"", HEADERS),
            ("GET", "/v2/models/none", b"", HEADERS),
            ("POST", "/v2/models/digits/infer", b"{}", HEADERS),
        ):
            ours = client.request(method, path, content=body, headers=headers)
            theirs = plain.request(method, path, content=body, headers=headers)
            assert _describe(ours) == _describe(theirs), (method, path)
            assert len(ours.headers.get_list("x-request-id")) == 1


def test_replicas_send_no_requests_to_the_hub(cluster: ServeCluster, cluster_hub: Hub, commit: str) -> None:
    """Two replicas serve the commit, and each of its files is downloaded once."""
    response = httpx2.get(f"{cluster.url}/api/model", headers=HEADERS).json()
    assert (response["source"], response["repo"], response["revision"]) == ("hub", REPO, commit)
    fetched = [
        each.path for each in cluster_hub.requests if each.method == "GET" and "/resolve/" in each.path
    ]
    assert sorted(path.rsplit("/", 1)[-1] for path in fetched) == [
        "line_reader.tflite",
        "reader.tflite",
        "release.json",
    ]


def test_overload_is_refused_in_the_format_of_the_api(cluster: ServeCluster, digits: Digits) -> None:
    """If the queue is full, some requests succeed and the others get 503 with Retry-After and an id."""
    picture = encode(digits.images[0])
    headers = HEADERS | {"Content-Type": "image/png"}
    with httpx2.Client(headers=headers, timeout=60) as client, ThreadPoolExecutor(100) as pool:
        sent = [pool.submit(client.post, f"{cluster.url}/api/predict", content=picture) for _ in range(200)]
        responses = [each.result() for each in sent]
    refused = [response for response in responses if response.status_code == 503]
    for response in refused:
        assert response.json()["error"]["code"] == "busy"
        assert response.headers["retry-after"] == "1"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-request-id"]
    assert 0 < len(refused) < len(responses)
    assert {response.status_code for response in responses} == {200, 503}


def test_a_deployment_fails_no_request(cluster: ServeCluster, cluster_hub: Hub, commit: str) -> None:
    """All requests succeed, with the old or the new commit, and both occur."""
    newer = cluster_hub.commit(REPO, release_files(acceptance_threshold=1.1))
    old = {replica.pid for replica in cluster.replicas()}
    with _sending(cluster) as responses:
        cluster.deploy(replicas=2, model_repo=REPO, model_revision=newer, **LIMITS)
        cluster.wait_until_gone(old)
        before = responses.total()
        cluster.wait_for(lambda: responses.total() > before + 20)
    assert set(responses) == {(200, commit, True), (200, newer, False)}


def test_a_killed_replica_and_a_lost_node_fail_no_request(cluster: ServeCluster) -> None:
    """Every request succeeds or gets 503, and the number of replicas recovers.

    Except for the response that a replica is sending at the moment of its death.
    """
    with _sending(cluster) as responses:
        cluster.wait_for(lambda: responses.total() > 50)
        killed = cluster.replicas()[0]
        killed.kill()
        cluster.wait_until_gone({killed.pid})
        cluster.wait_until_ready(replicas=2)
        cluster.remove_node()
        cluster.wait_until_ready(replicas=2)
        before = responses.total()
        cluster.wait_for(lambda: responses.total() > before + 20)
    broken = responses.pop((0, "", None), 0)
    responses.pop((503, "busy", "1"), None)
    assert broken <= 2
    assert [status for status, *_ in responses] == [200]
