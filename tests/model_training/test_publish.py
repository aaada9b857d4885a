"""`python -m model_training publish`, with the Hub's own client against a local Hub."""

import subprocess
import sys
from pathlib import Path

import pytest

from model_training.release.publishing.package import pack_release
from model_training.release.release_folder import read_description
from tests.conftest import PROJECT
from tests.hub.faults import Fault
from tests.hub.server import Hub
from tests.model_training.publishing import (
    REPO,
    Publish,
    assert_error,
    change_file,
    is_whole,
    put_earlier_release,
    writing_requests,
)

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def test_first_publishing_is_one_commit_with_the_whole_release_and_a_tag(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """It makes the repo, commits every file at once, tags, and prints the page's URL and the commit."""
    ended = publish.run("--tag", "v1.2.0", "--private")
    assert ended.returncode == 0, ended.stderr
    repo = hub.store.repo(REPO)
    commit, first = hub.history(REPO)
    assert first.title == "initial commit"
    assert commit.title.startswith("Publish residual: ")
    assert ended.stdout.endswith(f"\n{hub.url}/{REPO}\ncommit {commit.id}\n")
    assert repo.private
    assert repo.tags == {"v1.2.0": commit.id}
    files = hub.files(REPO)
    assert is_whole(files)
    assert files.keys() - {".gitattributes"} == {*read_description(release)["files"], "release.json"}
    assert commit.files["model.keras"].lfs
    assert commit.files["reader.tflite"].lfs
    assert not commit.files["release.json"].lfs
    assert REPO in files["README.md"].decode()


def test_the_same_release_again_makes_no_commit_but_may_be_tagged(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """What is there already is not committed again; a tag that was left out comes to its commit."""
    there = hub.commit(REPO, pack_release(release, REPO, evaluation=None).files)
    ended = publish("--tag", "v1")
    assert ended.returncode == 0, ended.stderr
    assert "holds this release already" in ended.stdout
    assert f"commit {there}" in ended.stdout
    assert hub.history(REPO)[0].id == there
    assert hub.store.repo(REPO).tags == {"v1": there}


def test_dry_run_lists_what_would_happen_and_changes_nothing(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """New, changed and deleted files, commit message and tag are told; no request writes."""
    there = put_earlier_release(hub, release, accuracy=0.5)
    ended = publish("--dry-run", "--tag", "v2")
    assert ended.returncode == 0, ended.stderr
    for line in ("change  README.md", "change  release.json", "delete  figures/styles.png", "tag v2"):
        assert line in ended.stdout
    for unchanged in ("model.keras", "notes.txt"):
        assert unchanged not in ended.stdout
    assert "nothing was changed" in ended.stdout
    assert hub.history(REPO)[0].id == there
    assert not writing_requests(hub)


def test_a_publishing_killed_in_the_middle_leaves_the_old_release(
    hub: Hub, release: Path, publish: Publish
) -> None:
    """Killed while files go up, it leaves the old release whole; given again, it brings the new one whole."""
    put_earlier_release(hub, release, accuracy=0.5)
    figure = (release / "figures" / "curves.png").read_bytes() + b"\0"
    change_file(release, "figures/curves.png", figure)
    before = hub.files(REPO)
    with subprocess.Popen(publish.command(), cwd=PROJECT, env=publish.environment) as process:
        hub.inject(Fault(method="PUT", path="/lfs/upload/", before_handling=process.kill, times=1))
        assert process.wait(timeout=120) == -9
    assert hub.files(REPO) == before
    assert is_whole(before)
    ended = publish()
    assert ended.returncode == 0, ended.stderr
    after = hub.files(REPO)
    assert is_whole(after)
    assert after["figures/curves.png"] == figure
    assert "figures/styles.png" not in after
    assert after["notes.txt"] == b"by hand"


def test_a_worse_release_is_refused_unless_that_is_allowed(hub: Hub, publish: Publish, release: Path) -> None:
    """What is worse is named; allowed, it is published, and the commit says so."""
    there = put_earlier_release(hub, release, accuracy=1.0, calibration_error=0.001)
    refused = publish()
    assert_error(refused, r"worse than what ann/digits holds: accuracy on MNIST test \d\d.* after 100\.00 %")
    assert_error(refused, r"calibration error on MNIST test .* after 0\.10 %.*--allow-regression")
    assert not writing_requests(hub)
    assert hub.history(REPO)[0].id == there
    allowed = publish("--allow-regression")
    assert allowed.returncode == 0, allowed.stderr
    commit = hub.history(REPO)[0]
    assert commit.parent == there
    assert "regression that was allowed" in commit.title
    assert "Worse: accuracy on MNIST test" in commit.message


def test_a_pull_request_leaves_the_main_branch_alone(hub: Hub, publish: Publish) -> None:
    """The whole release becomes a proposal, whose page is printed."""
    there = hub.commit(REPO, {"README.md": b"digits"})
    ended = publish("--pull-request")
    assert ended.returncode == 0, ended.stderr
    assert f"{hub.url}/{REPO}/discussions/1" in ended.stdout
    assert hub.history(REPO)[0].id == there
    assert is_whole(hub.files(REPO, revision="refs/pr/1"))


def test_help_names_every_option() -> None:
    """--help of the command says what it checks and how to log in."""
    command = [sys.executable, "-m", "model_training", "publish", "--help"]
    text = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for word in (
        "--repo",
        "--private",
        "--pull-request",
        "--tag",
        "--dry-run",
        "--allow-regression",
        "HF_TOKEN",
    ):
        assert word in text
