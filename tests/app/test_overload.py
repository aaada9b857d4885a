"""More work than can be done, and clients that are slow: most are served, some refused, none forgotten."""

import asyncio
import signal
import socket
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope

import app.serving.http_protocol
from app.api.counters import Counters
from app.api.middleware import admission, bodies, refusal
from app.api.middleware.body_limit import WholeBody
from app.application import create_app
from app.settings import Settings
from tests.app.served import serve, serve_in_thread
from tests.conftest import Digits
from tests.pictures import encode

Result = TypeVar("Result")

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/api/predict", "headers": []}


def test_more_requests_at_once_than_allowed_are_refused_at_once(digits: Digits) -> None:
    """Of many that come at once some wait for their turn; the others get 503, as their pages see."""
    picture = encode(digits.images[0])
    head = f"POST /api/predict?expect=digit HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture)}\r\n"
    page = "https://example.org"
    request = (
        f"{head}Content-Type: image/png\r\nOrigin: {page}\r\nConnection: close\r\n\r\n".encode() + picture
    )
    with serve({}, max_concurrency=3, cors_origins=f"https://example.com,{page}") as served:
        address = (httpx2.URL(served.url).host, httpx2.URL(served.url).port)
        sockets = [socket.create_connection(address, timeout=20) for _ in range(12)]
        time.sleep(0.2)  # until the server has taken them all
        served.send_signal(signal.SIGSTOP)  # so that all requests are there when it goes on
        for each in sockets:
            each.sendall(request)
        served.send_signal(signal.SIGCONT)
        answers = [_receive_all(each) for each in sockets]
        refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503")]
        assert len(refused) == 12 - 3
        assert all(b'"code":"busy"' in answer and b"retry-after: 1" in answer for answer in refused)
        assert all(f"access-control-allow-origin: {page}\r\n".encode() in answer for answer in answers)
        read = f'"text":"{digits.labels[0]}"'.encode()
        assert sum(answer.startswith(b"HTTP/1.1 200") and read in answer for answer in answers) == 3
        assert served.read_pixels([[0]])["text"] == ""
        counted = 'digits_requests_total{method="POST",route="none",status="503"} 9.0'
        assert counted in httpx2.get(f"{served.url}/metrics").text


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: the browser's driver has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def _receive_all(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_crowds_without_a_pause_are_kept_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as allowed are let in as often as they come; of more few are, until few come, or none."""
    seconds = 0.0
    monkeypatch.setattr(admission, "monotonic", lambda: seconds)

    async def ask_again_and_again() -> list[int]:
        nonlocal seconds
        gate = admission.Admission(most=16, counters=Counters())

        async def ask(times: int) -> int:
            nonlocal seconds
            let_in = sum(gate.lets_in() for _ in range(times))
            await asyncio.sleep(0)  # until the event loop comes round
            for _ in range(let_in):
                seconds += 0.01
                gate.note_answer()
            return let_in

        assert [await ask(16) for _ in range(5)] == [16] * 5
        served = [await ask(times) for times in (20, 4, 1, 4, *[1] * 10, 4, 20, 20)]
        seconds += 0.1
        return [*served, await ask(20)]

    assert _run(ask_again_and_again()) == [16, 1, 1, 1, *[1] * 10, 4, 16, 1, 16]


def test_body_that_dribbles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not send its body in time gets 408, and its connection is closed."""
    monkeypatch.setattr(bodies, "_SECONDS", 0.05)
    monkeypatch.setattr(refusal, "_REST_SECONDS", 0.05)
    sent: list[Message] = []

    async def app_that_is_not_reached(*_: object) -> None:
        pytest.fail("a request without its body was handed on")

    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    _run(WholeBody(app_that_is_not_reached, max_bytes=1000, counters=Counters())(SCOPE, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert b'"code":"too_slow"' in sent[1]["body"]


def test_bodies_on_their_way_are_held_up_to_a_limit_together() -> None:
    """Nine bodies that never end do not hold nine times the largest body's bytes."""
    statuses: list[int] = []

    async def app_that_is_not_reached(*_: object) -> None:
        pytest.fail("a request without its body was handed on")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def send_all() -> None:
        whole_body = WholeBody(app_that_is_not_reached, max_bytes=1000, counters=Counters())

        def dribble() -> Receive:
            parts = iter([b"x" * 990])

            async def receive() -> Message:
                if (part := next(parts, None)) is not None:
                    return {"type": "http.request", "body": part, "more_body": True}
                await asyncio.sleep(0.2)
                return {"type": "http.disconnect"}

            return receive

        await asyncio.gather(*(whole_body(SCOPE, dribble(), send) for _ in range(9)))

    _run(send_all())
    assert statuses == [503]


def test_request_whose_head_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection over which no whole head of a request comes is closed; the others are served."""
    monkeypatch.setattr(app.serving.http_protocol, "_HEADERS_SECONDS", 0.3)
    with (
        serve_in_thread(create_app(Settings(ui=False))) as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as slow,
    ):
        slow.sendall(b"GET /health/live HTTP/1.1\r\nHost:")
        assert httpx2.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
        assert slow.recv(100) == b""


def test_json_that_would_fill_the_memory_is_not_parsed(client: TestClient) -> None:
    """Lists upon lists take far more memory parsed than sent, and no picture is made of them."""
    for path, name in (
        ("/api/predict", "pixels"),
        ("/api/explain", "pixels"),
        ("/api/predict/batch", "images"),
    ):
        answer = client.post(path, json={name: [[]] * 30_000})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "undecodable")


@pytest.mark.parametrize("path", ["/api/predict", "/api/explain", "/api/predict/batch"])
def test_many_unknown_fields_are_one_fault(client: TestClient, path: str) -> None:
    """JSON of nothing but unknown fields has the wrong shape; they are not looked at one by one."""
    answer = client.post(path, json=dict.fromkeys(map(str, range(3000)), 0))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "wrong_shape")
    assert "2,000 keys" in answer.json()["error"]["message"]
