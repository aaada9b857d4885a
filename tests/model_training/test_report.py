"""`python -m model_training evaluate` measures a release, and writes a report and figures."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model_training.data.mnist import Mnist
from model_training.errors import DatasetError, ReleaseError
from model_training.evaluation.cases import load_cases
from model_training.evaluation.corruptions import CORRUPTIONS
from model_training.evaluation.report import evaluate_release, write_report
from model_training.normalisation import Normalisation

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cases_file(tmp_path_factory: pytest.TempPathFactory, mnist: Mnist) -> Path:
    """Twenty digits by two writers, dark on light and enlarged, ten scribbles, and one number."""
    path = tmp_path_factory.mktemp("cases") / "cases.npz"
    digits = mnist.test.rows(np.arange(20))
    images = [255 - np.kron(image, np.ones((5, 5), np.uint8)) for image in digits.images]
    scribbles = np.random.default_rng(0).integers(0, 256, (10, 60, 60)).astype(np.uint8)
    encoded = [cv2.imencode(".png", image)[1] for image in [*images, *scribbles, np.hstack(images[:2])]]
    np.savez(
        path,
        blob=np.concatenate(encoded),
        offset=np.cumsum([0, *map(len, encoded)]),
        label=np.array([*digits.labels.astype(str), *["?"] * 10, "72"]),
        group=np.array([*["pen digits"] * 20, *["scribbles"] * 10, "numbers"]),
        kind=np.array([*["digit"] * 20, *["other"] * 10, "number"]),
        writer=np.array([*["ann", "bob"] * 10, *["cat"] * 10, "ann"]),
    )
    return path


@pytest.fixture(scope="module")
def report_folder(
    small_release: Path, mnist: Mnist, cases_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The output of evaluate for the small release."""
    folder = tmp_path_factory.mktemp("evaluations") / "small"
    some = mnist.test.rows(np.arange(40))
    report = evaluate_release(small_release, some, cases=load_cases(cases_file), output=folder)
    assert "area under the curve" in write_report(report)
    return folder


def test_cases_become_ink(cases_file: Path, mnist: Mnist) -> None:
    """Ink is light on dark and has the reader's size; normalised, it is the original digit."""
    cases = load_cases(cases_file)
    assert cases.ink.shape == (30, 112, 112)
    assert cases.is_digit.sum() == 20
    assert (cases.ink[:20].max(axis=(1, 2)) == 255).all()
    assert (cases.ink[:20, 0, :] == 0).all()
    normalised = Normalisation()(cases.ink[:20].astype(np.float32) / 255.0).numpy()
    assert np.abs(255 * normalised - mnist.test.images[:20]).mean() < 8


@pytest.mark.parametrize(
    ("kind", "blob", "message"),
    [
        (None, [], "not an npz file of drawn cases"),
        ("digit", range(9), "can't be decoded"),
        ("number", range(9), "no drawn cases"),
    ],
)
def test_invalid_cases_are_one_error(kind: str | None, blob: Any, message: str, tmp_path: Path) -> None:
    """Another npz file, broken images, and numbers alone raise DatasetError."""
    path = tmp_path / "cases.npz"
    columns: dict[str, Any] = {"label": ["1"], "group": ["g"], "kind": [kind], "writer": ["w"]}
    np.savez(path, blob=np.array(blob, np.uint8), offset=[0, len(blob)], **(columns if kind else {}))
    with pytest.raises(DatasetError, match=message):
        load_cases(path)


def test_report_holds_every_score(report_folder: Path) -> None:
    """Test digits, robustness, non-digits, cases by group and writer, milliseconds and size."""
    report = json.loads((report_folder / "evaluation.json").read_text())
    assert report["mnist_test"]["size"] == np.sum(report["mnist_test"]["confusion"]) == 40
    assert set(report["robustness"]) == set(CORRUPTIONS)
    by_strength = np.mean(list(report["robustness"].values()), axis=0)
    assert len(by_strength) == 5
    assert by_strength[0] > by_strength[4]
    assert 0 <= report["drawn_non_digits"]["refused"] <= 1
    groups = report["cases"]["groups"]
    assert groups.keys() == {"pen digits", "scribbles"}
    assert groups["pen digits"]["size"] == 20
    assert groups["pen digits"]["worst_writer"] <= groups["pen digits"]["accuracy"]
    assert "refused" in groups["scribbles"]
    assert report["reader"]["milliseconds"] > 0
    assert report["reader"]["bytes"] > 100_000


def test_every_figure_is_written(report_folder: Path) -> None:
    """The scores, and the mistakes of each group of cases."""
    figures = {path.stem: cv2.imread(str(path)) for path in (report_folder / "figures").iterdir()}
    names = {"confusion", "mistakes", "reliability", "robustness", "digit_or_not", "mistakes_pen_digits"}
    assert set(figures) == names
    assert all(figure is not None and min(figure.shape[:2]) > 200 for figure in figures.values())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("release.json", None, "release holds no release"),
        ("release.json", "{", r"release\.json is damaged"),
        ("release.json", '{"temperature": 1.0}', "acceptance_threshold is missing"),
        ("reader.tflite", "x", r"reader\.tflite can't be opened"),
        ("reader.tflite", None, r"reader\.tflite can't be opened"),
    ],
)
def test_damaged_release_is_refused(
    name: str, content: str | None, message: str, release: Path, mnist: Mnist, tmp_path: Path
) -> None:
    """An invalid or missing file is an error with the file's name."""
    (release / name).unlink()
    if content is not None:
        (release / name).write_text(content)
    with pytest.raises((FileNotFoundError, ReleaseError), match=message):
        evaluate_release(release, mnist.test, cases=None, output=tmp_path)
