"""Giving `python -m model_training publish` against a local Hub, and looking at what came of it."""

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
    """The command for one release, as ann with her token in the environment."""

    release: Path
    environment: dict[str, str]

    def __call__(self, *options: str, repo: str = REPO, **variables: str) -> Ended:
        """Gives it in this process, which has TensorFlow loaded; keywords are environment variables."""
        arguments = ["publish", str(self.release), "--repo", repo, *options]
        out, error = StringIO(), StringIO()
        with (
            patch.dict(os.environ, self.environment | variables),
            redirect_stdout(out),
            redirect_stderr(error),
        ):
            code = main(arguments)
        return Ended(arguments, code, out.getvalue(), error.getvalue())

    def run(self, *options: str, **variables: str) -> Ended:
        """Gives it in a process of its own, as a person does."""
        return subprocess.run(
            self.command(*options),
            cwd=PROJECT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def command(self, *options: str) -> list[str]:
        """Return the words of it."""
        words = ["model_training", "publish", str(self.release), "--repo", REPO, *options]
        return [sys.executable, "-m", *words]


def put_earlier_release(hub: Hub, release: Path, **scores: float) -> str:
    """Puts the release into the repo with other scores on MNIST's test digits and a figure more.

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
    """Writes a file of a release, and its hash into release.json."""
    (release / name).write_bytes(content)
    description = read_description(release)
    description["files"][name] = fingerprint(content)
    (release / "release.json").write_text(description_text(description), encoding="utf-8")


def assert_error(ended: Ended, sentence: str) -> None:
    """Asserts that the command failed with one sentence that matches the pattern."""
    assert ended.returncode == 1, ended.stdout
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, ended.stderr
    assert re.search(sentence, errors[0]), errors[0]
    assert "Traceback" not in ended.stderr


def writing_requests(hub: Hub) -> list[str]:
    """The requests that may have changed something on the Hub."""
    return [asked.path for asked in hub.requests if asked.method != "GET" and _WRITING.search(asked.path)]


def is_whole(files: dict[str, bytes]) -> bool:
    """Whether a repo's files are those that its release.json names, with their hashes."""
    recorded = json.loads(files["release.json"])["files"]
    return bool({path: fingerprint(files[path]) for path in recorded} == recorded)
