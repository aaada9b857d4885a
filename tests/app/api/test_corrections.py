"""Corrections are taken with consent, stored in a folder, and deleted for those who gave them."""

import base64
import errno
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.api.requests import EXAMPLE_PNG
from app.application import create_app
from app.corrections import giving, spool
from app.settings import Settings, SettingsError
from tests.app.api.errors import check_error

GOOD: dict[str, Any] = {"image": EXAMPLE_PNG, "text": "7", "consent": True}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corrections"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """An app of its own, so that the limits of a test are its own too."""
    with TestClient(create_app(Settings(ui=False, corrections_dir=folder))) as client:
        yield client


def _give(client: TestClient, **changes: object) -> str:
    response = client.post("/api/corrections", json=GOOD | changes)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def _stored(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("data/*/*/metadata.jsonl"))]


def test_a_correction_is_stored_with_what_was_read_and_no_trace_of_its_giver(
    client: TestClient, folder: Path
) -> None:
    """Picture, strokes, text, reading, model and day are stored; the id, the address and EXIF are not."""
    png = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    Image.open(io.BytesIO(base64.b64decode(EXAMPLE_PNG))).save(png, "PNG", exif=exif)
    giver = _give(client, image=base64.b64encode(png.getvalue()).decode(), strokes=[[[1, 2], [3, 4]]])
    [stored] = _stored(folder)
    assert (stored["text"], stored["read"], stored["source"]) == ("7", "1", "api")
    assert json.loads(stored["strokes"]) == [[[1, 2], [3, 4]]]
    assert stored.keys() == {
        *("file_name", "text", "read", "writer", "strokes", "model", "day", "source"),
    }
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for trace in (giver.encode(), b"a secret place", b"testclient"):
        assert trace not in files


def test_corrections_of_one_giver_share_a_writer_and_are_deleted_together(
    client: TestClient, folder: Path
) -> None:
    """An id that is sent again adds to its corrections; deleting by id leaves those of others."""
    giver, other = _give(client), _give(client)
    assert _give(client, text="12", id=giver) == giver
    assert len({stored["writer"] for stored in _stored(folder)}) == 2
    for _ in range(2):  # the second time, there is nothing left
        assert client.delete(f"/api/corrections/{giver}").status_code == 204
        assert len(_stored(folder)) == 1
    client.delete(f"/api/corrections/{other}")
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_correction_is_stored_once(client: TestClient, folder: Path) -> None:
    """Sent again, as after a lost response, a correction counts once."""
    giver = _give(client)
    _give(client, id=giver)
    assert len(_stored(folder)) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"consent": False}, 422, "wrong_shape"),
        ({"consent": None}, 422, "wrong_shape"),
        ({"text": "hello"}, 422, "wrong_shape"),
        ({"text": "1" * 61}, 422, "wrong_shape"),
        ({"text": "."}, 422, "wrong_shape"),
        ({"text": "7\n8"}, 422, "wrong_shape"),
        ({"id": "../../etc"}, 422, "wrong_shape"),
        ({"strokes": [[]]}, 422, "wrong_shape"),
        ({"strokes": [[[0, 1e9]]]}, 422, "wrong_shape"),
        ({"strokes": [[[0, 0]] * 5001]}, 422, "wrong_shape"),
        ({"image": "aGVsbG8="}, 400, "undecodable"),
        ({"image": "http://example.org/7.png"}, 400, "undecodable"),
        ({"name": "Ann"}, 422, "wrong_shape"),
    ],
)
def test_a_bad_correction_is_refused_and_nothing_is_stored(
    client: TestClient, folder: Path, changes: dict[str, Any], status: int, code: str
) -> None:
    """Without consent, with a label that is no number, or without a picture there is a clear error."""
    check_error(client.post("/api/corrections", json=GOOD | changes), status, code)
    assert _stored(folder) == []


def test_without_configuration_there_are_no_corrections() -> None:
    """By default the routes do not exist, and are not documented."""
    with TestClient(create_app(Settings(ui=False))) as client:
        check_error(client.post("/api/corrections", json=GOOD), 404, "not_found")
        check_error(client.delete(f"/api/corrections/{'a' * 22}"), 404, "not_found")
        assert "/api/corrections" not in client.get("/openapi.json").json()["paths"]


def test_corrections_need_the_api_key(folder: Path) -> None:
    """With an API key, neither giving nor deleting works without it."""
    settings = Settings(ui=False, corrections_dir=folder, api_key=SecretStr("correct horse"))
    with TestClient(create_app(settings)) as client:
        check_error(client.post("/api/corrections", json=GOOD), 401, "unauthorized")
        check_error(client.delete(f"/api/corrections/{'a' * 22}"), 401, "unauthorized")
        key = {"X-API-Key": "correct horse"}
        assert client.post("/api/corrections", json=GOOD, headers=key).status_code == 202


def test_one_client_cannot_give_without_end(client: TestClient, folder: Path) -> None:
    """Beyond the limit of an address there is a 429 that says how long to wait."""
    for number in range(giving._PER_CLIENT.amount):
        _give(client, text=str(number))
    response = client.post("/api/corrections", json=GOOD)
    check_error(response, 429, "too_many")
    assert int(response.headers["Retry-After"]) > 0
    assert len(_stored(folder)) == giving._PER_CLIENT.amount


def _fail(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.corrections.spool.os.fsync", _fail)


def _fill_spool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_MAX_WAITING", 0)


@pytest.mark.parametrize("fill", [_fill_disk, _fill_spool])
def test_a_full_disk_or_spool_refuses_and_leaves_nothing_behind(
    client: TestClient,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    fill: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """What can't be stored gets a 503 and leaves no partial files; later it works again."""
    with monkeypatch.context() as patch:
        fill(patch)
        check_error(client.post("/api/corrections", json=GOOD), 503, "not_ready")
    assert not [path for path in folder.rglob("*") if path.is_file()]
    _give(client)
    assert len(_stored(folder)) == 1


def test_the_log_does_not_contain_the_id(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Who reads the log can neither delete corrections nor tell whose they are."""
    giver = _give(client)
    with caplog.at_level("INFO", logger="app"):
        client.delete(f"/api/corrections/{giver}")
    assert "DELETE /api/corrections/..." in caplog.text
    assert giver not in caplog.text


def test_corrections_are_counted(client: TestClient) -> None:
    """The metrics tell how many corrections were given, and how many givers took theirs back."""
    client.delete(f"/api/corrections/{_give(client)}")
    metrics = client.get("/metrics").text
    assert 'digits_corrections_total{event="given"} 1.0' in metrics
    assert 'digits_corrections_total{event="deleted"} 1.0' in metrics


def test_a_folder_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    """A file in place of the folder is an error that names the setting."""
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="DIGITS_CORRECTIONS_DIR"):
        create_app(Settings(ui=False, corrections_dir=tmp_path / "file"))
