"""A new commit of the model is put in place of the old one while requests are answered."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import httpx2

from tests.app.hub_release import REPO, release_files
from tests.app.served import serve
from tests.hub.faults import Fault
from tests.hub.server import Hub


def _wait_for(condition: Callable[[], bool]) -> None:
    end = monotonic() + 30
    while not condition():
        assert monotonic() < end, "it did not happen"
        sleep(0.1)


def test_a_new_commit_is_swapped_in_without_a_lost_or_mixed_answer(
    hub: Hub, hub_environment: Mapping[str, str]
) -> None:
    """Of requests in flight all the while each is answered by one of the two, late ones by the new."""
    old = hub.commit(REPO, release_files(acceptance_threshold=0.0))
    pixels = [[0] * 20] * 5 + [[0] * 9 + [255] * 2 + [0] * 9] * 20 + [[0] * 20] * 5
    with (
        serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app,
        httpx2.Client() as client,
        ThreadPoolExecutor(8) as pool,
    ):

        def ask(_: int) -> tuple[int, str, bool]:
            answer = client.post(f"{app.url}/api/predict", json={"pixels": pixels, "expect": "digit"})
            return (
                answer.status_code,
                answer.json()["model"]["revision"],
                answer.json()["digits"][0]["accepted"],
            )

        before = list(pool.map(ask, range(20)))
        asked = pool.map(ask, range(400))
        new = hub.commit(REPO, release_files(acceptance_threshold=1.1))
        _wait_for(lambda: app.get("/api/model")["revision"] == new)
        after = list(pool.map(ask, range(20)))
        during = list(asked)
    # What is accepted shows which threshold, the revision which commit was at work: never one of each.
    assert set(before) == {(200, old, True)}
    assert set(during) <= {(200, old, True), (200, new, False)}
    assert set(after) == {(200, new, False)}
    assert sum(Counter(during).values()) == 400


def test_a_bad_commit_is_refused_counted_and_logged_and_the_old_one_goes_on(
    hub: Hub, hub_environment: Mapping[str, str]
) -> None:
    """The next good one is taken again."""
    good = hub.commit(REPO, release_files())
    with serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app:
        bad = hub.commit(REPO, {"reader.tflite": b"no reader"})
        _wait_for(lambda: app.get("/api/model")["refused_updates"] == 1)
        assert app.get("/api/model")["revision"] == good
        better = hub.commit(REPO, release_files(acceptance_threshold=0.7))
        _wait_for(lambda: app.get("/api/model")["revision"] == better)
        assert app.get("/api/model")["refused_updates"] == 1
    assert bad in app.log
    assert "is refused" in app.log


def test_a_hub_that_fails_in_between_does_not_cost_a_good_commit(
    hub: Hub, hub_environment: Mapping[str, str]
) -> None:
    """A commit that could not be fetched is no bad commit: it is tried again, and served."""
    hub.commit(REPO, release_files())
    with serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app:
        hub.inject(Fault(path="/resolve/", status=403))
        newer = hub.commit(REPO, release_files(acceptance_threshold=0.5))
        _wait_for(lambda: any(asked.status == 403 for asked in hub.requests))
        hub.clear_faults()
        _wait_for(lambda: app.get("/api/model")["revision"] == newer)
        assert app.get("/api/model")["refused_updates"] == 0
    assert "cannot be fetched now" in app.log


def test_an_app_that_started_without_the_hub_finds_it_later(
    hub: Hub, hub_environment: Mapping[str, str]
) -> None:
    """The bundled release gives way to the one on the Hub as soon as that is there."""
    with serve(hub_environment, model_repo=REPO, model_refresh_seconds=1) as app:
        assert app.get("/api/model")["source"] == "bundled"
        commit = hub.commit(REPO, release_files())
        _wait_for(lambda: app.get("/api/model")["revision"] == commit)
        assert app.get("/api/model")["reason"] is None
