"""Corrections reach the data set on the Hub: each once, whatever fails on the way."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import datasets
import numpy as np
import pytest

from app.corrections.spool import Spool
from app.corrections.upload import upload
from app.model.hub import HubError, HubModel
from tests.app.corrections.corrections import DATA_SET, make_correction
from tests.conftest import PROJECT
from tests.hub.faults import Fault
from tests.hub.server import Hub

KILLS = int(os.environ.get("DIGITS_TEST_KILLS", "6"))
LONGEST_SECONDS = 1.5  # that a process runs after its first correction


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", has_copy=True)


@pytest.fixture
def hub(hub: Hub, client_settings: None, monkeypatch: pytest.MonkeyPatch) -> Hub:  # noqa: ARG001
    """The stand-in Hub, with the token of the owner of the data set in this process."""
    monkeypatch.setenv("HF_TOKEN", hub.token("ann"))
    return hub


def _folders(hub: Hub, *, revision: str = "main") -> list[str]:
    """Return the folders of the data set that have both files of a correction."""
    files = hub.files(DATA_SET.repo, revision=revision, repo_type="dataset")
    folders = {path.rpartition("/")[0] for path in files if path.startswith("data/")}
    assert all({f"{each}/image.png", f"{each}/metadata.jsonl"} <= files.keys() for each in folders)
    return sorted(folders)


def test_corrections_are_uploaded_to_a_private_data_set_with_a_card(hub: Hub, spool: Spool) -> None:
    """The repo is created as a private one, with a card that has licence and consent, in one commit."""
    for number in range(5):
        spool.add(make_correction(number))
    assert upload(spool, DATA_SET) == 5
    assert len(_folders(hub)) == 5
    repo = hub.store.repo(DATA_SET.repo, "dataset")
    assert repo.private
    card = hub.files(DATA_SET.repo, repo_type="dataset")["README.md"].decode()
    assert "license: cc0-1.0" in card
    assert "Consent" in card
    assert len(hub.history(DATA_SET.repo, repo_type="dataset")) == 2  # the Hub's own, and ours
    assert spool.count() == 0
    assert upload(spool, DATA_SET) == 0


def test_an_uploaded_data_set_loads_with_datasets(hub: Hub, spool: Spool, tmp_path: Path) -> None:
    """The library `datasets` loads pictures and metadata of the data set's files."""
    for number in range(3):
        spool.add(make_correction(number, writer=str(number) * 32))
    upload(spool, DATA_SET)
    for path, content in hub.files(DATA_SET.repo, repo_type="dataset").items():
        (tmp_path / "copy" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "copy" / path).write_bytes(content)
    data = datasets.load_dataset(
        "imagefolder", data_dir=str(tmp_path / "copy" / "data"), split="train", cache_dir=str(tmp_path / "c")
    )
    assert sorted(data["writer"]) == ["0" * 32, "1" * 32, "2" * 32]
    assert set(data["text"]) == {"7"}
    assert data[0]["image"].size == (4, 4)


def test_what_is_taken_back_is_deleted_from_the_data_set(hub: Hub, spool: Spool) -> None:
    """The corrections of one writer disappear from spool and data set; those of another stay."""
    for number, writer in enumerate(("a" * 32, "b" * 32, "a" * 32)):
        spool.add(make_correction(number, writer=writer))
    upload(spool, DATA_SET)
    spool.add(make_correction(3))
    spool.delete_writer("a" * 32)
    upload(spool, DATA_SET)
    assert [folder.split("/")[1] for folder in _folders(hub)] == ["b" * 32]
    spool.add(make_correction(4))  # given again after all
    upload(spool, DATA_SET)
    assert len(_folders(hub)) == 2


def test_a_later_text_for_the_same_picture_replaces_the_earlier_one(hub: Hub, spool: Spool) -> None:
    """Whether or not the earlier one was uploaded, the data set has only what its giver said last."""
    one = make_correction(0)
    spool.add(one)
    spool.add(replace(one, text="1"))
    assert spool.count() == 1
    upload(spool, DATA_SET)
    spool.add(replace(one, text="4"))
    upload(spool, DATA_SET)
    [folder] = _folders(hub)
    assert b'"text": "4"' in hub.files(DATA_SET.repo, repo_type="dataset")[f"{folder}/metadata.jsonl"]


def test_corrections_go_to_the_branch_in_the_settings(hub: Hub, spool: Spool) -> None:
    """A branch is created and gets the corrections; main does not."""
    spool.add(make_correction(0))
    upload(spool, HubModel(DATA_SET.repo, "incoming"))
    assert len(_folders(hub, revision="incoming")) == 1
    assert _folders(hub) == []


@pytest.mark.parametrize(
    ("fault", "uploaded"),
    [
        (Fault(path="/commit/", status=500, times=20), False),
        (Fault(path="/preupload/", status=429, times=20), False),
        (Fault(path="/lfs/upload/", drop=True, times=20), False),
        (Fault(path="/commit/", drop=True, times=1), True),
    ],
)
def test_a_failure_of_the_hub_loses_and_doubles_nothing(
    hub: Hub, spool: Spool, monkeypatch: pytest.MonkeyPatch, fault: Fault, uploaded: bool
) -> None:
    """Corrections stay in the spool until the Hub has answered; then the data set has each once."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    upload(spool, DATA_SET)
    spool.add(make_correction(0))
    hub.inject(fault)
    with pytest.raises(HubError):
        upload(spool, DATA_SET)
    assert spool.count() == 1
    hub.clear_faults()
    assert len(_folders(hub) if uploaded else []) == uploaded
    assert upload(spool, DATA_SET) == 1
    assert len(_folders(hub)) == 1
    assert spool.count() == 0


@pytest.mark.slow
def test_no_kill_loses_or_doubles_a_correction(
    hub: Hub, hub_environment: Mapping[str, str], spool: Spool
) -> None:
    """After kills at random moments, each correction that was acknowledged is in the data set, once."""
    generator = np.random.default_rng(0)
    command = [sys.executable, "-m", "tests.app.corrections.corrections", str(spool.folder)]
    environment = {**hub_environment, "HF_TOKEN": os.environ["HF_TOKEN"]}
    acknowledged: list[int] = []
    for kill in range(KILLS):
        with subprocess.Popen(
            [*command, str(10_000 * kill)], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            acknowledged.append(int(process.stdout.readline()))
            time.sleep(generator.uniform(0, LONGEST_SECONDS))
            process.kill()
            acknowledged += [int(line) for line in process.stdout.read().split()]
    while spool.count():
        upload(spool, DATA_SET)
    names = [folder.split("/")[2] for folder in _folders(hub)]
    assert {make_correction(number).name for number in acknowledged} <= set(names)
    assert len(names) <= len(acknowledged) + KILLS  # one may be stored, but not acknowledged
