"""The command `python -m app`: help, invalid settings, stop."""

import os
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from tests.app.served import COMMAND, serve
from tests.conftest import PROJECT

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}

pytestmark = pytest.mark.slow


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND[:3], *arguments],
        cwd=PROJECT,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_setting() -> None:
    """The help lists the options and every environment variable."""
    printed = _run("--help").stdout
    for name in ("--host", "--port", "DIGITS_UI", "DIGITS_MAX_BODY_BYTES", "DIGITS_MAX_PIXELS"):
        assert name in printed


@pytest.mark.parametrize(("ui", "code"), [("1", 1), ("0", None)])
def test_page_needs_a_folder_for_temporary_files(ui: str, code: int | None) -> None:
    """On a read-only file system the page says so, and the API starts."""
    script = (
        "import sys, tempfile; tempfile._candidate_tempdir_list = lambda: ['/proc']; "
        "from app.__main__ import main; sys.exit(main(['--port', '0']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=ENVIRONMENT | {"DIGITS_UI": ui},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        serving = "http://" in process.stdout.readline()
        assert serving == (code is None)
        process.terminate()
        message = process.communicate(timeout=60)[1]
    if code:
        assert process.returncode == code
        assert message.count("\n") == 1
        assert "DIGITS_UI=0" in message


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {"DIGITS_PORT": "70000"}, ["DIGITS_PORT", "70000"]),
        ([], {"DIGITS_API_KEYS": "x"}, ["DIGITS_API_KEYS", "DIGITS_API_KEY?"]),
        ([], {"DIGITS_ROOT_PATH": "/api"}, ["DIGITS_ROOT_PATH", "/api"]),
        (["--port", "70000"], {}, ["--port is '70000'"]),
        (["--host", "192.0.2.1", "--port", "0"], {}, ["192.0.2.1"]),
        (["--host", "a..b", "--port", "0"], {}, ["a..b"]),
    ],
)
def test_invalid_setting_is_one_line(
    arguments: list[str], environment: dict[str, str], words: list[str]
) -> None:
    """An invalid option, host or variable ends the start with exit code 1 and one line that names it."""
    _check_one_line(_run(*arguments, **environment), words)


def test_port_in_use_is_one_line() -> None:
    """The error for a port in use names it, and the option to change it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        _check_one_line(_run("--port", port), [f"port {port}", "--port"])


def _check_one_line(ended: subprocess.CompletedProcess[str], words: list[str]) -> None:
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert all(word in line for word in words)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stops_quietly(stop: signal.Signals) -> None:
    """The command prints its address, and ends on Ctrl-C and on SIGTERM without a traceback."""
    with serve({}) as served:
        served.send_signal(stop)
        served.process.wait(20)  # a second signal would end it at once
    assert "Traceback" not in served.log
    assert served.exit_code == 0


def test_disconnect_in_a_body_is_no_error() -> None:
    """A client that disconnects in the middle of a body leaves no error in the log."""
    with serve({}) as served:
        url = httpx2.URL(served.url)
        with socket.create_connection((url.host, url.port)) as client:
            client.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        assert httpx2.get(f"{served.url}/health/ready").status_code == 200
    assert "Traceback" not in served.log
    assert "ERROR" not in served.log
