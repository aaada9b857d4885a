"""Labelled pictures of digits and numbers: corrections by users, or any data set in a common layout.

A source is a folder with pictures (ImageFolder layout: a metadata.jsonl at any depth, or a folder for each
label), a folder with Parquet files, one such file, or `hf://datasets/user/data[@revision]`. Columns: `image`;
`text`, what it shows, or `label`; and perhaps `writer`. An empty text means that a picture shows no digit.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from model_training.errors import DatasetError
from model_training.line_format import LINE_CLASSES, OTHER

if TYPE_CHECKING:  # it takes two seconds to import
    from datasets import Dataset

_HUB = "hf://datasets/"
_METADATA = "metadata.jsonl"
_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_MAX_PICTURES = 100_000
_MAX_PIXELS = 16_000_000
_DIGITS = tuple(LINE_CLASSES[:10])
_MARKS = (*LINE_CLASSES[10:OTHER], " ")
_MIDNIGHT = " 00:00:00"  # added to a text like 2026-11-27, because the JSON parser takes it for a date


@dataclass(frozen=True)
class LabelledPictures:
    """Grey pictures, uint8 (h, w) of any size and polarity, in a fixed order.

    Attributes:
        pictures: the n pictures.
        texts: what each shows, signs of digits and perhaps marks; empty for no digit.
        writers: who wrote each; without a name, every picture counts as a writer of its own.
        source: where they are from, without the paths of this machine.
    """

    pictures: tuple[NDArray[np.uint8], ...]
    texts: tuple[str, ...]
    writers: tuple[str, ...]
    source: str = "local files"

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, chosen: Sequence[int]) -> "LabelledPictures":
        """Return the pictures with these indices."""
        return LabelledPictures(
            tuple(self.pictures[row] for row in chosen),
            tuple(self.texts[row] for row in chosen),
            tuple(self.writers[row] for row in chosen),
            self.source,
        )

    @property
    def sha256(self) -> str:
        """Return the hexadecimal digest of pictures, texts and writers."""
        digest = hashlib.sha256(repr((self.texts, self.writers)).encode())
        for picture in self.pictures:
            digest.update(repr(picture.shape).encode() + picture.tobytes())
        return digest.hexdigest()


def load_labelled_pictures(source: str, labels: Sequence[str] = _DIGITS) -> LabelledPictures:
    """Load all pictures of a source; nothing is downloaded unless it is on the Hub, and no cache is left.

    Args:
        source: see above.
        labels: the signs of the texts. If none of them is 0 to 9, a text may also be the index of its sign.

    Raises:
        DatasetError: the source can't be read, holds no picture, or holds a bad one; the message names it.
    """
    path = _download(source) if source.startswith(_HUB) else Path(source)
    found: list[tuple[str, NDArray[np.uint8], str, str]] = []
    with TemporaryDirectory() as cache, _quiet():
        rows = _open(path, source, cache=cache)
        if not 0 < len(rows) <= _MAX_PICTURES:
            raise DatasetError(f"{source} holds {len(rows):,} pictures; 1 to {_MAX_PICTURES:,} are accepted")
        names = getattr(rows.features.get("label"), "names", None)
        for number, row in enumerate(rows):
            name = (row["image"] or {}).get("path") or f"row {number} of {source}"
            picture = _decode(row["image"], name)
            own = hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).hexdigest()
            found.append((own, picture, _text(row, names, labels, name=name), str(row.get("writer") or own)))
    found.sort(key=lambda each: (each[0], each[2], each[3]))  # the same for every layout
    _, pictures, texts, writers = zip(*found, strict=True)
    return LabelledPictures(pictures, texts, writers, *([source] if source.startswith(_HUB) else []))


def split_source(source: str) -> tuple[str | None, str | None]:
    """Return repo and revision of a source on the Hub, each None if it has none."""
    if not source.startswith(_HUB):
        return None, None
    repo, _, revision = source.removeprefix(_HUB).partition("@")
    return repo, revision or None


def _download(source: str) -> Path:
    """Return the folder of a data set on the Hub, downloaded into the cache of its client."""
    import httpx2
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name, revision = split_source(source)
    try:
        return Path(snapshot_download(str(name), repo_type="dataset", revision=revision))
    except HFValidationError as error:
        raise DatasetError(f"{source} does not name a data set; use the form {_HUB}user/name") from error
    except HfHubHTTPError as error:
        reason = f"{error.response.status_code}: {error.server_message or error.response.reason_phrase}"
        raise DatasetError(f"{source} can't be downloaded; the Hub answers {reason}") from error
    except (httpx2.TransportError, LocalEntryNotFoundError, OSError) as error:
        raise DatasetError(f"{source} can't be downloaded; no response from the Hub") from error


def _open(path: Path, source: str, *, cache: str) -> "Dataset":
    """Return the rows of a folder or file, with pictures as bytes or paths."""
    import datasets

    files, layout = _find_files(path, source)
    columns = None
    if layout == "imagefolder":  # else the types would come from the first metadata.jsonl, perhaps null
        texts = dict.fromkeys(("text", "label", "writer"), datasets.Value("string"))
        columns = datasets.Features({"image": datasets.Image(decode=False), **texts})
    try:
        rows = datasets.load_dataset(
            layout,
            data_files={"train": [escape(str(file)) for file in files]},
            split="train",
            cache_dir=cache,
            features=columns,
            **({"drop_labels": False} if layout == "imagefolder" else {}),
        )
        if "image" not in rows.column_names:
            raise DatasetError(f"{source} has no column image, only {', '.join(rows.column_names)}")
        return rows.cast_column("image", datasets.Image(decode=False))
    except DatasetError:
        raise
    except Exception as error:  # the library raises errors of pyarrow, pandas and its own
        cause = " ".join(str(error.__cause__ or error).split())[:300]
        raise DatasetError(f"{source} can't be read as labelled pictures: {cause}") from error


def _find_files(path: Path, source: str) -> tuple[list[Path], str]:
    """Return the files with data, and the name of the builder that reads them."""
    if path.is_file() and path.suffix == ".parquet":
        return [path], "parquet"
    folder = path.parent if path.name == _METADATA and path.is_file() else path
    if not folder.is_dir():
        raise DatasetError(f"{source} is neither a folder nor a Parquet file nor a {_METADATA}")
    found = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    # Hidden folders hold what the app is writing or deleting.
    files = [each for each in found if not any(p.startswith(".") for p in each.relative_to(folder).parts)]
    pictures = [file for file in files if file.suffix.lower() in _PICTURES]
    if pictures:
        return pictures + [file for file in files if file.name == _METADATA], "imagefolder"
    tables = [file for file in files if file.suffix == ".parquet"]
    if not tables:
        raise DatasetError(f"{source} holds no pictures and no Parquet files")
    return tables, "parquet"


def _decode(image: Mapping[str, Any] | None, name: str) -> NDArray[np.uint8]:
    """Return a grey picture, upright and on white where it is transparent."""
    if image is None:
        raise DatasetError(f"{name} has no picture")
    try:
        content = image["bytes"] or Path(image["path"]).read_bytes()
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise DatasetError(f"{name} has more than {_MAX_PIXELS:,} pixels")
            upright = ImageOps.exif_transpose(picture)
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
            return np.asarray(upright.convert("L"), np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DatasetError(f"{name} can't be decoded as a picture: {error}") from error


def _text(row: Mapping[str, Any], names: Sequence[str] | None, labels: Sequence[str], *, name: str) -> str:
    """Return the text or else the label of a row; `names` are those of numbered labels, if they have any."""
    text, label = row.get("text"), row.get("label")
    if text is None:
        text = names[label] if names and label is not None else label
    if text is None:
        raise DatasetError(f"{name} has no label: give its text, or a folder with the label as its name")
    text = str(text).removesuffix(_MIDNIGHT).strip()
    if not set(labels) & set(_DIGITS):
        text = {str(number): label for number, label in enumerate(labels)}.get(text, text)
    if set(text) - {*labels, *_MARKS} or (text and not set(text) & set(labels)):
        signs = "digits" if tuple(labels) == _DIGITS else "".join(labels)
        raise DatasetError(
            f"{name} is labelled {text!r}; use {signs}, perhaps with {' '.join(_MARKS).strip()}, or an empty "
            "text for a picture without a digit"
        )
    return text


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library from printing progress and from the network."""
    import datasets

    offline, bars = datasets.config.HF_HUB_OFFLINE, datasets.are_progress_bars_disabled()
    datasets.config.HF_HUB_OFFLINE = True
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = offline
        if not bars:
            datasets.enable_progress_bars()
