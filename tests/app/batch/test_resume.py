"""A batch that is stopped, killed, repeated, or run twice at once."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.batch import BatchError
from app.batch.output import Output
from app.model.release import Origin
from tests.app.batch.batches import (
    count_parts,
    finish,
    read_here,
    read_rows,
    start,
    wait_for_parts,
    write_pictures,
)
from tests.conftest import Digits

_PICTURES = 400


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, digits: Digits) -> Path:
    """A folder of pictures, one of them invalid."""
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder, digits, count=_PICTURES)
    (folder / "0300.png").write_bytes(b"broken")
    return folder


def _find_workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [each for each in children if "spawn_main" in str(each.cmdline())]


@pytest.mark.slow
def test_stopped_and_killed_batch_ends_with_the_same_rows(pictures: Path, tmp_path: Path) -> None:
    """After Ctrl-C, SIGTERM and SIGKILL the same command resumes: no row is lost or doubled."""
    output, options = tmp_path / "output", ("--part-size", 5, "--workers", 2)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process = start(pictures, output, *options)
        wait_for_parts(output, count_parts(output) + 2, [process])
        workers = _find_workers(process)
        # A terminal sends Ctrl-C to all processes of the command.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        printed, errors = process.communicate(timeout=60)
        if number != signal.SIGKILL:
            assert (printed.split(".")[0], process.returncode) == ("Stopped", 128 + number)
        assert "Traceback" not in errors
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert alive == []
    assert count_parts(output) < _PICTURES // 5
    (output / "_batch" / "partial").write_bytes(b"half")

    printed = finish(start(pictures, output, "--part-size", 5, "--workers", 1))
    assert printed.startswith(f"{_PICTURES} pictures in {output}:")
    assert "1 failed" in printed
    assert not (output / "_batch" / "partial").exists()
    assert read_rows(output) == read_here(pictures, tmp_path / "uninterrupted")


@pytest.mark.slow
def test_killed_worker_is_replaced(pictures: Path, tmp_path: Path) -> None:
    """The part of a killed worker is read again, and the command succeeds."""
    output = tmp_path / "output"
    process = start(pictures, output, "--part-size", 5, "--workers", 1)
    wait_for_parts(output, 1, [process])
    _find_workers(process)[0].kill()
    finish(process)
    paths = [row["path"] for row in read_rows(output)]
    assert paths == sorted(path.name for path in pictures.iterdir())


@pytest.fixture
def finished(tmp_path: Path, digits: Digits) -> Path:
    """A folder with an `input` of four pictures, and the `output` of its batch."""
    write_pictures(tmp_path / "input", digits, count=4)
    read_here(tmp_path / "input", tmp_path / "output")
    return tmp_path


def test_later_files_are_read_by_the_same_command(finished: Path, digits: Digits) -> None:
    """A file added after the end becomes a new part; the other parts stay."""
    before = read_rows(finished / "output")
    write_pictures(finished / "input" / "0", digits, count=1)
    after = read_here(finished / "input", finished / "output")
    assert after[:-1] == before
    assert after[-1]["path"] == "0/0000.png"


def test_later_files_are_read_with_what_is_left(finished: Path, digits: Digits) -> None:
    """A resumed batch reads new files, too, and no picture twice."""
    (finished / "output" / "part-00000.parquet").unlink()
    write_pictures(finished / "input" / "0", digits, count=1)
    found = read_here(finished / "input", finished / "output")
    assert [row["path"] for row in found] == ["0/0000.png", "0000.png", "0001.png", "0003.png", "0002.png"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"expect": "digit"}, "--expect auto, not digit"),
        ({"column": "scan"}, "--column by default, not scan"),
        ({"max_pixels": 1000}, "DIGITS_MAX_PIXELS 25000000, not 1000"),
        ({"origin": Origin("hub", "ann/digits", "0123")}, "not ann/digits at 0123"),
    ],
)
def test_other_terms_are_refused(changed: dict[str, Any], named: str, finished: Path) -> None:
    """An output that was started with other options or another model is refused, naming the difference."""
    with pytest.raises(BatchError, match=named):
        read_here(finished / "input", finished / "output", **changed)


def test_other_input_is_refused(finished: Path) -> None:
    """Another folder with the same files is another input."""
    shutil.copytree(finished / "input", finished / "copy")
    with pytest.raises(BatchError, match="started with input"):
        read_here(finished / "copy", finished / "output")


def test_two_commands_cannot_share_an_output(finished: Path) -> None:
    """While one command holds the lock of an output, another is refused."""
    with Output(finished / "output").locked(), pytest.raises(BatchError, match="Another command is writing"):
        read_here(finished / "input", finished / "output")
    assert len(read_here(finished / "input", finished / "output")) == 4


def test_other_results_are_not_overwritten(finished: Path) -> None:
    """A folder with parts but without `_batch` is refused."""
    shutil.rmtree(finished / "output" / "_batch")
    with pytest.raises(BatchError, match="other results"):
        read_here(finished / "input", finished / "output")
