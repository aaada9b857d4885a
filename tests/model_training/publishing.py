"""`python -m model_training publish` run against a local Hub, and checks of the result."""

import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from shutil import copytree
from unittest.mock import patch

from model_training.__main__ import main
from model_training.release.publishing.package import pack_release
from model_training.release.release_folder import description_text, fingerprint, read_description
from tests.conftest import PROJECT
from tests.hub.server import Hub

Ended = subprocess.CompletedProcess[str]

REPO = "ann/digits"
_WRITING = re.compile(r"/(create|preupload|commit|tag|branch|batch|upload|settings)\b")


@dataclass(frozen=True)
class Publish:
    """The command for one release, with ann's token in the environment."""

    release: Path
    environment: dict[str, str]

    def __call__(self, *options: str, repo: str = REPO, **variables: str) -> Ended:
        """Run the command in this process, with more environment variables."""
        out, error = StringIO(), StringIO()
        environment = patch.dict(os.environ, self.environment | variables)
        with environment, redirect_stdout(out), redirect_stderr(error):
            code = main(["publish", str(self.release), "--repo", repo, *options])
        return Ended([], code, out.getvalue(), error.getvalue())

    def start(self, *options: str, **variables: str) -> subprocess.Popen[str]:
        """Start the command in a process of its own."""
        command = [sys.executable, "-m", "model_training", "publish", str(self.release), "--repo", REPO]
        environment = self.environment | variables
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*command, *options], cwd=PROJECT, env=environment, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *options: str, **variables: str) -> Ended:
        """Run the command in a process of its own."""
        with self.start(*options, **variables) as process:
            out, error = process.communicate(timeout=120)
        return Ended([], process.returncode, out, error)


def commit_earlier_release(hub: Hub, release: Path, **scores: float) -> str:
    """Commit the release with other `scores` on MNIST test, one more figure, and a file of somebody else.

    Returns:
        The commit's sha1.
    """
    earlier = copytree(release, release.with_name("earlier"))
    description = read_description(earlier)
    for metric in description["metrics"]:
        if metric["dataset"] == "MNIST test" and metric["metric"] in scores:
            metric["value"] = scores[metric["metric"]]
    (earlier / "release.json").write_text(description_text(description), encoding="utf-8")
    change_file(earlier, "figures/styles.png", b"a figure")
    files = pack_release(earlier, REPO, evaluation=None).files
    return hub.commit(REPO, {**files, "notes.txt": b"by hand"})


def change_file(release: Path, name: str, content: bytes) -> None:
    """Write a file of a release, and its hash into release.json."""
    (release / name).write_bytes(content)
    description = read_description(release)
    description["files"][name] = fingerprint(content)
    (release / "release.json").write_text(description_text(description), encoding="utf-8")


def assert_error(ended: Ended, pattern: str) -> None:
    """Assert that the command failed with one line that matches the pattern."""
    assert ended.returncode == 1, ended.stdout
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, ended.stderr
    assert re.search(pattern, errors[0]), errors[0]
    assert "Traceback" not in ended.stderr


def writing_requests(hub: Hub) -> list[str]:
    """Return the paths of requests that can change something on the Hub."""
    return [
        request.path for request in hub.requests if request.method != "GET" and _WRITING.search(request.path)
    ]


def is_complete(files: dict[str, bytes]) -> bool:
    """Return whether a repo's files are those of its release.json, with their hashes."""
    recorded = json.loads(files["release.json"])["files"]
    return bool({path: fingerprint(files[path]) for path in recorded} == recorded)
