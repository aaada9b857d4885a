"""A new commit of the model replaces the old commit while the app responds to requests."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from time import monotonic, sleep

import httpx2
import pytest

from app.model.hub import HubModel
from app.model.loading import CurrentModel, run_within
from app.model.refreshing import refresh_model
from tests.app.hub_release import REPO, release_files
from tests.app.served import serve
from tests.hub.faults import Fault
from tests.hub.server import Hub

pytestmark = pytest.mark.slow

CLIENTS = 4
LIMIT_SECONDS = 30
ONE = [[0] * 20] * 5 + [[0] * 9 + [255] * 2 + [0] * 9] * 20 + [[0] * 20] * 5  # a drawing of a 1

Response = tuple[int, str, bool]  # the status, the model's revision, and whether the digit is accepted


def _wait_for(condition: Callable[[], bool]) -> None:
    end = monotonic() + LIMIT_SECONDS
    while not condition():
        assert monotonic() < end, "the condition is not met in time"
        sleep(0.1)


def test_requests_during_a_refresh_use_the_old_or_the_new_commit(
    hub: Hub, hub_environment: Mapping[str, str]
) -> None:
    """Clients that send requests all the time get responses by the old, then by the new commit only.

    The revision in a response shows the commit, and whether the digit is accepted shows the threshold.
    """
    old = hub.commit(REPO, release_files(acceptance_threshold=0.0))
    old_response, started = (200, old, True), Barrier(CLIENTS + 1)
    with (
        serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app,
        httpx2.Client() as client,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):

        def request() -> Response:
            response = client.post(f"{app.url}/api/predict", json={"pixels": ONE, "expect": "digit"})
            body = response.json()
            return response.status_code, body["model"]["revision"], body["digits"][0]["accepted"]

        def request_until_refreshed() -> list[Response]:
            responses, end = [request()], monotonic() + LIMIT_SECONDS
            started.wait(LIMIT_SECONDS)
            while responses[-1] == old_response and monotonic() < end:
                responses.append(request())
            return [*responses, request()]

        clients = [pool.submit(request_until_refreshed) for _ in range(CLIENTS)]
        started.wait(LIMIT_SECONDS)
        new_response = (200, hub.commit(REPO, release_files(acceptance_threshold=1.1)), False)
        for each in clients:
            *before, last, after = each.result()
            assert set(before) == {old_response}
            assert last == after == new_response


def test_invalid_commit_is_refused(hub: Hub, hub_environment: Mapping[str, str]) -> None:
    """An invalid commit is counted and logged, and the old commit is served until the next valid commit."""
    valid = hub.commit(REPO, release_files())
    with serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app:
        invalid = hub.commit(REPO, {"reader.tflite": b"no reader"})
        _wait_for(lambda: app.get("/api/model")["refused_updates"] == 1)
        assert app.get("/api/model")["revision"] == valid
        newer = hub.commit(REPO, release_files(acceptance_threshold=0.7))
        _wait_for(lambda: app.get("/api/model")["revision"] == newer)
        assert app.get("/api/model")["refused_updates"] == 1
    assert invalid in app.log


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(path="/resolve/", status=403), id="status 403"),
        pytest.param(Fault(path="/api/models/", status=200, body="<html>Log in"), id="HTML API"),
    ],
)
def test_commit_is_served_after_the_hub_failed(
    hub: Hub, hub_environment: Mapping[str, str], fault: Fault
) -> None:
    """A commit that could not be downloaded does not count as refused, and is tried again."""
    hub.commit(REPO, release_files())
    with serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app:
        hub.inject(fault)
        newer = hub.commit(REPO, release_files(acceptance_threshold=0.5))
        hub.requests.clear()
        _wait_for(lambda: any(fault.path in request.path for request in hub.requests))
        hub.clear_faults()
        _wait_for(lambda: app.get("/api/model")["revision"] == newer)
        assert app.get("/api/model")["refused_updates"] == 0


def test_app_that_started_without_a_release_on_the_hub_finds_it_later(
    hub: Hub, hub_environment: Mapping[str, str]
) -> None:
    """The release on the Hub replaces the bundled release when it is published."""
    with serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app:
        assert app.get("/api/model")["source"] == "bundled"
        commit = hub.commit(REPO, release_files())
        _wait_for(lambda: app.get("/api/model")["revision"] == commit)
        assert app.get("/api/model")["reason"] is None


def test_timeout_of_the_hub_is_logged_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A check that takes too long is logged as such, and the next check follows."""

    def time_out(_: HubModel) -> str:
        raise TimeoutError

    async def refresh_twice() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await refresh_model(CurrentModel(), HubModel(REPO, "main"), seconds=0.01)

    monkeypatch.setattr(HubModel, "find_commit", time_out)
    ThreadPoolExecutor(1).submit(asyncio.run, refresh_twice()).result()
    assert caplog.text.count("did not respond in time") >= 2


def test_check_that_is_cancelled_as_it_ends_is_cancelled() -> None:
    """A cancellation is not lost when the Hub responds at the same moment: the app can stop."""

    async def cancel_as_it_ends() -> None:
        check = asyncio.create_task(run_within(LIMIT_SECONDS, lambda: None))
        await asyncio.sleep(0)  # its thread starts,
        sleep(0.1)  # and ends before the event loop continues
        check.cancel()
        with pytest.raises(asyncio.CancelledError):
            await check

    ThreadPoolExecutor(1).submit(asyncio.run, cancel_as_it_ends()).result()
