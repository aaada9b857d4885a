"""The files of a release as they will lie in a repo: checked, with the card rendered for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_training.release.card.model_card import render_card
from model_training.release.publishing.drawn_cases import add_cases
from model_training.release.publishing.errors import PublishError
from model_training.release.release_folder import (
    CARD_FILE,
    FORMAT_VERSION,
    RELEASE_FILE,
    description_text,
    fingerprint,
    read_description,
    with_card,
)


@dataclass(frozen=True)
class Package:
    """What goes to a repo.

    Attributes:
        description: the contents of its release.json.
        files: the content of each by its path.
    """

    description: dict[str, Any]
    files: Mapping[str, bytes]


def pack_release(folder: Path, repo_id: str, *, evaluation: Path | None) -> Package:
    """Checks that the release in `folder` is whole, and renders its card for the repo `repo_id`.

    Args:
        folder: a release folder.
        repo_id: `user/name` on the Hub.
        evaluation: an evaluation.json of the release whose drawn cases are to be told, too.

    Raises:
        PublishError: a file is missing or not what release.json says, or release.json makes no sense.
        FileNotFoundError: there is no release in `folder`.
    """
    try:
        description = read_description(folder)
        if description["format_version"] != FORMAT_VERSION:
            raise PublishError(
                f"{folder} has the release format {description['format_version']!r}, and this program writes "
                f"{FORMAT_VERSION}"
            )
        files = {name: _read(folder, name, record) for name, record in description["files"].items()}
        if evaluation is not None:
            description = add_cases(description, evaluation)
        card = render_card(description, repo_id=repo_id)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise PublishError(f"{folder / RELEASE_FILE} cannot be understood: {error!r}") from error
    description = with_card(description, card)
    rendered = {CARD_FILE: card.encode(), RELEASE_FILE: description_text(description).encode()}
    return Package(description, files | rendered)


def _read(folder: Path, name: str, record: dict[str, Any]) -> bytes:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PublishError(f"{RELEASE_FILE} names {name}, which is not in the release")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PublishError(f"the release is not whole: {path} cannot be read ({error.strerror})") from error
    if fingerprint(content) != record:
        raise PublishError(f"the release is damaged: {path} has another sha256 than {RELEASE_FILE} says")
    return content
