"""The line network learns from labelled numbers, and only a better one replaces it."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from model_training.data.labelled_pictures import LabelledPictures
from model_training.line_format import LINE_CLASSES
from model_training.training.finetune_line import finetune_line, label_lines
from model_training.training.line_fit import LineData
from model_training.training.line_network import build_line_network
from model_training.training.line_reader import make_line_data
from tests.model_training.test_finetune import CONFIG, draw_style, label_pictures
from tests.model_training.train_slice import sample_mnist

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def line_data() -> LineData:
    """Lines of a few hands."""
    digits = sample_mnist().train.rows(np.arange(300))
    return make_line_data(digits, digits, (), held_out_pens=(), seed=0)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    return build_line_network(width=0.25)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run, which is over after the first of these tests."""
    return tmp_path_factory.mktemp("run")


_WORSE, _EQUAL, _BETTER = (np.arange(32) < right for right in (10, 20, 22))


@pytest.mark.parametrize(
    ("held_out", "validation", "verdicts"),
    [
        (_BETTER, _EQUAL, ["better", "not worse"]),
        (_EQUAL, _EQUAL, []),
        (_BETTER, _WORSE, []),
    ],
)
def test_a_line_network_is_replaced_only_by_a_better_one(
    line_data: LineData,
    network: keras.Model,
    run_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    held_out: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    verdicts: list[str],
) -> None:
    """It is if it reads more of the held-out lines and others as well; else the old one stays as it was."""
    weights = network.get_weights()
    answers = iter([_EQUAL, held_out, _EQUAL, validation])
    monkeypatch.setattr("model_training.training.finetune_line.find_lines_right", lambda *_: next(answers))
    found = finetune_line(
        network,
        label_pictures(draw_style(12, seed=1), ["1"] * 12),
        line_data,
        held_out=frozenset(f"writer {row}" for row in range(4)),
        config=replace(CONFIG.line, epochs=1, lines_per_epoch=8, batch_size=4),
        seed=0,
        run_folder=run_folder,
        identity={},
    )
    assert [each.verdict for each in (found.comparisons if found else ())] == verdicts
    assert all(np.array_equal(*pair) for pair in zip(weights, network.get_weights(), strict=True))


def test_labelled_lines_have_their_text() -> None:
    """A line has the classes of its digits and marks; a picture without a text is no line."""
    pictures = LabelledPictures((draw_style(1, seed=1)[0],) * 3, ("4,07 €", "", "9"), ("a", "b", "c"))
    lines = label_lines(pictures, [True] * 3)
    texts = [
        "".join(LINE_CLASSES[sign] for sign in text[:length])
        for text, length in zip(lines.texts, lines.lengths, strict=True)
    ]
    assert texts == ["4,07€", "9"]
    assert lines.ink.any(axis=(1, 2)).all()
