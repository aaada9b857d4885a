"""A batch on a Ray cluster of two nodes, with a killed worker and a killed node."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ray.cluster_utils import Cluster

from tests.app.batch.batches import (
    count_parts,
    finish,
    read_here,
    read_rows,
    start,
    wait_for_parts,
    write_pictures,
)
from tests.conftest import Digits

pytestmark = [pytest.mark.ray, pytest.mark.slow]

_PICTURES = 200
# So that a lost node is noticed within two seconds instead of fifteen.
_HEALTH = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of a head and another node, with a core each."""
    folder = tempfile.mkdtemp(prefix="ray-")  # pytest's paths are too long for the names of sockets
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", folder)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "include_dashboard": False, "_system_config": _HEALTH},
        )
        cluster.add_node(num_cpus=1)
        yield cluster
        cluster.shutdown()  # type: ignore[no-untyped-call]
    shutil.rmtree(folder, ignore_errors=True)


def _find_workers(cluster: Cluster) -> list[psutil.Process]:
    """Return the processes of the cluster that read pictures."""
    nodes = [cluster.head_node, *cluster.worker_nodes]
    raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
    found = [child for raylet in raylets for child in psutil.Process(raylet).children(recursive=True)]
    return [each for each in found if each.is_running() and "ray::_read" in "".join(each.cmdline())]


def test_killed_workers_and_nodes_lose_no_row(cluster: Cluster, tmp_path: Path, digits: Digits) -> None:
    """After a worker and a node are killed, the rows equal those of a batch without Ray."""
    pictures, output = tmp_path / "pictures", tmp_path / "output"
    write_pictures(
        pictures, digits, count=_PICTURES, length=6
    )  # slow, so that the kills happen during the batch
    (pictures / "0100.png").write_bytes(b"broken")
    process = start(
        pictures,
        output,
        *("--part-size", 5, "--ray", cluster.address),
        environment=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"},
    )
    wait_for_parts(output, 2, [process])
    _find_workers(cluster)[0].kill()
    wait_for_parts(output, count_parts(output) + 2, [process])
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    assert count_parts(output) < _PICTURES // 5, "all pictures were read before the node was killed"
    assert f"{_PICTURES} pictures in {output}" in finish(process)
    assert read_rows(output) == read_here(pictures, tmp_path / "without")
