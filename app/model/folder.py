"""A release in a local folder, such as one that was trained on this machine."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.model.release import DESCRIPTION_FILE, ReleaseError


class FolderError(ReleaseError):
    """The folder holds no complete release at the moment: it is missing, or is being written."""


@dataclass(frozen=True)
class FolderModel:
    """A release in a folder, whose place another release may take."""

    folder: Path

    def find_commit(self) -> str:
        """Return the sha256 of release.json, which holds the hashes of all other files.

        Raises:
            FolderError: there is no such file.
        """
        path = self.folder / DESCRIPTION_FILE
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise FolderError(f"The file {path} cannot be read: {error.strerror}.") from error

    def __str__(self) -> str:
        """Return the name for messages."""
        return str(self.folder)
