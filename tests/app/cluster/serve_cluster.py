"""Ray Serve on two nodes in processes of this machine, deployed with the app's serve.yaml."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import httpx2
import psutil
import yaml

from tests.conftest import PROJECT

_CONFIG = PROJECT / "app" / "cluster" / "serve.yaml"
_PORTS = (
    "RAY_SERVE_HAPROXY_METRICS_PORT",
    "RAY_SERVE_HAPROXY_STATS_PORT",
    "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT",
)
_FILES = {
    "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": "haproxy.cfg",
    "RAY_SERVE_HAPROXY_SOCKET_PATH": "admin.sock",
    "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": "",
    "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": "server-state",
    "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": "metrics.sock",
}
# A lost node counts as dead after a second instead of half a minute.
_SOON = {
    "RAY_health_check_initial_delay_ms": "500",
    "RAY_health_check_period_ms": "250",
    "RAY_health_check_timeout_ms": "10000",  # of a node that is only busy
    "RAY_health_check_failure_threshold": "4",
}
_DONE = "done\n"
_PATIENCE_SECONDS = 180.0  # on a busy machine


class ServeCluster:
    """A running cluster: the head, and one more node.

    Attributes:
        url: of the head's proxy.
    """

    def __init__(self, process: subprocess.Popen[str], folder: Path, *, haproxy: bool) -> None:
        port = _find_free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = process
        self._config = folder / "serve.yaml"
        self._settings = yaml.safe_load(_CONFIG.read_text(encoding="utf-8"))
        self._settings["proxy_location"] = "HeadOnly"
        self._settings["http_options"]["port"] = port
        variables = self._settings["controller_options"]["runtime_env"]["env_vars"]
        variables |= {name: str(_find_free_port()) for name in _PORTS}
        variables |= {name: str(folder / file) for name, file in _FILES.items()}
        variables |= {"RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "0"}
        if not haproxy:
            variables |= {"RAY_SERVE_ENABLE_HA_PROXY": "0", "RAY_SERVE_THROUGHPUT_OPTIMIZED": "0"}

    def deploy(self, *, replicas: int, **settings: Any) -> None:
        """Start what `serve run serve.yaml` does, with other settings, without waiting for the end."""
        [application] = self._settings["applications"]
        application["args"] = settings
        [deployment] = application["deployments"]
        deployment["autoscaling_config"] |= {"min_replicas": replicas, "max_replicas": replicas}
        deployment |= {"graceful_shutdown_timeout_s": 5, "health_check_period_s": 1, "max_surge_percent": 100}
        self._config.write_text(yaml.safe_dump(self._settings), encoding="utf-8")
        self._command(f"run {self._config}")

    def remove_node(self) -> None:
        """Kill all processes of the node that is not the head."""
        self._command("remove-node")

    def processes(self) -> list[psutil.Process]:
        """Return all processes of the cluster except the driver."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def replicas(self) -> list[psutil.Process]:
        """Return the processes of the running replicas."""
        return [each for each in self.processes() if _is_replica(each)]

    def read_log(self) -> str:
        """Return the log of Serve's controller."""
        logs = self._config.parent.glob("ray/session_latest/logs/serve/controller_*.log")
        return "".join(log.read_text(encoding="utf-8") for log in logs)

    def wait_until_ready(self, *, replicas: int) -> None:
        """Wait until requests succeed and the number of replicas is `replicas`."""
        self.wait_for(lambda: len(self.replicas()) == replicas and self._is_ready())

    def wait_until_gone(self, replicas: set[int]) -> None:
        """Wait until replicas with these process ids have ended."""
        self.wait_for(lambda: not replicas & {each.pid for each in self.replicas()})

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition is true."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"timeout; replicas: {self.replicas()}"
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/health/ready", timeout=10).status_code == 200
        except httpx2.TransportError:
            return False

    def _command(self, command: str) -> None:
        assert self._process.stdin is not None
        print(command, file=self._process.stdin, flush=True)
        self.wait_until_done()

    def wait_until_done(self) -> None:
        """Wait until the start or the last command has finished."""
        assert self._process.stdout is not None
        log = self._config.with_name("log")
        assert any(line == _DONE for line in self._process.stdout), log.read_text(encoding="utf-8")


@contextmanager
def run_cluster(environment: Mapping[str, str], *, haproxy: bool = True) -> Iterator[ServeCluster]:
    """Start a cluster, and stop it at the end of the context.

    Args:
        environment: all variables of its processes.
        haproxy: whether to use HAProxy, as in serve.yaml, or Serve's own proxies.
    """
    folder = Path(tempfile.mkdtemp(prefix="ray"))  # pytest's paths are too long for the names of sockets
    command = [sys.executable, "-m", "tests.app.cluster.serve_cluster"]
    variables = {**environment, **_SOON, "RAY_TMPDIR": str(folder), "RAY_USAGE_STATS_ENABLED": "0"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            cluster = ServeCluster(process, folder, haproxy=haproxy)
            cluster.wait_until_done()
            yield cluster
        finally:
            process.communicate(timeout=60)
            shutil.rmtree(folder, ignore_errors=True)


def _is_replica(process: psutil.Process) -> bool:
    try:
        return any("ServeReplica" in word for word in process.cmdline())
    except psutil.Error:  # the process has just ended
        return False


def _find_free_port() -> int:
    with create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _drive() -> None:
    """Run the cluster, and commands from the standard input, one per line."""
    import ray
    from ray.cluster_utils import Cluster
    from ray.serve.scripts import cli

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 3, "include_dashboard": False})
    node = cluster.add_node(num_cpus=3)
    ray.init(cluster.address, namespace="serve", log_to_driver=False)
    _print_done()
    for line in sys.stdin:
        command, _, file = line.strip().partition(" ")
        if command == "run":
            cli.main(["run", "--non-blocking", file], standalone_mode=False)
        else:
            cluster.remove_node(node, allow_graceful=False)
        _print_done()
    ray.shutdown()
    cluster.shutdown()  # type: ignore[no-untyped-call]


def _print_done() -> None:
    sys.stdout.write(_DONE)
    sys.stdout.flush()


if __name__ == "__main__":
    _drive()
