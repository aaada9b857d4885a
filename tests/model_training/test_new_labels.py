"""A release learns other numerals from labelled pictures, and the app reads them."""

import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from app.application import create_app
from app.settings import Settings
from model_training.data.handwriting import write
from model_training.data.ink import normalise_ink
from model_training.data.labelled_pictures import LabelledPictures, load_labelled_pictures
from model_training.data.mnist import Mnist
from model_training.data.templates import Template, load_templates, make_stroke
from model_training.errors import DatasetError, PublishError, ReleaseError
from model_training.evaluation.report import evaluate_release
from model_training.release.publishing.hub import RepoState
from model_training.release.publishing.package import pack_release
from model_training.release.publishing.plan import Target, make_plan
from model_training.training import new_labels
from model_training.training.finetune import finetune
from model_training.training.finetune_config import FinetuneConfig
from model_training.training.new_labels import learn_labels, parse_labels
from tests.model_training.test_finetune import save
from tests.model_training.train_slice import sample_mnist

pytestmark = pytest.mark.slow

new_labels._MEASURED, new_labels._NON_DIGITS = 400, 1200  # drawn in two seconds, not in twenty
WRITERS = 25
DEVANAGARI = "०१२३४५६७८९"
CONFIG = FinetuneConfig(
    batch_size=64,
    correction_share=0.75,
    near_share=0.0,
    learning_rate=2e-3,
    redrawn=1500,
    taught_share=0.0,
    steps_per_epoch=20,
    least_epochs=14,
    patience=14,
)


def _load_signs() -> dict[str, Template]:
    """Return the ten digits of Eastern Arabic, and two more signs."""
    signs = json.loads(Path(__file__).with_name("eastern_arabic.json").read_text(encoding="utf-8"))
    arabic = {
        sign: Template(sign, "plain", tuple(make_stroke(stroke) for stroke in strokes))
        for sign, strokes in signs.items()
    }
    return arabic | {each.sign: each for each in load_templates("others") if each.sign in ("W", "K")}


SIGNS = _load_signs()


def draw(sign: str, count: int, *, seed: int) -> NDArray[np.uint8]:
    return normalise_ink(write(SIGNS[sign], count, generator=np.random.default_rng(seed)))


def label(*signs: str, writers: int = WRITERS) -> LabelledPictures:
    """Return one picture of each sign by each writer."""
    pictures = tuple(image for sign in signs for image in draw(sign, writers, seed=1))
    texts = tuple(sign for sign in signs for _ in range(writers))
    return LabelledPictures(pictures, texts, tuple(map(str, range(writers))) * len(signs))


@pytest.fixture(scope="module")
def release(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release, which has learnt the digits 0 to 9, after 25 pictures of each of twelve signs."""
    output = tmp_path_factory.mktemp("labels") / "release"
    learn_labels(
        small_release, label(*SIGNS), tuple(SIGNS), mnist=sample_mnist(), output=output, config=CONFIG
    )
    return output


def test_the_app_reads_the_signs(release: Path) -> None:
    """Nine in ten fresh drawings of each sign are read, and answers are in these signs."""
    with TestClient(create_app(Settings(ui=False, model_dir=release))) as client:
        assert client.get("/api/model").json()["labels"] == list(SIGNS)
        right = 0
        for sign in SIGNS:
            for image in draw(sign, 10, seed=2):
                body = {"pixels": (255 - image).tolist(), "expect": "digit"}
                right += client.post("/api/predict", json=body).json()["text"] == sign
        assert right >= 0.9 * 10 * len(SIGNS)
        tensor = {"name": "images", "shape": [1, 28, 28], "datatype": "UINT8", "data": [0] * 784}
        outputs = client.post("/v2/models/digits/infer", json={"inputs": [tensor]}).json()["outputs"]
        assert {each["name"]: each["shape"] for each in outputs}["probabilities"] == [1, len(SIGNS)]
        blank = client.post("/v1/models/digits:predict", json={"instances": [[[0] * 28] * 28]}).json()
        assert blank == {"predictions": [[0.0] * len(SIGNS)]}


def test_the_release_is_complete(release: Path) -> None:
    """It can be published; its card names the signs, its test pictures and no number that it can't read."""
    package = pack_release(release, "ann/arabic", evaluation=None)
    card = package.files["README.md"].decode()
    assert "test pictures" in package.title
    assert f"one handwritten digit of the signs {' '.join(SIGNS)}" in card
    assert "MNIST test" not in card
    assert "line of digits" not in card
    sizes = {metric["dataset"]: metric["size"] for metric in package.description["metrics"]}
    assert sizes["test pictures"] == 5 * len(SIGNS)
    assert sizes["validation pictures"] == 4 * len(SIGNS)
    assert package.description["training"]["new_labels"]["pictures"] == 16 * len(SIGNS)


def test_what_needs_digits_refuses_the_release(release: Path, mnist: Mnist, tmp_path: Path) -> None:
    """It can't be scored on MNIST, and corrections in digits can't train it further."""
    with pytest.raises(ReleaseError, match="not the digits 0 to 9"):
        evaluate_release(release, mnist.test, cases=None, output=tmp_path / "report")
    with pytest.raises(ReleaseError, match="not the digits 0 to 9"):
        finetune(release, label("W"), mnist=sample_mnist(), output=tmp_path / "release")


def test_too_few_pictures_are_an_error(small_release: Path, tmp_path: Path) -> None:
    """A sign without a picture is named; two writers are too few."""
    signs = tuple(SIGNS)
    for pictures, message in ((label(*signs[1:]), signs[0]), (label(*signs, writers=2), "at least three")):
        with pytest.raises(DatasetError, match=message):
            learn_labels(small_release, pictures, signs, mnist=sample_mnist(), output=tmp_path / "release")


def test_three_writers_are_enough(small_release: Path, tmp_path: Path) -> None:
    """With one picture of each sign to learn from, and a base that refuses, there is a release as well."""
    description = json.loads((small_release / "release.json").read_text())
    base = copytree(small_release, tmp_path / "base")
    description["training"]["non_digit_share"] = 0.1
    (base / "release.json").write_text(json.dumps(description))
    config = replace(CONFIG, least_epochs=1, steps_per_epoch=2, redrawn=100)
    made = learn_labels(
        base,
        label(*SIGNS, writers=3),
        tuple(SIGNS),
        mnist=sample_mnist(),
        output=tmp_path / "release",
        config=config,
    )
    assert made["training"]["new_labels"]["writers"] == 1


def test_other_signs_do_not_replace_a_release(release: Path, small_release: Path) -> None:
    """A repo whose release reads digits does not get one that reads other signs."""
    digits, signs = (pack_release(each, "ann/digits", evaluation=None) for each in (small_release, release))
    state = RepoState("0" * 40, private=False, files={}, tags={}, release=digits.description)
    with pytest.raises(PublishError, match="other signs"):
        make_plan(signs, Target("ann/digits"), state=state)


def test_labels_are_single_signs() -> None:
    """Ten different characters are an alphabet, also with spaces between; fewer, or equal ones, are not."""
    spaced, signs = " ".join(DEVANAGARI), tuple(DEVANAGARI)
    assert parse_labels(spaced) == parse_labels(DEVANAGARI) == signs
    for wrong in ("012345678", "0123456788", "", "0123456789\x00"):
        with pytest.raises(DatasetError, match="different characters"):
            parse_labels(wrong)


def test_a_label_may_be_the_number_of_its_sign(tmp_path: Path) -> None:
    """Data sets that number the signs from 0 are loaded; a label of neither kind is an error."""
    labels, image = parse_labels(DEVANAGARI), draw("W", 1, seed=1)[0]
    for name, text in (("a", "7"), ("b", DEVANAGARI[7])):
        save(tmp_path / "good" / name, image, text=text)
    assert load_labelled_pictures(str(tmp_path / "good"), labels).texts == (DEVANAGARI[7],) * 2
    save(tmp_path / "bad" / "c", image, text="10")
    with pytest.raises(DatasetError, match=f"'10'; use {DEVANAGARI}"):
        load_labelled_pictures(str(tmp_path / "bad"), labels)
