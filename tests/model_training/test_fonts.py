"""Signs of fonts are traced into strokes, and those of 229 fonts are part of the project."""

import csv
from pathlib import Path

import numpy as np
import pytest
from matplotlib import get_data_path

from model_training.data import fonts

_FONT = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def test_every_font_has_ten_digits_of_legible_size() -> None:
    """No font is in both parts; its digits stand on the base line and are about as high as each other."""
    learnt, held_out = fonts.load_fonts(), fonts.load_fonts(held_out=True)
    with Path(fonts.__file__).with_name("fonts.csv").open(encoding="utf-8", newline="") as file:
        assert len(learnt) + len(held_out) == len(list(csv.DictReader(file)))
    assert len(held_out) == pytest.approx(len(learnt) / 9, abs=1)
    for font in (*learnt, *held_out):
        heights = [np.ptp(np.concatenate(font[digit])[:, 1]) for digit in "0123456789"]
        assert 0.4 < min(heights) <= max(heights) < 1.5


def test_traced_signs_have_the_strokes_that_a_pen_would_draw() -> None:
    """A dot is one stroke, a colon has two, a 1 is a tall stroke; signs that a font lacks are left out."""
    signs = fonts.trace_font(_FONT)
    assert set("0123456789.,-/:%$€£=") <= signs.keys()
    assert [len(signs[sign]) for sign in ".-:="] == [1, 1, 2, 2]
    assert all(len(stroke) >= 2 for strokes in signs.values() for stroke in strokes)
    dash = np.concatenate(signs["-"])
    assert np.ptp(dash[:, 0]) > 5 * np.ptp(dash[:, 1])
    assert 0.2 < dash[:, 1].mean() < 0.8


def test_saved_fonts_are_loaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved differs from what was traced by the rounding only."""
    monkeypatch.setattr(fonts, "_FILE", tmp_path / "fonts.npz")
    fonts.save_fonts([_FONT])
    (loaded,) = fonts.load_fonts.__wrapped__(held_out=True)
    for sign, strokes in fonts.trace_font(_FONT).items():
        for saved, traced in zip(loaded[sign], strokes, strict=True):
            np.testing.assert_allclose(saved, traced, atol=0.003)
