"""A batch as it stands: begun now, or found in its output, with the parts that are left to be read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.batch.errors import BatchError
from app.batch.listing import Listing, find_places, write_listing
from app.batch.output import Output
from app.batch.source import Source

# What the rows depend on, and what a message calls it.
_NAMES = {
    "input": "the input",
    "expect": "--expect",
    "column": "--column",
    "model": "the model",
    "max_bytes": "DIGITS_MAX_BODY_BYTES",
    "max_pixels": "DIGITS_MAX_PIXELS",
}
Terms = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """A batch.

    Attributes:
        source: of the pictures, at the commit that was listed.
        listing: of the pictures.
        left: the parts that are not finished.
    """

    source: Source
    listing: Listing
    left: list[int]

    @property
    def pictures(self) -> int:
        """How many pictures it has."""
        return sum(map(self.listing.count, range(self.listing.parts)))

    @property
    def pictures_left(self) -> int:
        """How many of them are not read."""
        return sum(map(self.listing.count, self.left))


def take_up(output: Output, source: Source, *, terms: Terms, part_size: int) -> Batch:
    """Find the batch in an output, or begin it there; the output is locked.

    On one that is finished, files that have come since make new parts. A data set on the Hub stays at the
    commit that was listed first.

    Args:
        output: the folder of the results.
        source: of the pictures.
        terms: what the rows depend on, as JSON: `input`, `expect`, `column`, `model` and limits.
        part_size: pictures of a new part.

    Raises:
        BatchError: it was begun on other terms, or there are no pictures.
    """
    if not output.listing.exists():
        return _begin(output, source.pin(None), terms=terms, part_size=part_size)
    listing = Listing(output.listing)
    _check(listing.about["terms"], terms, folder=output.folder)
    source = source.pin(listing.about["commit"])
    left = _find_left(listing, output)
    if not left and source.commit is None:
        listing = _take_on(output, source, listing, part_size=part_size)
        left = _find_left(listing, output)
    return Batch(source, listing, left)


def _begin(output: Output, source: Source, *, terms: Terms, part_size: int) -> Batch:
    places = find_places(source, source.list_files(), column=terms["column"])
    about = {"terms": terms, "commit": source.commit}
    write_listing(output.listing, places, part_size=part_size, about=about)
    listing = Listing(output.listing)
    if not listing.parts:
        output.listing.unlink()
        raise BatchError(
            f"There are no pictures in {terms['input']}: no PNG, JPEG or WebP file, and no Parquet file with "
            "a column of pictures."
        )
    return Batch(source, listing, _find_left(listing, output))


def _take_on(output: Output, source: Source, listing: Listing, *, part_size: int) -> Listing:
    """Add the files to the list that were not there when it was made."""
    known = {place.path for part in range(listing.parts) for place in listing.read(part)}
    new = [path for path in source.list_files() if path not in known]
    if not new:
        return listing
    places = find_places(source, new, column=listing.about["terms"]["column"])
    write_listing(output.listing, places, part_size=part_size, about=listing.about, after=listing)
    return Listing(output.listing)


def _find_left(listing: Listing, output: Output) -> list[int]:
    finished = output.find_finished()
    return [part for part in range(listing.parts) if part not in finished]


def _check(begun: Terms, given: Terms, *, folder: Path) -> None:
    for key, name in _NAMES.items():
        if begun[key] != given[key]:
            raise BatchError(
                f"{folder} was begun with {name} {_show(begun[key])}, not {_show(given[key])}: give the same "
                "again, or another --output."
            )


def _show(value: Any) -> str:
    """Return a term as people write it."""
    if isinstance(value, dict):  # a model
        short = f"{value['source']} (sha256 {value['sha256'][:12]})"
        return f"{value['repo']} at {value['revision']}" if value["repo"] else short
    return "none" if value is None else str(value)
