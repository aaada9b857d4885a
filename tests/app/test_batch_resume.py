"""A batch that is stopped, killed, given again, or given together with another."""

import shutil
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.batch import BatchError
from app.batch.output import Output
from app.model.origin import Origin
from tests.app.batches import count_parts, finish, read_here, read_rows, start, wait_for_parts, write_pictures
from tests.conftest import Digits

_PICTURES = 400


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, digits: Digits) -> Path:
    """A folder of pictures, one of them broken."""
    folder = tmp_path_factory.mktemp("pictures")
    write_pictures(folder, digits, count=_PICTURES)
    (folder / "0300.png").write_bytes(b"broken")
    return folder


def test_stopped_and_killed_batch_ends_with_the_same_rows(pictures: Path, tmp_path: Path) -> None:
    """After SIGTERM, and after a SIGKILL, the same command goes on: no row is lost, none is there twice."""
    output, options = tmp_path / "output", ("--part-size", 5)
    stopped = start(pictures, output, *options, "--workers", 1)
    wait_for_parts(output, 2, [stopped])
    stopped.send_signal(signal.SIGTERM)
    said, complained = stopped.communicate(timeout=30)
    assert (said, stopped.returncode) == ("Stopped. Run the same command to resume.\n", 143)
    assert "Traceback" not in complained
    left = count_parts(output)
    assert left < _PICTURES // 5

    killed = start(pictures, output, *options, "--workers", 2)
    wait_for_parts(output, left + 2, [killed])
    workers = psutil.Process(killed.pid).children()
    killed.kill()
    killed.communicate(timeout=30)
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert count_parts(output) < _PICTURES // 5
    (output / "_batch" / "partial").write_bytes(b"half")

    said = finish(start(pictures, output, *options, "--workers", 1))
    assert said.startswith(f"{_PICTURES} pictures in {output}:")
    assert "1 failed" in said
    assert not (output / "_batch" / "partial").exists()
    assert read_rows(output) == read_here(pictures, tmp_path / "uninterrupted")


def test_worker_that_dies_is_replaced(pictures: Path, tmp_path: Path) -> None:
    """The part of a worker that was killed is read by another, and the command does not fail."""
    output = tmp_path / "output"
    process = start(pictures, output, "--part-size", 5, "--workers", 1)
    wait_for_parts(output, 1, [process])
    reading = [each for each in psutil.Process(process.pid).children() if "spawn_main" in str(each.cmdline())]
    reading[0].kill()
    finish(process)
    paths = [row["path"] for row in read_rows(output)]
    assert paths == sorted(path.name for path in pictures.iterdir())


@pytest.fixture
def finished(tmp_path: Path, digits: Digits) -> Path:
    """A folder with an `input` of four pictures, and the `output` of its batch."""
    write_pictures(tmp_path / "input", digits, count=4)
    read_here(tmp_path / "input", tmp_path / "output")
    return tmp_path


def test_later_files_are_taken_on_once_all_is_read(finished: Path, digits: Digits) -> None:
    """A file that comes later becomes a new part, and moves no other."""
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
    """An output that was begun otherwise is refused in a sentence that says in what."""
    with pytest.raises(BatchError, match=named):
        read_here(finished / "input", finished / "output", **changed)


def test_other_input_is_refused(finished: Path) -> None:
    """Another folder with the same files is another input."""
    shutil.copytree(finished / "input", finished / "copy")
    with pytest.raises(BatchError, match="was started with input"):
        read_here(finished / "copy", finished / "output")


def test_two_commands_do_not_share_an_output(finished: Path) -> None:
    """While one command holds an output, another is refused; afterwards it is let in."""
    with (
        Output(finished / "output").locked(),
        pytest.raises(BatchError, match="Another command is writing"),
    ):
        read_here(finished / "input", finished / "output")
    assert len(read_here(finished / "input", finished / "output")) == 4


def test_parts_of_something_else_are_left_alone(finished: Path) -> None:
    """A folder with parts but without their list is not written to."""
    shutil.rmtree(finished / "output" / "_batch")
    with pytest.raises(BatchError, match="other results"):
        read_here(finished / "input", finished / "output")
