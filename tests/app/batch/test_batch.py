"""Inputs of a batch, and the rows of its results."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from app.batch import BatchError
from app.batch.on_ray import open_ray_pool
from app.settings import Settings
from tests.app.batch.batches import Row, finish, read_here, read_rows, start, write_pictures
from tests.conftest import PROJECT, Digits
from tests.hub.server import Hub
from tests.pictures import beside, encode

_HUB_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, digits: Digits) -> Path:
    """A folder with readable and unreadable pictures, a subfolder, and other files."""
    folder = tmp_path_factory.mktemp("pictures[1]")
    (folder / "more").mkdir()
    good = encode(digits.images[0])
    files = {
        "seven.png": good,
        "more/number.JPG": encode(beside(*digits.images[1:3], gap=6), "JPEG"),
        "more/one.webp": encode(digits.images[2], "WEBP", lossless=True),
        "more/paper.png": encode(digits.images[0] * 0),
        "broken.png": b"no picture",
        "empty.jpeg": b"",
        "truncated.png": good[:-40],
        "wide.png": encode(digits.images[0].repeat(200, axis=0).repeat(200, axis=1)),
        "heavy.png": good + bytes(2**20),
        "notes.txt": b"seven",
        "numbers.parquet": b"not Parquet either",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / os.fsdecode(b"\xff.png")).write_bytes(good)
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.png")
    return folder


@pytest.fixture(scope="module")
def rows(pictures: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """The rows of that folder, by path."""
    output = tmp_path_factory.mktemp("output")
    found = read_here(pictures, output, max_pixels=settings.max_pixels, max_bytes=settings.max_body_bytes)
    return {row["path"]: row for row in found}


def test_each_picture_has_one_row(rows: dict[str, Row]) -> None:
    """Pictures of all subfolders are read in the order of their names, whatever the case of the suffix."""
    assert list(rows) == [
        *("broken.png", "empty.jpeg", "gone.png", "heavy.png", "more/number.JPG", "more/one.webp"),
        *("more/paper.png", "numbers.parquet", "pipe.png", "seven.png", "truncated.png", "wide.png"),
        "\\xff.png",
    ]


def test_row_equals_the_response_of_the_api(rows: dict[str, Row], pictures: Path, client: TestClient) -> None:
    """Text, digits and model are those of /api/predict; the scores are the minimum over the digits."""
    for name, kind in {"seven.png": "png", "more/number.JPG": "jpeg", "more/one.webp": "webp"}.items():
        body = (pictures / name).read_bytes()
        response = client.post("/api/predict", content=body, headers={"content-type": f"image/{kind}"}).json()
        row = rows[name]
        assert row["error"] is None
        assert (row["text"], row["model"]) == (response["text"], response["model"])
        for digit in response["digits"]:
            del digit["probabilities"]
        assert row["digits"] == response["digits"]
        for score in ("confidence", "digit_score"):
            assert row[score] == min(digit[score] for digit in response["digits"])


def test_empty_picture_is_not_an_error(rows: dict[str, Row]) -> None:
    """A picture without ink has an empty text, no digits and no scores."""
    row = rows["more/paper.png"]
    assert (row["text"], row["digits"], row["confidence"], row["error"]) == ("", [], None, None)


@pytest.mark.parametrize("name", ["broken.png", "empty.jpeg", "truncated.png", "wide.png"])
def test_invalid_picture_has_the_error_of_the_api(
    name: str, rows: dict[str, Row], pictures: Path, client: TestClient
) -> None:
    """A picture that cannot be decoded, or has too many pixels, is a row with the API's code and message."""
    response = client.post(
        "/api/predict", content=(pictures / name).read_bytes(), headers={"content-type": "image/png"}
    )
    row, error = rows[name]["error"], response.json()["error"]
    assert row["code"] == error["code"]
    assert error["message"].startswith(row["message"])  # the API adds what it accepts
    assert rows[name]["text"] is rows[name]["digits"] is None


def test_invalid_file_is_a_row_with_its_error(rows: dict[str, Row]) -> None:
    """A file that is too large, missing, a named pipe, or a damaged Parquet file fails alone."""
    expected = {
        "heavy.png": "too_large",
        "gone.png": "not_found",
        "pipe.png": "unreadable",
        "numbers.parquet": "undecodable",
    }
    assert {name: rows[name]["error"]["code"] for name in expected} == expected


def test_expect_applies_to_each_picture(tmp_path: Path, digits: Digits) -> None:
    """With `digit` a picture of two digits is read as one digit."""
    (tmp_path / "two.png").write_bytes(encode(beside(*digits.images[1:3], gap=6)))
    [row] = read_here(tmp_path / "two.png", tmp_path / "output", expect="digit")
    assert row["path"] == "two.png"
    assert len(row["digits"]) == 1


def test_glob_selects_files(tmp_path: Path, digits: Digits) -> None:
    """`**` includes subfolders; paths are relative to the folder before the first wildcard."""
    write_pictures(tmp_path / "a" / "b", digits, count=2)
    write_pictures(tmp_path / "c", digits, count=1)
    found = read_here(tmp_path / "a" / "**" / "*1.png", tmp_path / "output")
    assert [(row["path"], row["text"]) for row in found] == [("b/0001.png", str(digits.labels[1]))]


def test_output_inside_the_input_is_not_read(tmp_path: Path, digits: Digits) -> None:
    """The Parquet files of the results are not an input."""
    write_pictures(tmp_path, digits, count=1)
    for _ in range(2):
        assert len(read_here(tmp_path, tmp_path / "output")) == 1


def test_rows_of_parquet_files_are_pictures(tmp_path: Path, digits: Digits) -> None:
    """The column of pictures is read row by row, as bytes or as the Hub's struct, across row groups."""
    encoded: list[bytes | None] = [encode(digits.images[place]) for place in range(100)]
    encoded[7], encoded[50] = b"no picture", None
    images = [{"bytes": data, "path": None} for data in encoded]
    table = pa.table({"label": list(range(100)), "image": pa.array(images, _HUB_IMAGE)})
    folder = tmp_path / "data"
    folder.mkdir()
    pq.write_table(table, folder / "a.parquet", row_group_size=40)
    pq.write_table(pa.table({"picture": encoded[:5]}), folder / "b.parquet")
    pq.write_table(pa.table({"label": [1, 2]}), folder / "labels.parquet")
    found = read_here(folder, tmp_path / "output", expect="digit")
    assert [row["path"] for row in found] == [
        *(f"a.parquet#{row}" for row in range(100)),
        *(f"b.parquet#{row}" for row in range(5)),
    ]
    assert [place for place, row in enumerate(found) if row["error"]] == [7, 50]
    right = sum(row["text"] == str(digits.labels[place]) for place, row in enumerate(found[:100]))
    assert right >= 96
    assert [row["text"] for row in found[100:]] == [row["text"] for row in found[:5]]


def test_several_columns_of_pictures_need_a_choice(tmp_path: Path, digits: Digits) -> None:
    """Of two columns --column selects one, unless one is called image."""
    pictures = [encode(digits.images[0])]
    pq.write_table(pa.table({"scan": pictures, "mask": [b""]}), tmp_path / "a.parquet")
    with pytest.raises(BatchError, match=r"scan, mask\. Choose one with --column"):
        read_here(tmp_path / "a.parquet", tmp_path / "output")
    [row] = read_here(tmp_path / "a.parquet", tmp_path / "output", column="scan")
    assert row["text"] == "7"


def test_input_without_pictures_is_an_error(tmp_path: Path) -> None:
    """A folder without pictures, and an input that does not exist, raise a BatchError."""
    (tmp_path / "notes.txt").write_text("7")
    with pytest.raises(BatchError, match="no pictures in"):
        read_here(tmp_path, tmp_path / "output")
    with pytest.raises(BatchError, match="no file or folder nowhere"):
        read_here("nowhere", tmp_path / "output")


@pytest.mark.slow
def test_data_set_on_the_hub_stays_at_its_commit(
    hub: Hub, hub_environment: dict[str, str], tmp_path: Path, digits: Digits
) -> None:
    """Pictures and Parquet files of a data set are read at one commit; a later commit changes nothing."""
    data = tmp_path / "train.parquet"
    pq.write_table(pa.table({"image": [encode(digits.images[1])] * 4}), data)
    files = {
        "README.md": b"# Digits",
        "test/seven.PNG": encode(digits.images[0]),
        "train.parquet": data.read_bytes(),
    }
    hub.commit("ann/scans", files, repo_type="dataset")
    output = tmp_path / "output"
    printed = finish(start("ann/scans", output, "--workers", 1, environment=hub_environment))
    assert printed.startswith(f"5 pictures in {output}: 5 read, 0 without a digit, 0 failed.")
    assert [row["path"] for row in read_rows(output)] == [
        "test/seven.PNG",
        *(f"train.parquet#{row}" for row in range(4)),
    ]
    assert not [each for each in hub.requests if each.path.endswith("README.md")]
    hub.commit("ann/scans", {"test/more.png": encode(digits.images[2])}, repo_type="dataset")
    again = start("hf://datasets/ann/scans@main", output, environment=hub_environment)
    assert "Nothing was left to read" in finish(again)
    missing = start("ann/nothing", tmp_path / "missing", environment=hub_environment)
    _, errors = missing.communicate(timeout=60)
    assert missing.returncode == 1
    assert "no data set ann/nothing" in errors


@pytest.mark.slow
def test_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyarrow, or with --ray and without Ray, the message is the command that installs it."""
    script = "import sys; sys.modules['pyarrow'] = None; from app.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "batch", str(tmp_path), "--output", str(tmp_path / "output")]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "pip install '.[batch]'" in ended.stderr
    assert "Traceback" not in ended.stderr
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BatchError, match=r"pip install '\.\[cluster\]'"):
        open_ray_pool(None, workers=1, address="local").__enter__()  # type: ignore[arg-type]
