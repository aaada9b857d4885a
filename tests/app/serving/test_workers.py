"""Several worker processes at one address."""

import signal
import time

import httpx2
import psutil
import pytest

from tests.app.served import Served, serve, start_and_fail

pytestmark = pytest.mark.slow


def _workers(served: Served) -> list[psutil.Process]:
    children = psutil.Process(served.process.pid).children()
    running = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in running if "spawn_main" in " ".join(child.cmdline())]


def _wait_for(served: Served, *, requests: int) -> None:
    """Wait until `requests` new connections have had a response, from either worker."""
    for _ in range(requests):
        assert httpx2.get(f"{served.url}/health/ready", timeout=20).status_code == 200


def test_workers_count_together_and_stop_together() -> None:
    """The metrics are the sum of two workers, which end with their supervisor."""
    with serve({}, workers=2) as served:
        workers = _workers(served)
        assert len(workers) == 2
        for _ in range(20):
            assert served.read_pixels([[0]])["text"] == ""
        metrics = httpx2.get(f"{served.url}/metrics").text
        assert "digits_readings_total 20.0" in metrics
        assert "digits_model_swaps_total 0.0" in metrics
    assert served.exit_code == 0
    assert not any(worker.is_running() for worker in workers)
    assert "Fatal" not in served.log


def test_worker_that_dies_is_replaced() -> None:
    """A killed worker is replaced, its gauges are removed, and requests are served all the time."""
    with serve({}, workers=2, log_level="info") as served:
        _wait_for(served, requests=10)
        killed = _workers(served)[1]
        killed.kill()
        deadline = time.monotonic() + 20
        while len([each for each in _workers(served) if each.pid != killed.pid]) < 2:
            assert time.monotonic() < deadline
            _wait_for(served, requests=1)
        assert "digits_requests_in_flight 1.0" in httpx2.get(f"{served.url}/metrics").text
    assert f"[{killed.pid}] died" in served.log


def test_workers_do_not_outlive_their_supervisor() -> None:
    """Workers stop when their supervisor is killed."""
    with serve({}, workers=2) as served:
        _wait_for(served, requests=5)
        workers = _workers(served)
        served.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []


def test_page_with_workers_is_refused() -> None:
    """The page needs a single process, and the error names the setting for more."""
    ended = start_and_fail({"DIGITS_UI": "1"}, workers=2)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("DIGITS_WORKERS is '2'")
    assert "DIGITS_UI=0" in line


def test_start_that_fails_in_the_workers_is_one_sentence(hub_environment: dict[str, str]) -> None:
    """A required model that is unavailable ends supervisor and workers with exit code 1 and one line."""
    ended = start_and_fail(hub_environment, workers=2, model_repo="nobody/nothing", model_required=1)
    assert ended.returncode == 1
    [line] = [line for line in ended.stderr.splitlines() if "XNNPACK" not in line]
    assert "DIGITS_MODEL_REQUIRED" in line
