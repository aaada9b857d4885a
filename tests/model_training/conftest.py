"""Fixtures of the training: a small release, trained once."""

from pathlib import Path
from shutil import copytree

import pytest
from filelock import FileLock

from model_training.data.mnist import Mnist
from tests.hub.server import Hub
from tests.model_training.publishing import Publish
from tests.model_training.train_slice import kill_after_two_epochs, sample_mnist, train_slice


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return sample_mnist()


@pytest.fixture(scope="session")
def small_release(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A release trained on the sample of MNIST, in a run that was killed once; one for all test processes."""
    own = tmp_path_factory.getbasetemp()
    output = (own if worker_id == "master" else own.parent) / "small_release"
    with FileLock(output.with_suffix(".lock")):
        if not output.exists():
            kill_after_two_epochs(output)
            train_slice(output)
    return output


@pytest.fixture
def release(small_release: Path, tmp_path: Path) -> Path:
    """A copy of the small release, which a test may change."""
    return copytree(small_release, tmp_path / "release")


@pytest.fixture
def publish(
    release: Path,
    hub: Hub,
    hub_environment: dict[str, str],
    client_settings: None,  # noqa: ARG001
) -> Publish:
    """The command that publishes `release` to `hub` as user ann."""
    return Publish(release, hub_environment | {"HF_TOKEN": hub.token("ann")})
