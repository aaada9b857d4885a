"""Costs of a cluster: processor time of a request, memory, size of the model, start of a replica."""

import pickle
import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from app.model.release import BUNDLED_RELEASE, Origin, open_release
from tests.app.cluster.serve_cluster import ServeCluster

# The parts of a cluster, with text in the command lines of their processes; the first match counts.
_PARTS = {
    "replicas": ("ServeReplica",),
    "HAProxy": ("bin/haproxy", "HAProxyManager"),
    "Serve's proxies": ("ProxyActor",),
    "controller": ("ServeController",),
    "Ray": ("",),
}
_STARTED = re.compile(r"started successfully .* after ([\d.]+)s .* took ([\d.]+)s")


@dataclass(frozen=True)
class Part:
    """The processes of one part.

    Attributes:
        count: number of processes.
        cpu_seconds: of all, since their start.
        megabytes: memory of all, without shared memory.
    """

    count: int
    cpu_seconds: float
    megabytes: float


@dataclass(frozen=True)
class Start:
    """The start of a replica, as logged by Serve's controller: the median of all starts.

    Attributes:
        seconds: until the first health check, with the start of the process.
        constructor_seconds: the part for the model: verification, loading, self-test.
    """

    seconds: float
    constructor_seconds: float


def measure_parts(cluster: ServeCluster) -> dict[str, Part]:
    """Measure all processes of a cluster."""
    found: dict[str, list[psutil.Process]] = {name: [] for name in _PARTS}
    for process in cluster.processes():
        found[_find_part(process)].append(process)
    return {name: _add_up(processes) for name, processes in found.items() if processes}


def measure_idle_node(cluster: ServeCluster) -> float:
    """Return the megabytes of Ray's own processes on the second node before a deployment."""
    raylets = [each for each in cluster.processes() if each.name() == "raylet"]
    youngest = max(raylets, key=lambda raylet: raylet.create_time())
    return _add_up([youngest, *youngest.children(recursive=True)]).megabytes


def measure_starts(cluster: ServeCluster) -> Start:
    """Read the times of the starts from the log."""
    starts = [tuple(map(float, found)) for found in _STARTED.findall(cluster.read_log())]
    return Start(*(statistics.median(times) for times in zip(*starts, strict=True)))


def measure_model_bytes() -> int:
    """Return the bytes that each replica receives: the release and its origin."""
    return len(pickle.dumps((open_release(BUNDLED_RELEASE), Origin())))


def _find_part(process: psutil.Process) -> str:
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        command = ""
    return next(name for name, words in _PARTS.items() if any(word in command for word in words))


def _add_up(processes: Iterable[psutil.Process]) -> Part:
    count, seconds, size = 0, 0.0, 0
    for process in processes:
        try:
            times, memory = process.cpu_times(), process.memory_full_info()
        except psutil.Error:  # it has ended
            continue
        count, seconds, size = count + 1, seconds + times.user + times.system, size + memory.uss
    return Part(count, seconds, size / 2**20)
