"""The release that a fine-tuning starts from."""

import dataclasses
import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.mnist import Mnist
from model_training.data.pen_digits import PenDigit
from model_training.errors import ReleaseError
from model_training.release import release_folder
from model_training.training.checkpoint import identify
from model_training.training.config import TrainingConfig
from model_training.training.finetune_config import FinetuneConfig
from model_training.training.recipe import recipe_of


@dataclass(frozen=True)
class OldRelease:
    """A release that is trained further."""

    folder: Path
    description: dict[str, Any]
    network: keras.Model
    line_network: keras.Model | None
    recipe: TrainingConfig
    reader_sha256: str


def open_old(release: Path) -> OldRelease:
    """Open a release folder.

    Raises:
        FileNotFoundError: it holds no release.
        ReleaseError: it is damaged, or lacks its network.
    """
    description = release_folder.read_description(release)
    recipe = replace(recipe_of(description["training"]), precision="float32")
    reader = release / release_folder.READER_FILE
    return OldRelease(
        release,
        description,
        load_network(release),
        _load(line) if (line := release / release_folder.LINE_NETWORK_FILE).exists() else None,
        recipe,
        hashlib.sha256(reader.read_bytes()).hexdigest(),
    )


def load_network(release: Path) -> keras.Model:
    """Return the network of a release.

    Raises:
        ReleaseError: it is missing or damaged.
    """
    path = release / release_folder.NETWORK_FILE
    if not path.exists():
        raise ReleaseError(
            f"{release} has no {path.name}, so its training can't go on; the bundled release is without it, "
            "use the whole release as `train` writes it or as it is on the Hub"
        )
    return _load(path)


def _load(path: Path) -> keras.Model:
    try:
        return keras.models.load_model(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ReleaseError(f"{path} is damaged: {error}") from error


def identify_finetuning(
    old: OldRelease,
    config: FinetuneConfig,
    corrections: LabelledPictures,
    *,
    mnist: Mnist,
    pen_digits: Sequence[PenDigit] = (),
) -> dict[str, Any]:
    """Return what a run depends on, as JSON values."""
    return identify(old.recipe, mnist.train, pen_digits) | {
        "finetuned_from": old.reader_sha256,
        "finetuning": dataclasses.asdict(config),
        "corrections_sha256": corrections.sha256,
    }


def describe_pictures(pictures: LabelledPictures) -> dict[str, str]:
    """Return the entry of release.json about pictures that were learnt from."""
    return {
        "name": f"{len(pictures):,} labelled pictures",
        "authors": "those who gave them",
        "licence": "the terms of their source",
        "source": pictures.source,
        "sha256": pictures.sha256,
    }
