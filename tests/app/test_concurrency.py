"""Many clients at once, and pictures that take long to read."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from app.application import create_app
from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.image.picture import picture_of_pixels
from app.recognition.recognizer import Recognizer
from app.settings import Settings
from tests.app.api.inference import make_request
from tests.conftest import Digits
from tests.pictures import as_json, encode

PATHS_THAT_READ = ("/api/predict", "/api/predict/batch", "/api/explain", "/v2/models/digits/infer")
Block = Callable[[], tuple[Event, Event]]


@pytest.fixture
def block_reading(monkeypatch: pytest.MonkeyPatch) -> Block:
    """Make reading wait: return an event that is set when it has begun, and one that lets it go on."""

    def block() -> tuple[Event, Event]:
        began, go_on = Event(), Event()
        read = Recognizer.read

        def wait_and_read(*arguments: Any, **options: Any) -> Any:
            began.set()
            assert go_on.wait(30)
            return read(*arguments, **options)

        monkeypatch.setattr(Recognizer, "read", wait_and_read)
        return began, go_on

    return block


def _body(path: str, digits: Digits) -> dict[str, Any]:
    picture = as_json(encode(digits.images[0]))
    if path.endswith("/batch"):
        return {"images": [picture["image"]]}
    return make_request(digits.images[:1]) if path.endswith("/infer") else picture


@pytest.mark.parametrize("path", PATHS_THAT_READ)
def test_event_loop_is_free_while_a_picture_is_read(path: str, digits: Digits, block_reading: Block) -> None:
    """However small a picture is, health checks get responses while it is read."""
    app = create_app(Settings(ui=False))

    async def read_and_check_health() -> int:
        transport = httpx2.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://test") as http,
        ):
            began, go_on = block_reading()
            reading = asyncio.create_task(http.post(path, json=_body(path, digits)))
            while not began.is_set():
                await asyncio.sleep(0.001)
            health = await http.get("/health/live")
            assert health.status_code == 200
            assert not reading.done()
            go_on.set()
            return (await reading).status_code

    with ThreadPoolExecutor(1) as pool:  # Playwright runs an event loop in the main thread
        assert pool.submit(lambda: asyncio.run(read_and_check_health())).result() == 200


@pytest.mark.parametrize("path", ["/api/predict", "/v2/models/digits/infer"])
def test_large_request_does_not_delay_a_small_one(path: str, digits: Digits, block_reading: Block) -> None:
    """While as many large requests are read as have threads, a small one is read."""
    small, large = digits.images[0], as_json(encode(digits.images[0].repeat(30, 0).repeat(30, 1)))
    if path.endswith("/infer"):
        large = make_request(digits.images[:20])
    with TestClient(create_app(Settings(ui=False))) as client:
        read = Recognizer.read
        began, go_on = block_reading()
        blocked = Recognizer.read

        def block_large(recognizer: Recognizer, picture: Any, **options: Any) -> Any:
            way = blocked if picture.colour.shape[0] > len(small) else read
            return way(recognizer, picture, **options)

        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
            patch.setattr(Recognizer, "read", block_large)
            waiting = [pool.submit(client.post, path, json=large) for _ in range(4)]
            assert began.wait(30)
            response = client.post("/api/predict", json=as_json(encode(small)))
            assert not any(each.done() for each in waiting)
            go_on.set()
        assert response.json()["text"] == str(digits.labels[0])
        assert all(each.result().status_code == 200 for each in waiting)


def test_threads_get_the_same_readings(digits: Digits) -> None:
    """Eight threads that share a recogniser get exactly the readings of a single thread."""
    recognizer = load_release(open_release(BUNDLED_RELEASE), Origin()).recognizer
    pictures = [picture_of_pixels(image) for image in digits.images[:400]]
    alone = [recognizer.read(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(recognizer.read, pictures)) == alone
