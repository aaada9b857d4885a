"""Signs of handwritten fonts, traced into strokes, from `fonts.npz`.

`python -m model_training.data.fonts FONT...` writes that file from the font files that `fonts.csv` names.
Strokes are in heights of a digit: x right, y down, 0 at a digit's top and 1 at its base line.
"""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model_training.data.pen_digits import Strokes
from model_training.data.skeletons import trace_shape

Font = Mapping[str, Strokes]  # the strokes of each sign, points (p, 2)

LETTERS = "ACDEFGHJKLMNPQRTUVWXYadefhkmnprtuvwxy"  # without those that look like digits
OTHER_SIGNS = LETTERS + "*+#&@?<>~^"
_SIGNS = "0123456789.,-/:%$€£=" + OTHER_SIGNS
_FILE = Path(__file__).with_name("fonts.npz")
_HELD_OUT = 10  # every tenth font
_HEIGHT = 60  # pixels of a digit that is traced
_SIZE, _X, _Y = (360, 300), 120, 160  # of the picture of a sign, and where the sign begins
_INKED = 110  # of 255
_TOLERANCE = 0.8  # pixels between a traced stroke and the points that are kept of it
_UNIT = 200  # of the stored coordinates, per height of a digit


@cache
def load_fonts(*, held_out: bool = False) -> tuple[Font, ...]:
    """Return the signs of every tenth font, held out for validation, or of the others."""
    with np.load(_FILE) as file:
        points, strokes, glyphs, signs = (file[name] for name in ("points", "strokes", "glyphs", "signs"))
    parts = np.split(points / _UNIT, np.cumsum(strokes)[:-1])
    fonts: dict[int, dict[str, Strokes]] = {}
    first = 0
    for (font, count), sign in zip(glyphs.tolist(), signs, strict=True):
        fonts.setdefault(font, {})[str(sign)] = tuple(parts[first : first + count])
        first += count
    return tuple(signs for font, signs in fonts.items() if (font % _HELD_OUT == 0) == held_out)


def describe_fonts() -> dict[str, str]:
    """Return the entry of release.json, as `DataSet.describe` does for data sets that are downloaded."""
    return {
        "name": f"{len(load_fonts()) + len(load_fonts(held_out=True))} handwritten fonts",
        "authors": "the authors named in model_training/data/fonts.csv",
        "licence": "SIL OFL 1.1, Apache 2.0",
        "source": "https://fontsource.org",
        "sha256": hashlib.sha256(_FILE.read_bytes()).hexdigest(),
    }


def trace_font(path: Path) -> dict[str, Strokes]:
    """Return the signs of a font file, those of _SIGNS that it has.

    Raises:
        OSError: Pillow cannot open the file as a font.
    """
    font = ImageFont.truetype(path, 100)
    boxes = np.array([font.getbbox(digit, anchor="ls") for digit in "0123456789"])
    scale = _HEIGHT / float(np.median(boxes[:, 3] - boxes[:, 1]))
    base = scale * float(np.median(boxes[:, 3]))  # pixels below the font's base line
    font = ImageFont.truetype(path, 100 * scale)
    missing = _draw(font, "\uffff")
    pictures = {sign: _draw(font, sign) for sign in _SIGNS}
    return {
        sign: tuple((_simplify(stroke) - (_X, _Y + base)) / _HEIGHT + (0, 1) for stroke in trace_shape(inked))
        for sign, inked in pictures.items()
        if inked.any() and not np.array_equal(inked, missing)
    }


def _draw(font: ImageFont.FreeTypeFont, sign: str) -> NDArray[np.bool_]:
    picture = Image.new("L", _SIZE)
    ImageDraw.Draw(picture).text((_X, _Y), sign, fill=255, font=font, anchor="ls")
    return np.asarray(picture) > _INKED


def _simplify(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    # A dot has two points as well.
    points = cv2.approxPolyDP(stroke.astype(np.float32)[:, None], _TOLERANCE, closed=False)[:, 0]
    return np.asarray(points if len(points) > 1 else np.repeat(points, 2, axis=0), np.float64)


def save_fonts(paths: Sequence[Path]) -> None:
    """Trace fonts and write them to `fonts.npz`."""
    fonts = [trace_font(path) for path in paths]
    signs = [(index, sign, strokes) for index, font in enumerate(fonts) for sign, strokes in font.items()]
    parts = [stroke for *_, strokes in signs for stroke in strokes]
    np.savez_compressed(
        _FILE,
        points=np.rint(np.concatenate(parts) * _UNIT).astype(np.int16),
        strokes=np.array([len(part) for part in parts], np.uint8),
        glyphs=np.array([(index, len(strokes)) for index, _, strokes in signs], np.uint8),
        signs=np.array([sign for _, sign, _ in signs]),
    )


if __name__ == "__main__":
    save_fonts([Path(path) for path in sys.argv[1:]])
