"""`python -m model_training publish`, with the Hub's own client and a local Hub."""

from pathlib import Path

import pytest

from model_training.release.publishing.package import pack_release
from model_training.release.release_folder import read_description
from tests.hub.faults import Fault
from tests.hub.server import Hub
from tests.model_training.publishing import (
    REPO,
    Publish,
    assert_error,
    change_file,
    commit_earlier_release,
    is_complete,
    writing_requests,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


def test_first_publication_is_one_commit_with_the_whole_release_and_a_tag(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """It creates the repo, commits every file at once, tags, and prints the page's URL and the commit."""
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
    assert is_complete(files)
    assert files.keys() - {".gitattributes"} == {*read_description(release)["files"], "release.json"}
    assert commit.files["model.keras"].lfs
    assert commit.files["reader.tflite"].lfs
    assert not commit.files["release.json"].lfs
    assert REPO in files["README.md"].decode()


def test_published_release_is_not_committed_again_but_can_be_tagged(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """A new tag goes to the existing commit."""
    there = hub.commit(REPO, pack_release(release, REPO, evaluation=None).files)
    ended = publish("--tag", "v1")
    assert ended.returncode == 0, ended.stderr
    assert f"commit {there}" in ended.stdout
    assert hub.history(REPO)[0].id == there
    assert hub.store.repo(REPO).tags == {"v1": there}


def test_dry_run_lists_the_changes_and_writes_nothing(hub: Hub, publish: Publish, release: Path) -> None:
    """Changed and deleted files and the tag are listed, unchanged ones are not; no request writes."""
    there = commit_earlier_release(hub, release, accuracy=0.5)
    ended = publish("--dry-run", "--tag", "v2")
    assert ended.returncode == 0, ended.stderr
    for line in ("change  README.md", "change  release.json", "delete  figures/styles.png", "tag v2"):
        assert line in ended.stdout
    for unchanged in ("model.keras", "notes.txt"):
        assert unchanged not in ended.stdout
    assert hub.history(REPO)[0].id == there
    assert not writing_requests(hub)


def test_killed_publication_leaves_the_old_release(hub: Hub, release: Path, publish: Publish) -> None:
    """Killed during an upload, it leaves the old release complete; run again, it publishes the new one."""
    commit_earlier_release(hub, release, accuracy=0.5)
    figure = (release / "figures" / "curves.png").read_bytes() + b"\0"
    change_file(release, "figures/curves.png", figure)
    before = hub.files(REPO)
    with publish.start() as process:
        hub.inject(Fault(method="PUT", path="/lfs/upload/", before_handling=process.kill, times=1))
        assert process.wait(timeout=120) == -9
    assert hub.files(REPO) == before
    assert is_complete(before)
    ended = publish()
    assert ended.returncode == 0, ended.stderr
    after = hub.files(REPO)
    assert is_complete(after)
    assert after["figures/curves.png"] == figure
    assert "figures/styles.png" not in after
    assert after["notes.txt"] == b"by hand"


def test_worse_release_needs_permission(hub: Hub, publish: Publish, release: Path) -> None:
    """It is refused unless --allow-regression is given; the commit then names the regressions."""
    there = commit_earlier_release(hub, release, accuracy=1.0, calibration_error=0.001)
    refused = publish()
    assert_error(refused, r"worse.* ann/digits: accuracy on MNIST test \d\d.*100\.00 %")
    assert_error(refused, r"calibration error on MNIST test .*0\.10 %.*--allow-regression")
    assert not writing_requests(hub)
    assert hub.history(REPO)[0].id == there
    allowed = publish("--allow-regression")
    assert allowed.returncode == 0, allowed.stderr
    commit = hub.history(REPO)[0]
    assert commit.parent == there
    assert "regression" in commit.title
    assert "Worse: accuracy on MNIST test" in commit.message


def test_pull_request_leaves_the_main_branch_unchanged(hub: Hub, publish: Publish) -> None:
    """The whole release is proposed, and the URL of the pull request is printed."""
    there = hub.commit(REPO, {"README.md": b"digits", "release.json": b'{"files": {}, "metrics": [1]}'})
    ended = publish("--pull-request")
    assert ended.returncode == 0, ended.stderr
    assert f"{hub.url}/{REPO}/discussions/1" in ended.stdout
    assert hub.history(REPO)[0].id == there
    assert is_complete(hub.files(REPO, revision="refs/pr/1"))
