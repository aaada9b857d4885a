"""A folder of corrections, in the form that the library `datasets` loads as an ImageFolder.

Each correction is a folder `data/<writer>/<name>` with `image.png` and a `metadata.jsonl` of one line. It is
put in place by one rename, so that it is complete or absent after a kill. A deletion by the giver leaves an
empty file `.deleted/<writer>`, for copies of the folder elsewhere.
"""

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

IMAGE_FILE = "image.png"
METADATA_FILE = "metadata.jsonl"
_MAX_WAITING = 10_000  # corrections in the folder; each has at most 0.4 MB, and usually 2 kB
_OLD_SECONDS = 3600.0  # a partial correction of this age was left by a killed process
_GONE = "deleted-"  # how names of discarded folders begin
_ATTEMPTS = 3  # the folder of a writer can be removed while a correction is put into it


class SpoolError(Exception):
    """The folder has too many corrections, or the disk fails."""


@dataclass(frozen=True)
class Correction:
    """A picture, what was read, and what is right.

    Attributes:
        image: a PNG.
        text: what is right; "" if it is no digit.
        read: what was read.
        writer: 32 hexadecimal digits, the same for all corrections of one giver.
        strokes: JSON, per stroke a list of points [x, y], in any unit, y down; "" without strokes.
        model: of the reading: `user/name@commit`, or the sha256 of its reader.
        day: in the form 2026-11-27.
        source: "page" or "api".
    """

    image: bytes
    text: str
    read: str
    writer: str
    strokes: str
    model: str
    day: str
    source: str

    @property
    def name(self) -> str:
        """The name of its folder: one half for the picture, one for the text."""
        return "".join(hashlib.sha256(part).hexdigest()[:16] for part in (self.image, self.text.encode()))

    def describe(self) -> str:
        """Return its line of metadata; all values are text, so that all corrections have the same columns."""
        fields = {name: value for name, value in asdict(self).items() if name != "image"}
        return json.dumps({"file_name": IMAGE_FILE} | fields, ensure_ascii=False) + "\n"


class Spool:
    """The folder; several processes may use it at once. Methods raise OSError if the disk fails."""

    def __init__(self, folder: Path, *, has_copy: bool = False) -> None:
        """Use `folder`, and create it if it is missing; deletions are remembered if it `has_copy`."""
        self.folder = folder
        self._has_copy = has_copy
        self._data, self._partial, self._deleted = (
            folder / name
            for name in ("data", ".partial", ".deleted")  # `datasets` ignores hidden folders
        )
        for each in (self._data, self._partial, self._deleted):
            each.mkdir(parents=True, exist_ok=True)
        for left in _list(self._partial):
            with suppress(FileNotFoundError):  # another process has removed it
                if left.name.startswith(_GONE) or time.time() - left.stat().st_mtime > _OLD_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)

    def add(self, correction: Correction) -> None:
        """Store a correction durably, in place of one of the same picture with another text.

        Raises:
            SpoolError: there are too many.
        """
        target = self._data / correction.writer / correction.name
        if target.exists():
            return
        if self.count() >= _MAX_WAITING:
            raise SpoolError("no more corrections can be stored; try again later")
        partial = self._make_partial()
        try:
            partial.mkdir()
            _write(partial / IMAGE_FILE, correction.image)
            _write(partial / METADATA_FILE, correction.describe().encode())
            _sync(partial)
            self._move(partial, target)
            for earlier in _list(target.parent):
                if is_replaced(earlier.name, by=target.name):
                    self._discard(earlier)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _move(self, partial: Path, target: Path) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                target.parent.mkdir(exist_ok=True)
                _sync(self._data)
                os.rename(partial, target)
                _sync(target.parent)
            except FileNotFoundError:
                if attempt == _ATTEMPTS - 1:
                    raise
            except OSError:
                if not target.exists():
                    raise
                return  # the same correction was given twice at the same time
            else:
                return

    def waiting(self) -> Iterator[Path]:
        """Yield the folders of the corrections."""
        for writer in filter(Path.is_dir, _list(self._data)):
            yield from filter(Path.is_dir, _list(writer))

    def count(self) -> int:
        """Return the number of corrections."""
        return sum(1 for _ in self.waiting())

    def remove(self, correction: Path) -> None:
        """Remove the folder of a correction."""
        self._discard(correction)
        try:
            correction.parent.rmdir()
        except OSError:
            return  # it has other corrections

    def delete_writer(self, writer: str) -> None:
        """Remove all corrections of a writer, and remember the deletion for copies elsewhere.

        In this order: a copy that is made from now on lacks them, and an earlier one is deleted afterwards.
        """
        self._discard(self._data / writer)
        if self._has_copy:
            _write(self._deleted / writer, b"")
            _sync(self._deleted)

    def deleted_writers(self) -> list[str]:
        """Return the writers whose deletion is remembered."""
        return [path.name for path in _list(self._deleted)]

    def forget_deletion(self, writer: str) -> None:
        """Forget that the corrections of a writer were deleted."""
        (self._deleted / writer).unlink(missing_ok=True)

    def _discard(self, folder: Path) -> None:
        partial = self._partial / f"{_GONE}{uuid.uuid4().hex}"
        try:
            os.rename(folder, partial)
            _sync(folder.parent)
        except FileNotFoundError:
            return  # there is none, or another process has removed it
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _make_partial(self) -> Path:
        return self._partial / uuid.uuid4().hex


def is_replaced(name: str, *, by: str) -> bool:
    """Return whether a correction is of the same picture as a later one, with another text."""
    return name != by and name[:16] == by[:16]


def _list(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:  # removed by another process
        return []


def _write(path: Path, content: bytes) -> None:
    """Write a file, and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Wait until the entries of a folder are on the disk; Windows can't open a folder for it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
