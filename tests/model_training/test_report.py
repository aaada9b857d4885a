"""`python -m model_training evaluate` measures a release and tells of it."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model_training.__main__ import main
from model_training.data.mnist import Mnist
from model_training.evaluation.cases import NotCasesError, load_cases
from model_training.evaluation.corruptions import CORRUPTIONS
from model_training.evaluation.report import evaluate_release
from model_training.evaluation.report_text import write_report
from model_training.normalisation import Normalisation
from model_training.release.release_folder import read_description


def _write_cases(path: Path, mnist: Mnist) -> None:
    """Twenty digits by two writers, dark on light and enlarged, ten scribbles, and one number."""
    digits = mnist.test.rows(np.arange(20))
    pictures = [255 - np.kron(image, np.ones((5, 5), np.uint8)) for image in digits.images]
    scribbles = np.random.default_rng(0).integers(0, 256, (10, 60, 60)).astype(np.uint8)
    encoded = [
        cv2.imencode(".png", picture)[1] for picture in [*pictures, *scribbles, np.hstack(pictures[:2])]
    ]
    np.savez(
        path,
        blob=np.concatenate(encoded),
        offset=np.cumsum([0, *map(len, encoded)]),
        label=np.array([*digits.labels.astype(str), *["?"] * 10, "72"]),
        group=np.array([*["pen digits"] * 20, *["scribbles"] * 10, "numbers"]),
        kind=np.array([*["digit"] * 20, *["other"] * 10, "number"]),
        writer=np.array([*["ann", "bob"] * 10, *["cat"] * 10, "ann"]),
    )


@pytest.fixture(scope="module")
def cases_file(tmp_path_factory: pytest.TempPathFactory, mnist: Mnist) -> Path:
    """A small file of drawn cases."""
    path = tmp_path_factory.mktemp("cases") / "cases.npz"
    _write_cases(path, mnist)
    return path


@pytest.fixture(scope="module")
def report_folder(
    small_release: Path, mnist: Mnist, cases_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Where evaluate has written everything about the small release."""
    folder = tmp_path_factory.mktemp("evaluations") / "small"
    some = mnist.test.rows(np.arange(40))
    report = evaluate_release(small_release, some, cases=load_cases(cases_file), output=folder)
    assert "area under the curve" in write_report(report)
    return folder


def test_cases_are_read_as_the_network_sees_digits(cases_file: Path, mnist: Mnist) -> None:
    """Ink is light on dark, at the reader's size, and numbers are left out."""
    cases = load_cases(cases_file)
    assert cases.ink.shape == (30, 112, 112)
    assert cases.is_digit.sum() == 20
    assert (cases.ink[:20].max(axis=(1, 2)) == 255).all()
    assert (cases.ink[:20, 0, :] == 0).all()
    seen = Normalisation()(cases.ink[:20].astype(np.float32) / 255.0).numpy()
    assert np.abs(255 * seen - mnist.test.images[:20]).mean() < 8


def test_a_file_without_cases_says_so(tmp_path: Path) -> None:
    """A missing file, another npz file and broken pictures are each one clear error."""
    with pytest.raises(NotCasesError, match="does not exist"):
        load_cases(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(NotCasesError, match="not an npz file of drawn cases"):
        load_cases(tmp_path / "other.npz")
    columns: dict[str, Any] = {"label": ["1"], "group": ["g"], "kind": ["digit"], "writer": ["w"]}
    np.savez(tmp_path / "broken.npz", blob=np.arange(9, dtype=np.uint8), offset=[0, 9], **columns)
    with pytest.raises(NotCasesError, match="cannot be decoded"):
        load_cases(tmp_path / "broken.npz")


def test_the_report_holds_every_score(report_folder: Path) -> None:
    """Test digits, robustness, non-digits, cases by group and writer, milliseconds and size."""
    report = json.loads((report_folder / "evaluation.json").read_text())
    assert report["mnist_test"]["size"] == 40
    assert np.sum(report["mnist_test"]["confusion"]) == 40
    assert set(report["robustness"]) == set(CORRUPTIONS)
    assert all(len(shares) == 5 for shares in report["robustness"].values())
    assert 0 <= report["drawn_non_digits"]["refused"] <= 1
    pen = report["cases"]["groups"]["pen digits"]
    assert pen["size"] == 20
    assert pen["worst_writer"] <= pen["accuracy"]
    assert "refused" in report["cases"]["groups"]["scribbles"]
    assert "numbers" not in report["cases"]["groups"]
    assert report["reader"]["milliseconds"] > 0
    assert report["reader"]["bytes"] > 100_000


def test_a_strong_corruption_is_read_worse_than_a_weak_one(report_folder: Path) -> None:
    """On the mean of all of them."""
    report = json.loads((report_folder / "evaluation.json").read_text())
    by_strength = np.mean(list(report["robustness"].values()), axis=0)
    assert by_strength[0] > by_strength[4]


def test_every_figure_is_a_picture(report_folder: Path) -> None:
    """Confusion, mistakes, reliability, robustness, digit scores, and the mistakes of each drawn group."""
    figures = {path.stem: cv2.imread(str(path)) for path in (report_folder / "figures").iterdir()}
    names = {"confusion", "mistakes", "reliability", "robustness", "digit_or_not", "mistakes_pen_digits"}
    assert set(figures) == names
    assert all(figure is not None and min(figure.shape[:2]) > 200 for figure in figures.values())


def test_what_is_no_release_is_one_clear_sentence(
    tmp_path: Path, mnist_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command line names the folder, and gives exit code 1."""
    assert main(["evaluate", str(tmp_path), "--data", str(mnist_file)]) == 1
    error = capsys.readouterr().err
    assert str(tmp_path) in error
    assert "holds no release" in error


def test_release_json_tells_of_refusal_and_of_drawn_digits(small_release: Path) -> None:
    """The share of non-digits that its own threshold refuses stands beside the scores."""
    metrics = {(m["dataset"], m["metric"]) for m in read_description(small_release)["metrics"]}
    assert ("drawn non-digits", "refused") in metrics
    assert ("drawn non-digits", "area_under_curve") in metrics
    assert ("drawn digits", "accuracy") in metrics
