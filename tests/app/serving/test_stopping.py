"""Graceful stop: drain, requests in progress, event streams, and requests that take too long."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.recognition.reading import Reading
from app.recognition.recognizer import Recognizer
from app.serving import server
from app.settings import Settings
from tests.app.served import serve, serve_in_thread
from tests.conftest import Digits
from tests.pictures import as_json, encode

Stop = Callable[[], httpx2.Response]

pytestmark = pytest.mark.slow


def test_stopping_server_is_not_ready_but_still_responds() -> None:
    """After SIGTERM /health/ready is off while requests are still served; then the exit code is 0."""
    with serve({}, drain_seconds=2) as served, httpx2.Client(base_url=served.url) as client:
        assert client.get("/health/ready").status_code == 200
        served.send_signal(signal.SIGTERM)
        start = time.monotonic()
        while (ready := client.get("/health/ready")).status_code == 200:
            assert time.monotonic() - start < 1.5, "it was ready to the end"
        assert ready.json() == {"error": {"code": "not_ready", "message": "The server is stopping."}}
        assert client.get("/health/live").status_code == 200
        assert served.read_pixels([[0]])["text"] == ""
    assert served.exit_code == 0


def test_request_with_half_a_body_is_served(digits: Digits) -> None:
    """A body that is half sent at SIGTERM is read when the rest arrives."""
    picture = encode(digits.images[0])
    head = f"POST /api/predict?expect=digit HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture)}\r\n"
    with serve({}, drain_seconds=0) as served:
        url = httpx2.URL(served.url)
        with socket.create_connection((url.host, url.port), timeout=20) as connection:
            connection.sendall(f"{head}Content-Type: image/png\r\n\r\n".encode() + picture[:20])
            time.sleep(0.2)  # until the server has it
            served.send_signal(signal.SIGTERM)
            time.sleep(0.5)  # until it no longer listens
            connection.sendall(picture[20:])
            response = b"".join(iter(lambda: connection.recv(65536), b""))
    assert response.startswith(b"HTTP/1.1 200")
    assert f'"text":"{digits.labels[0]}"'.encode() in response
    assert served.exit_code == 0


@pytest.fixture
def stop_while_reading(monkeypatch: pytest.MonkeyPatch, digits: Digits) -> Stop:
    """Stops a server that reads a batch of ten, 0.1 seconds each; returns the response."""
    begun = threading.Event()
    read = Recognizer.read

    def read_slowly(*given: Any, **options: Any) -> Reading:
        begun.set()
        time.sleep(0.1)
        return read(*given, **options)

    def send_batch(port: int) -> httpx2.Response:
        images = [as_json(encode(image))["image"] for image in digits.images[:10]]
        return httpx2.post(f"http://127.0.0.1:{port}/api/predict/batch", json={"images": images}, timeout=20)

    def stop() -> httpx2.Response:
        with ThreadPoolExecutor(1) as pool:
            with serve_in_thread(create_app(Settings(ui=False))) as port:
                response = pool.submit(send_batch, port)
                assert begun.wait(20)
            return response.result()

    monkeypatch.setattr(Recognizer, "read", read_slowly)
    return stop


def test_request_in_progress_is_finished(stop_while_reading: Stop) -> None:
    """A server that stops finishes a batch that it has begun."""
    response = stop_while_reading()
    assert response.status_code == 200
    assert len(response.json()["readings"]) == 10


def test_request_that_takes_too_long_gets_503(
    stop_while_reading: Stop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A request that is unfinished after the time for a graceful stop gets 503, and the log no traceback."""
    monkeypatch.setattr(server, "_SHUTDOWN_SECONDS", 0.3)
    response = stop_while_reading()
    assert response.status_code == 503
    assert response.json() == {"error": {"code": "not_ready", "message": "The server is stopping."}}
    assert response.headers["Retry-After"] == "1"
    assert "Traceback" not in caplog.text


def test_event_streams_do_not_delay_the_stop() -> None:
    """An event stream that is open at SIGTERM is ended regularly, and the server stops at once."""
    with serve({"DIGITS_UI": "1", "PATH": os.environ["PATH"]}) as served:
        with httpx2.stream("GET", f"{served.url}/gradio_api/heartbeat/x", timeout=20) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "data: ALIVE"
            start = time.monotonic()
            served.send_signal(signal.SIGTERM)
            assert not any(lines)
        served.process.wait(20)
        assert time.monotonic() - start < 5
    assert served.exit_code == 0
    assert "Traceback" not in served.log


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/predict", {"pixels": [[0]]}),
        ("/api/predict/batch", {"images": [""]}),
        ("/api/explain", {"pixels": [[0]]}),
        ("/v2/models/digits/infer", {"inputs": []}),
    ],
)
def test_reading_without_a_model_gets_503(path: str, body: object) -> None:
    """A request that is read after the model was unloaded, while the server stops, gets 503."""
    app = create_app(Settings(ui=False))
    with TestClient(app) as client:
        app.state.service.current.loaded = None
        assert client.post(path, json=body).status_code == 503
