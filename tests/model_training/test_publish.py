"""`python -m model_training publish`, with the Hub's own client and a local Hub."""

import json
import subprocess
from pathlib import Path
from shutil import copytree

import pytest

from model_training.release.publishing.package import pack_release
from model_training.release.release_folder import description_text, fingerprint, read_description
from tests.conftest import PROJECT
from tests.hub.faults import Fault
from tests.hub.server import Hub
from tests.model_training.publishing import REPO, Publish, writing_requests

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


def _commit_earlier_release(hub: Hub, release: Path, **scores: float) -> str:
    """Commit the release with other `scores` on MNIST test, one more figure, and a file of somebody else."""
    earlier = copytree(release, release.with_name("earlier"))
    description = read_description(earlier)
    for metric in description["metrics"]:
        if metric["dataset"] == "MNIST test" and metric["metric"] in scores:
            metric["value"] = scores[metric["metric"]]
    (earlier / "release.json").write_text(description_text(description), encoding="utf-8")
    _change_file(earlier, "figures/styles.png", b"a figure")
    files = pack_release(earlier, REPO, evaluation=None).files
    return hub.commit(REPO, {**files, "notes.txt": b"by hand"})


def _change_file(release: Path, name: str, content: bytes) -> None:
    """Write a file of a release, and its hash into release.json."""
    (release / name).write_bytes(content)
    description = read_description(release)
    description["files"][name] = fingerprint(content)
    (release / "release.json").write_text(description_text(description), encoding="utf-8")


def _is_complete(files: dict[str, bytes]) -> bool:
    """Return whether a repo's files are those of its release.json, with their hashes."""
    recorded = json.loads(files["release.json"])["files"]
    return bool({path: fingerprint(files[path]) for path in recorded} == recorded)


def test_first_publication_is_one_commit_with_the_whole_release_and_a_tag(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """It creates the repo, commits every file at once, tags, and prints the page's URL and the commit."""
    command, environment = publish.command("--tag", "v1.2.0", "--private"), publish.environment
    output = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    repo = hub.store.repo(REPO)
    commit, first = hub.history(REPO)
    assert first.title == "initial commit"
    assert output.stdout.endswith(f"\n{hub.url}/{REPO}\ncommit {commit.id}\n")
    assert repo.private
    assert repo.tags == {"v1.2.0": commit.id}
    files = hub.files(REPO)
    assert _is_complete(files)
    assert files.keys() - {".gitattributes"} == {*read_description(release)["files"], "release.json"}
    lfs = {path for path, file in commit.files.items() if file.lfs}
    assert {"model.keras", "reader.tflite"} <= lfs
    assert "release.json" not in lfs
    assert REPO in files["README.md"].decode()


def test_published_release_is_not_committed_again_but_can_be_tagged(
    hub: Hub, publish: Publish, release: Path
) -> None:
    """A new tag goes to the existing commit."""
    there = hub.commit(REPO, pack_release(release, REPO, evaluation=None).files)
    assert f"commit {there}" in publish("--tag", "v1")
    assert hub.history(REPO)[0].id == there
    assert hub.store.repo(REPO).tags == {"v1": there}


def test_dry_run_lists_the_changes_and_writes_nothing(hub: Hub, publish: Publish, release: Path) -> None:
    """Changed and deleted files and the tag are listed, unchanged ones are not; no request writes."""
    there = _commit_earlier_release(hub, release, accuracy=0.5)
    output = publish("--dry-run", "--tag", "v2")
    for line in ("change  README.md", "change  release.json", "delete  figures/styles.png", "tag v2"):
        assert line in output
    for unchanged in ("model.keras", "notes.txt"):
        assert unchanged not in output
    assert hub.history(REPO)[0].id == there
    assert not writing_requests(hub)


def test_killed_publication_leaves_the_old_release(hub: Hub, release: Path, publish: Publish) -> None:
    """Killed during an upload, it leaves the old release complete; run again, it publishes the new one."""
    _commit_earlier_release(hub, release, accuracy=0.5)
    figure = (release / "figures" / "curves.png").read_bytes() + b"\0"
    _change_file(release, "figures/curves.png", figure)
    before = hub.files(REPO)
    with subprocess.Popen(publish.command(), cwd=PROJECT, env=publish.environment) as process:
        hub.inject(Fault(method="PUT", path="/lfs/upload/", before_handling=process.kill, times=1))
        assert process.wait(timeout=120) == -9
    assert hub.files(REPO) == before
    assert _is_complete(before)
    publish()
    after = hub.files(REPO)
    assert _is_complete(after)
    assert after["figures/curves.png"] == figure
    assert "figures/styles.png" not in after
    assert after["notes.txt"] == b"by hand"


def test_worse_release_needs_permission(hub: Hub, publish: Publish, release: Path) -> None:
    """It is refused unless --allow-regression is given; the commit then names the regressions."""
    there = _commit_earlier_release(hub, release, accuracy=1.0, calibration_error=0.001)
    publish.fails(r"accuracy on MNIST test \d\d.*100\.00 %; calibration error .*0\.10 %.*--allow-regression")
    assert not writing_requests(hub)
    publish("--allow-regression")
    commit = hub.history(REPO)[0]
    assert commit.parent == there
    assert "regression" in commit.title
    assert "Worse: accuracy on MNIST test" in commit.message


def test_pull_request_leaves_the_main_branch_unchanged(hub: Hub, publish: Publish) -> None:
    """The whole release is proposed, and the URL of the pull request is printed."""
    there = hub.commit(REPO, {"README.md": b"digits", "release.json": b'{"files": {}, "metrics": [1]}'})
    assert f"{hub.url}/{REPO}/discussions/1" in publish("--pull-request")
    assert hub.history(REPO)[0].id == there
    assert _is_complete(hub.files(REPO, revision="refs/pr/1"))
