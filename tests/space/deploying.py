"""Runs `python -m space deploy` in this process, against a local Hub, as the user ann."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from space.__main__ import main
from tests.app.hub_release import release_files
from tests.hub.server import Hub
from tests.hub.store import Space

MODEL = "ann/reader"
SPACE = "ann/digits"


@dataclass(frozen=True)
class Result:
    """Exit code and output of the command."""

    code: int
    out: str
    err: str

    def error(self) -> str:
        """Return the error message, which is one line."""
        assert self.code == 1, self.out
        errors = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1, self.err
        return errors[0]


@dataclass(frozen=True)
class Deploy:
    """The command, with a token of ann in the environment and a model on the Hub at `revision`."""

    hub: Hub
    revision: str
    capture: pytest.CaptureFixture[str]

    def __call__(self, sdk: str, *options: str, repo: str = SPACE, model: str | None = MODEL) -> Result:
        """Run the command."""
        self.capture.readouterr()
        named = [] if model is None else ["--model", model]
        code = main(["deploy", "--repo", repo, *named, "--sdk", sdk, *options])
        return Result(code, *self.capture.readouterr())

    def succeed(self, sdk: str, *options: str, model: str | None = MODEL) -> str:
        """Run the command, assert that it succeeds, and return its output."""
        result = self(sdk, *options, model=model)
        assert result.code == 0, result.err
        return result.out

    def files(self) -> dict[str, bytes]:
        """Return the files of the Space."""
        return self.hub.files(SPACE, repo_type="space")

    def space(self) -> Space:
        """Return the state of the Space on the Hub."""
        space = self.hub.store.repo(SPACE, "space").space
        assert space is not None
        return space

    def variables(self) -> dict[str, str]:
        """Return the variables of the Space."""
        return {name: held.value for name, held in self.space().variables.items()}

    def commits(self) -> int:
        """Return the number of commits to the Space, with the Hub's own first one."""
        return len(self.hub.history(SPACE, repo_type="space"))

    def publish(self) -> str:
        """Publish another release of the model, and return its commit."""
        return self.hub.commit(MODEL, release_files(name="another"))


def front_matter(readme: bytes) -> dict[str, object]:
    """Return the front matter of a README."""
    fields: dict[str, object] = yaml.safe_load(readme.decode().split("---\n")[1])
    return fields


def write_files(files: dict[str, bytes], folder: Path) -> Path:
    """Write files by path into a folder, as a clone of a repo has them."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder
