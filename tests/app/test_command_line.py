"""`python -m app` as an operator meets it."""

import os
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from tests.conftest import PROJECT

COMMAND = [sys.executable, "-m", "app"]


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_setting() -> None:
    """The help tells the options and every environment variable."""
    said = _run("--help").stdout
    for name in ("--host", "--port", "DIGITS_UI", "DIGITS_MAX_BODY_BYTES", "DIGITS_MAX_PIXELS"):
        assert name in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGITS_PORT", "seven"),
        ("DIGITS_PORT", "70000"),
        ("DIGITS_UI", "maybe"),
        ("DIGITS_LOG_LEVEL", "loud"),
        ("DIGITS_MODEL_REPO", "digits"),
        ("DIGITS_MODEL_REFRESH_SECONDS", "-1"),
    ],
)
def test_bad_setting_is_told_in_one_sentence(name: str, value: str) -> None:
    """A bad value ends the start with exit code 1 and one line that names the variable and the value."""
    ended = _run(**{name: value})
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert name in line
    assert value in line


def test_bad_option_is_told_by_its_own_name() -> None:
    """A bad port on the command line is not blamed on the environment."""
    ended = _run("--port", "70000")
    assert ended.returncode == 1
    assert ended.stderr.startswith("--port is '70000'")


def test_taken_port_is_told_in_one_sentence() -> None:
    """A port that something else listens on is told, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = _run("--port", str(port))
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert f"port {port}" in line
    assert "--port" in line


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b"])
def test_unknown_host_is_told_in_one_sentence(host: str) -> None:
    """A host that is no address of this machine, or of none, is told."""
    ended = _run("--host", host, "--port", "0")
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert host in line


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stops_quietly(stop: signal.Signals) -> None:
    """It says in one line where it is, and ends on Ctrl-C and on SIGTERM without a traceback."""
    environment = os.environ | {"DIGITS_UI": "0"}
    process = subprocess.Popen(
        [*COMMAND, "--port", "0"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Digits are read at http://127.0.0.1:")
        process.send_signal(stop)
        said, complained = process.communicate(timeout=20)
    assert said == ""
    assert "Traceback" not in complained
    assert process.returncode in (0, -stop)


def test_client_that_hangs_up_leaves_no_trace() -> None:
    """A connection closed in the middle of a body is no error of the server: it logs nothing and goes on."""
    command = [*COMMAND, "--port", "0"]
    environment = os.environ | {"DIGITS_UI": "0"}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stdout.readline() if process.stdout else ""
        port = int(said.split("http://127.0.0.1:")[1].split()[0])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        answer = httpx2.get(f"http://127.0.0.1:{port}/health/ready")
        process.send_signal(signal.SIGTERM)
        logged = process.communicate(timeout=30)[1]
    assert answer.status_code == 200
    assert "Traceback" not in logged
    assert "ERROR" not in logged
