"""Each fault that tests can inject into the stand-in does what it says, and no more."""

from pathlib import Path
from threading import Event, Thread

import httpx2
import pytest
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import HfHubHTTPError

from tests.hub.faults import Fault
from tests.hub.server import Hub

REPO = "ann/digits"
WEIGHTS = bytes(range(256)) * 100


@pytest.fixture
def address(hub: Hub) -> str:
    """Where a file with WEIGHTS is."""
    hub.commit(REPO, {"model.keras": WEIGHTS})
    return f"{hub.url}/{REPO}/resolve/main/model.keras"


def test_log_says_what_was_asked_and_sent(hub: Hub, address: str) -> None:
    """Every request is in the log with its bytes, and a part of a file with the part's."""
    httpx2.head(address)
    part = httpx2.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, WEIGHTS[100:200])
    beyond = httpx2.get(address, headers={"Range": f"bytes={len(WEIGHTS)}-"})
    assert beyond.status_code == 416
    path = f"/{REPO}/resolve/main/model.keras"
    assert [(asked.method, asked.path, asked.status, asked.sent) for asked in hub.requests] == [
        ("HEAD", path, 200, 0),
        ("GET", path, 206, 100),
        ("GET", path, 416, 0),
    ]


def test_fault_concerns_what_it_names(hub: Hub, address: str) -> None:
    """Method, path and number of times decide which requests go wrong; healing ends it."""
    hub.inject(Fault(method="GET", path="/resolve/", times=2, status=503, headers={"Retry-After": "9"}))
    assert httpx2.head(address).status_code == 200
    assert httpx2.get(f"{hub.url}/api/models/{REPO}").status_code == 200
    answer = httpx2.get(address)
    assert (answer.status_code, answer.headers["Retry-After"], answer.content) == (503, "9", b"")
    assert httpx2.get(address).status_code == 503
    assert httpx2.get(address).content == WEIGHTS
    hub.inject(Fault(status=500))
    assert httpx2.get(address).status_code == 500
    hub.heal()
    assert httpx2.get(address).status_code == 200


def test_faults_follow_one_another(hub: Hub, address: str) -> None:
    """Of two faults for the same request the second comes when the first is over."""
    hub.inject(Fault(times=1, status=500))
    hub.inject(Fault(times=1, status=503))
    assert [httpx2.get(address).status_code for _ in range(3)] == [500, 503, 200]


def test_answer_waits(hub: Hub, address: str) -> None:
    """A client with less patience than the fault's wait gets no answer."""
    hub.inject(Fault(wait=60))
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.get(address, timeout=0.1)


def test_byte_is_turned(hub: Hub, address: str) -> None:
    """One byte of the body is another, and nothing else."""
    hub.inject(Fault(method="GET", flip=300))
    body = httpx2.get(address).content
    assert [place for place in range(len(WEIGHTS)) if body[place] != WEIGHTS[place]] == [300]


def test_connection_is_dropped_after_the_request_took_effect(hub: Hub, address: str) -> None:
    """There is no answer to a request that was carried out."""
    hub.inject(Fault(method="POST", times=1, drop=True))
    headers = {"Authorization": f"Bearer {hub.token()}"}
    tag = f"{hub.url}/api/models/{REPO}/tag/main"
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(tag, json={"tag": "v1"}, headers=headers)
    assert hub.store.repo(REPO).tags.keys() == {"v1"}
    assert (hub.requests[-1].status, hub.requests[-1].sent) == (0, 0)
    assert httpx2.get(address).status_code == 200


def test_body_is_cut(hub: Hub, address: str) -> None:
    """The whole length is announced, the body ends before."""
    hub.inject(Fault(method="GET", cut=1000))
    with httpx2.stream("GET", address) as answer:
        assert answer.headers["Content-Length"] == str(len(WEIGHTS))
        with pytest.raises(httpx2.RemoteProtocolError):
            answer.read()
    assert hub.requests[-1].sent == 1000


def test_client_resumes_a_body_that_was_cut(
    api: HfApi, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client asks for the rest after the last whole chunk, and has the whole file in the end."""
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 100)
    hub.commit(REPO, {"model.keras": WEIGHTS})
    hub.inject(Fault(method="GET", path="/resolve/", times=1, cut=1050))
    path = Path(api.hf_hub_download(REPO, "model.keras", cache_dir=tmp_path))
    assert path.read_bytes() == WEIGHTS
    sent = [asked.sent for asked in hub.requests if asked.method == "GET" and "/resolve/" in asked.path]
    assert sent == [1050, len(WEIGHTS) - 1000]


def test_callback_before_handling_comes_in_between(api: HfApi, hub: Hub) -> None:
    """A commit that is pushed while another is on its way makes that one's parent stale."""
    parent = hub.commit(REPO, {"a": b"a"})
    hub.inject(Fault(path="/commit/", times=1, before_handling=lambda: hub.commit(REPO, {"a": b"b"})))
    with pytest.raises(HfHubHTTPError) as refused:
        api.upload_file(repo_id=REPO, path_or_fileobj=b"c", path_in_repo="a", parent_commit=parent)
    assert refused.value.response.status_code == 412
    assert hub.files(REPO)["a"] == b"b"


def test_callback_before_answering_comes_after_the_effect(api: HfApi, hub: Hub) -> None:
    """An answer tells what was so before the callback."""
    old = hub.commit(REPO, {"a": b"a"})
    hub.inject(Fault(times=1, before_answering=lambda: hub.commit(REPO, {"a": b"b"})))
    assert api.model_info(REPO).sha == old
    assert api.model_info(REPO).sha != old


def test_others_are_answered_during_a_wait(hub: Hub, address: str) -> None:
    """A callback that blocks holds up its own request only."""
    here, done = Event(), Event()

    def block() -> None:
        here.set()
        assert done.wait(10)

    hub.inject(Fault(method="GET", times=1, before_answering=block))
    answers: list[int] = []
    blocked = Thread(target=lambda: answers.append(httpx2.get(address).status_code))
    blocked.start()
    assert here.wait(10)
    assert httpx2.get(address).status_code == 200
    assert answers == []
    done.set()
    blocked.join()
    assert answers == [200]


def test_stopped_hub_refuses_connections(api: HfApi, hub: Hub, address: str) -> None:
    """Nobody gets an answer after the stop, connected before or not; what was held can be looked at."""
    assert api.model_info(REPO).sha
    assert httpx2.get(address).status_code == 200
    here = Event()
    hub.inject(Fault(before_handling=here.set, wait=60))
    errors: list[httpx2.TransportError] = []

    def ask() -> None:
        try:
            httpx2.get(address)
        except httpx2.TransportError as error:
            errors.append(error)

    waiting = Thread(target=ask)
    waiting.start()
    assert here.wait(10)
    hub.stop()
    waiting.join(10)
    assert len(errors) == 1
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address)
    with pytest.raises(httpx2.TransportError):
        api.model_info(REPO)
    assert hub.files(REPO)["model.keras"] == WEIGHTS
