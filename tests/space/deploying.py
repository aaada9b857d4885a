"""Giving the command `python -m space deploy` in this process, against a local Hub, as ann."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # as the client does: no stubs installed

from space.__main__ import main
from tests.app.hub_release import release_files
from tests.hub.server import Hub

MODEL = "ann/reader"
SPACE = "ann/digits"


@dataclass(frozen=True)
class Said:
    """How the command ended: its exit code, what it printed, and its error."""

    code: int
    out: str
    err: str

    def error(self) -> str:
        """Return the one sentence with which it failed."""
        assert self.code == 1, self.out
        errors = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1, self.err
        return errors[0]


@dataclass(frozen=True)
class Deploy:
    """The command, with a token of ann's in the environment and a model to deploy on the Hub.

    Attributes:
        hub: the Hub that it asks.
        revision: the full commit of the model.
    """

    hub: Hub
    revision: str
    capture: pytest.CaptureFixture[str]

    def __call__(self, sdk: str, *options: str, repo: str = SPACE, model: str = MODEL) -> Said:
        self.capture.readouterr()
        code = main(["deploy", "--repo", repo, "--model", model, "--sdk", sdk, *options])
        return Said(code, *self.capture.readouterr())

    def files(self, repo: str = SPACE) -> dict[str, bytes]:
        """Return the files that the Space holds now."""
        return self.hub.files(repo, repo_type="space")

    def variables(self, repo: str = SPACE) -> dict[str, str]:
        """Return the variables that the Space has now."""
        space = self.hub.store.repo(repo, "space").space
        assert space is not None
        return {key: held.value for key, held in space.variables.items()}

    def commits(self, repo: str = SPACE) -> int:
        """Return how many commits the Space has, that of the Hub included."""
        return len(self.hub.history(repo, repo_type="space"))

    def publish(self) -> str:
        """Publish another release of the model, and return its commit."""
        return self.hub.commit(MODEL, release_files(name="another"))


def front_matter(readme: bytes) -> dict[str, object]:
    """Return what a README says to the Hub."""
    said: dict[str, object] = yaml.safe_load(readme.decode().split("---\n")[1])
    return said


def write_files(files: dict[str, bytes], folder: Path) -> Path:
    """Write files by their paths into a folder, as a clone of a repo has them."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder
