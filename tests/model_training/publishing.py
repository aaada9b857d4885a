"""`python -m model_training publish` run against a local Hub, and checks of the result."""

import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from model_training.__main__ import main
from tests.hub.server import Hub

REPO = "ann/digits"
_WRITING = re.compile(r"/(create|preupload|commit|tag|branch|batch|upload|settings)\b")


@dataclass(frozen=True)
class Publish:
    """The command for one release, with ann's token in the environment."""

    release: Path
    environment: dict[str, str]

    def __call__(self, *options: str, repo: str = REPO) -> str:
        """Publish in this process, and return the output."""
        code, output, error = self._run(*options, repo=repo)
        assert code == 0, error
        return output

    def fails(self, pattern: str, *options: str, repo: str = REPO, **variables: str) -> None:
        """Assert that publishing fails with one line that matches the pattern."""
        code, output, error = self._run(*options, repo=repo, **variables)
        assert code == 1, output
        errors = [line for line in error.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1, error
        assert re.search(pattern, errors[0]), errors[0]

    def command(self, *options: str) -> list[str]:
        """Return the command line, for a separate process."""
        command = [sys.executable, "-m", "model_training", "publish", str(self.release), "--repo", REPO]
        return [*command, *options]

    def _run(self, *options: str, repo: str, **variables: str) -> tuple[int, str, str]:
        output, error = StringIO(), StringIO()
        environment = patch.dict(os.environ, self.environment | variables)
        with environment, redirect_stdout(output), redirect_stderr(error):
            code = main(["publish", str(self.release), "--repo", repo, *options])
        return code, output.getvalue(), error.getvalue()


def writing_requests(hub: Hub) -> list[str]:
    """Return the paths of requests that can change something on the Hub."""
    paths = [request.path for request in hub.requests if request.method != "GET"]
    return [path for path in paths if _WRITING.search(path)]
