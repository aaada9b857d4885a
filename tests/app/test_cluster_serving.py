"""The API on a cluster: the same answers, new versions and faults without a failed request."""

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
from tests.app.hub_release import REPO, release_files
from tests.app.serve_cluster import ServeCluster, run_cluster
from tests.conftest import Digits
from tests.hub.fixtures import environment_of
from tests.hub.server import Hub
from tests.pictures import encode

pytestmark = pytest.mark.ray

KEY = "a key of the cluster's"
HEADERS = {"X-API-Key": KEY}
LIMITS = {"max_body_bytes": str(2**20), "max_concurrency": "8"}
PIXELS = [[0] * 20] * 5 + [[0] * 9 + [255] * 2 + [0] * 9] * 20 + [[0] * 20] * 5
OF_THE_SERVER = {"date", "server", "connection", "content-length", "x-request-id"}

Answers = Counter[tuple[int, str, object]]


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
def _asking(cluster: ServeCluster) -> Iterator[Answers]:
    """Ask for readings all the while; count status, commit and whether the digit was accepted.

    Of a refusal, its code and when to come again. Of an answer that broke off: status 0.
    """
    answers: Answers = Counter()
    enough = Event()

    def ask_on() -> None:
        with httpx2.Client(base_url=cluster.url, headers=HEADERS, timeout=60) as client:
            while not enough.is_set():
                try:
                    answer = client.post("/api/predict", json={"pixels": PIXELS, "expect": "digit"})
                except httpx2.RemoteProtocolError:
                    answers[0, "", None] += 1
                else:
                    answers[_tell(answer)] += 1

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask_on) for _ in range(4)]
        try:
            yield answers
        finally:
            enough.set()
    for each in asked:
        each.result()


def _tell(answer: httpx2.Response) -> tuple[int, str, object]:
    told = answer.json()
    if answer.status_code == 200:
        return 200, told["model"]["revision"], told["digits"][0]["accepted"]
    return answer.status_code, told["error"]["code"], answer.headers.get("retry-after")


def _describe(answer: Any) -> tuple[int, dict[str, str], Any]:
    """What an answer is, without what differs from one answer, or one server, to the next."""
    headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_SERVER}
    kind = headers.get("content-type", "")
    told = answer.json() if kind == "application/json" else kind
    if isinstance(told, dict):
        told = {name: value for name, value in told.items() if name not in ("elapsed_ms", "model")}
    return answer.status_code, headers, told


def test_a_cluster_answers_as_one_process_does(cluster: ServeCluster, digits: Digits) -> None:
    """Routes, errors, headers and limits are the same; the key comes from the environment of the head."""
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


def test_replicas_do_not_ask_the_hub(cluster: ServeCluster, cluster_hub: Hub, commit: str) -> None:
    """Two replicas serve the commit, and each of its files was fetched once."""
    answer = httpx2.get(f"{cluster.url}/api/model", headers=HEADERS).json()
    assert (answer["source"], answer["repo"], answer["revision"]) == ("hub", REPO, commit)
    fetched = [
        each.path for each in cluster_hub.requests if each.method == "GET" and "/resolve/" in each.path
    ]
    assert sorted(path.rsplit("/", 1)[-1] for path in fetched) == ["reader.tflite", "release.json"]


def test_crowds_are_refused_in_the_usual_shape(cluster: ServeCluster, digits: Digits) -> None:
    """Of more requests than may wait some are read; the others get 503, when to come again, and an id."""
    picture = encode(digits.images[0])
    headers = HEADERS | {"Content-Type": "image/png"}

    with httpx2.Client(headers=headers, timeout=60) as client, ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(client.post, f"{cluster.url}/api/predict", content=picture) for _ in range(200)]
        answers = [each.result() for each in asked]
    refused = [answer for answer in answers if answer.status_code == 503]
    for answer in refused:
        assert answer.json()["error"]["code"] == "busy"
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
    assert 0 < len(refused) < len(answers)
    assert {answer.status_code for answer in answers} == {200, 503}


def test_a_new_version_takes_the_place_of_the_old_without_a_failed_request(
    cluster: ServeCluster, cluster_hub: Hub, commit: str
) -> None:
    """Both commits are seen, each answer is of one of them, and all requests are answered."""
    newer = cluster_hub.commit(REPO, release_files(acceptance_threshold=1.1))
    old = {replica.pid for replica in cluster.replicas()}
    with _asking(cluster) as answers:
        cluster.deploy(replicas=2, model_repo=REPO, model_revision=newer, **LIMITS)
        cluster.wait_until_gone(old)
        before = answers.total()
        cluster.wait_for(lambda: answers.total() > before + 20)
    assert set(answers) == {(200, commit, True), (200, newer, False)}


def test_a_killed_replica_and_a_lost_node_cost_no_answer(cluster: ServeCluster) -> None:
    """Every request is read or refused with 503, and afterwards there are as many replicas as before.

    But for the one answer that a replica may be sending, byte by byte, at the moment of its death.
    """
    with _asking(cluster) as answers:
        cluster.wait_for(lambda: answers.total() > 50)
        killed = cluster.replicas()[0]
        killed.kill()
        cluster.wait_until_gone({killed.pid})
        cluster.wait_until_ready(replicas=2)
        cluster.remove_node()
        cluster.wait_until_ready(replicas=2)
        before = answers.total()
        cluster.wait_for(lambda: answers.total() > before + 20)
    broken = answers.pop((0, "", None), 0)
    answers.pop((503, "busy", "1"), None)
    assert broken <= 2
    assert [status for status, *_ in answers] == [200]
