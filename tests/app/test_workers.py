"""Several processes at one address."""

import signal
import time

import httpx2
import psutil

from tests.app.served import Served, serve, start_in_vain


def _workers(served: Served) -> list[psutil.Process]:
    return psutil.Process(served.process.pid).children()


def _wait_for(served: Served, *, requests: int) -> None:
    """Wait until new connections have had `requests` answers, which both workers may have given."""
    for _ in range(requests):
        assert httpx2.get(f"{served.url}/health/ready", timeout=20).status_code == 200


def test_workers_count_together_and_stop_together() -> None:
    """What two workers read is told as one sum, and with their supervisor they end in peace."""
    with serve({}, workers=2) as served:
        workers = _workers(served)
        assert len(workers) == 2
        for _ in range(20):
            assert served.read_pixels([[0]])["text"] == ""
        told = httpx2.get(f"{served.url}/metrics").text
        assert "digits_readings_total 20.0" in told
        assert "digits_model_swaps_total 0.0" in told
    assert served.exit_code == 0
    assert not any(worker.is_running() for worker in workers)
    assert "Fatal" not in served.log


def test_worker_that_dies_is_replaced() -> None:
    """After a worker was killed there are two again, and requests are answered all the time."""
    with serve({}, workers=2) as served:
        _wait_for(served, requests=10)
        killed = _workers(served)[1]
        killed.kill()
        deadline = time.monotonic() + 20
        while len([each for each in _workers(served) if each.pid != killed.pid]) < 2:
            assert time.monotonic() < deadline
            _wait_for(served, requests=1)
    assert "another one takes its place" in served.log


def test_workers_do_not_outlive_their_supervisor() -> None:
    """When the supervisor is killed its workers end by themselves, and the address is free."""
    with serve({}, workers=2) as served:
        _wait_for(served, requests=5)
        workers = _workers(served)
        served.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []


def test_page_with_workers_is_refused() -> None:
    """A page's visitors need one process, and who asks for more is told how to get them."""
    ended = start_in_vain({"DIGITS_UI": "1"}, workers=2)
    assert ended.returncode == 1
    assert ended.stderr == "DIGITS_WORKERS is '2': a page's visitors need one process; set DIGITS_UI=0.\n"
