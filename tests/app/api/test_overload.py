"""Overload and slow clients: load shedding, limits of heads and bodies."""

import asyncio
import signal
import socket
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx2
import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message

from app.api.metrics import Counters
from app.api.middleware import refusal, request_limits
from app.api.middleware.request_limits import RequestLimits
from app.application import create_app
from app.serving import http_protocol
from app.settings import Settings
from tests.app.served import serve, serve_in_thread
from tests.conftest import Digits
from tests.pictures import encode

Result = TypeVar("Result")

MAX_BYTES = 1000


@pytest.mark.slow
def test_requests_beyond_the_limit_are_refused_at_once(digits: Digits) -> None:
    """Of twelve requests at once three are read; the others get 503 with CORS headers, and are counted."""
    picture = encode(digits.images[0])
    head = f"POST /api/predict?expect=digit HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture)}\r\n"
    page = "https://example.org"
    request = (
        f"{head}Content-Type: image/png\r\nOrigin: {page}\r\nConnection: close\r\n\r\n".encode() + picture
    )
    with serve({}, max_concurrency=3, cors_origins=f"https://example.com,{page}") as served:
        address = (httpx2.URL(served.url).host, httpx2.URL(served.url).port)
        sockets = [socket.create_connection(address, timeout=20) for _ in range(12)]
        time.sleep(0.2)  # until the server has accepted them
        served.send_signal(signal.SIGSTOP)  # so that it finds all requests when it continues
        for each in sockets:
            each.sendall(request)
        served.send_signal(signal.SIGCONT)
        responses = [_receive_all(each) for each in sockets]
        refused = [response for response in responses if response.startswith(b"HTTP/1.1 503")]
        assert len(refused) == 12 - 3
        assert all(b'"code":"busy"' in response and b"retry-after: 1" in response for response in refused)
        assert all(f"access-control-allow-origin: {page}\r\n".encode() in response for response in responses)
        read = f'"text":"{digits.labels[0]}"'.encode()
        assert sum(response.startswith(b"HTTP/1.1 200") and read in response for response in responses) == 3
        assert served.read_pixels([[0]])["text"] == ""
        counted = 'digits_requests_total{method="POST",route="none",status="503"} 9.0'
        assert counted in httpx2.get(f"{served.url}/metrics").text


def _receive_all(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in another thread: Playwright has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _request(app: RequestLimits, chunks: Sequence[bytes], *, address: str = "192.0.2.1") -> int:
    """Send a body in chunks, where b"" is a pause of 0.1 seconds; return the status, 0 for none."""
    parts, statuses = list(chunks), [0]

    async def receive() -> Message:
        while parts and not parts[0]:
            parts.pop(0)
            await asyncio.sleep(0.1)
        if not parts:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses[0] = message["status"]

    scope = {"type": "http", "method": "POST", "path": "/api/predict", "headers": [], "client": (address, 1)}
    await app(scope, receive, send)
    return statuses[0]


def _limit(*, max_concurrency: int = 64) -> RequestLimits:
    return RequestLimits(
        Response(), max_concurrency=max_concurrency, max_bytes=MAX_BYTES, counters=Counters()
    )


def test_slow_body_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not send its body in time gets 408."""
    monkeypatch.setattr(request_limits, "_BODY_SECONDS", 0.05)
    monkeypatch.setattr(refusal, "_REST_SECONDS", 0.05)
    assert _run(_request(_limit(), [b"x", b"", b"x"])) == 408


@pytest.mark.parametrize(
    "addresses", [["192.0.2.1"], ["2001:db8::1", "2001:db8::2"], ["192.0.2.1", "192.0.2.3"]]
)
def test_stalled_bodies_are_limited_for_each_client(addresses: list[str]) -> None:
    """Stalled bodies are held up to a limit; those of one or two clients refuse no request of another."""
    stalled = [b"x" * (MAX_BYTES - 10), b"", b"", b""]

    async def send_all() -> tuple[list[int], int]:
        app = _limit()
        requests = [_request(app, stalled, address=addresses[place % len(addresses)]) for place in range(24)]
        tasks = [asyncio.create_task(request) for request in requests]
        await asyncio.sleep(0.1)
        small = await _request(app, [b"x" * 5, b"x"], address="192.0.2.2")
        return await asyncio.gather(*tasks), small

    statuses, small = _run(send_all())
    assert statuses.count(0) <= 9 * len(addresses)
    assert statuses.count(503) == 24 - statuses.count(0)
    assert small == 200


def test_stalled_body_takes_no_place_of_another_request() -> None:
    """Only requests whose body is complete count as in flight."""

    async def send_both() -> int:
        app = _limit(max_concurrency=1)
        stalled = asyncio.create_task(_request(app, [b"x", b"", b"", b""]))
        await asyncio.sleep(0.05)
        status = await _request(app, [b"x"])
        await stalled
        return status

    assert _run(send_both()) == 200


def test_connection_without_a_request_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that does not end in time closes its connection, be it the first or a later one."""
    monkeypatch.setattr(http_protocol, "_HEAD_SECONDS", 0.5)
    whole = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with serve_in_thread(create_app(Settings(ui=False))) as port:
        slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
        for connection, sent in zip(slow, (b"", whole[:-2], whole + b"\r\nGET /"), strict=True):
            connection.sendall(sent)
        assert httpx2.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
        responses = [_receive_all(connection) for connection in slow]
    assert [response[:12] for response in responses] == [b"", b"", b"HTTP/1.1 200"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/predict", "pixels"), ("/api/explain", "pixels"), ("/api/predict/batch", "images")],
)
def test_json_that_would_fill_the_memory_is_not_parsed(client: TestClient, path: str, name: str) -> None:
    """Nested lists take far more memory parsed than sent, and many unknown fields as many errors."""
    response = client.post(path, json={name: [[]] * 30_000})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "undecodable")
    response = client.post(path, json=dict.fromkeys(map(str, range(3000)), 0))
    assert (response.status_code, response.json()["error"]["code"]) == (422, "wrong_shape")
    assert "2,000 keys" in response.json()["error"]["message"]
