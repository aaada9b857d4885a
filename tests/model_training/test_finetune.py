"""A release learns from labelled pictures, and only a better one is written."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.model.release import BUNDLED_RELEASE
from model_training.__main__ import main
from model_training.data.handwriting import write
from model_training.data.ink import normalise_ink
from model_training.data.labelled_pictures import LabelledPictures, load_labelled_pictures
from model_training.data.mnist import Mnist
from model_training.data.templates import Template, make_stroke
from model_training.errors import DatasetError, ReleaseError
from model_training.evaluation.scores import predict_logits
from model_training.release.publishing.package import pack_release
from model_training.training.checkpoint import Checkpoints
from model_training.training.config import LineConfig
from model_training.training.corrections import cut_corrections
from model_training.training.finetune import finetune
from model_training.training.finetune_config import FinetuneConfig
from model_training.training.gate import Gate
from tests.hub.server import Hub
from tests.model_training.train_slice import sample_mnist

pytestmark = pytest.mark.slow

CONFIG = FinetuneConfig(
    batch_size=64,
    correction_share=0.25,
    steps_per_epoch=8,
    least_epochs=5,
    warmup_steps=4,
    learning_rate=5e-4,
    redrawn=200,
    searched=300,
    line=LineConfig(
        epochs=2,
        lines_per_epoch=64,
        learning_rate=1e-3,
        ema_momentum=0.5,
        precision="float32",
        validation_lines=32,
    ),
)
_STROKES: list[list[list[float]]] = [
    [[0, 34], [36, 0], [36, 0], [36, 100]],
    [[8, 60], [62, 54]],
    [[8, 100], [64, 100]],
]
STYLE = Template("1", "flag, foot and crossbar", tuple(make_stroke(stroke) for stroke in _STROKES))


def draw_style(count: int, *, seed: int) -> NDArray[np.uint8]:
    return normalise_ink(write(STYLE, count, generator=np.random.default_rng(seed)))


def label_pictures(images: NDArray[np.uint8], texts: list[str]) -> LabelledPictures:
    return LabelledPictures(tuple(images), tuple(texts), tuple(f"writer {row}" for row in range(len(texts))))


def save(folder: Path, image: NDArray[np.uint8], **values: Any) -> None:
    """Write a picture and its metadata.jsonl as the app does."""
    folder.mkdir(parents=True)
    Image.fromarray(image).save(folder / "image.png")
    line = json.dumps({"file_name": "image.png", **values})
    (folder / "metadata.jsonl").write_text(line + "\n", encoding="utf-8")


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    """A folder of three corrections by two writers, with and without strokes."""
    images = sample_mnist().train.images[:3]
    rows = [("7", "a1", None), ("", "a1", [[[0.5, 0.25], [1, 2]]]), ("2026-11-27", "b2", None)]
    for number, (image, (text, writer, strokes)) in enumerate(zip(images, rows, strict=True)):
        folder = tmp_path / "corrections" / "data" / writer / str(number)
        save(folder, image, text=text, read="2", writer=writer, strokes=strokes, day="2026-11-27")
    return tmp_path / "corrections"


def contents(pictures: LabelledPictures) -> list[tuple[bytes, str]]:
    found = zip(pictures.pictures, pictures.texts, strict=True)
    return sorted((picture.tobytes(), text) for picture, text in found)


def test_corrections_of_users_are_loaded(corrections: Path) -> None:
    """Each picture has its text and writer, whatever the columns that are not needed hold."""
    pictures = load_labelled_pictures(str(corrections))
    found = {(text, writer) for text, writer in zip(pictures.texts, pictures.writers, strict=True)}
    assert found == {("7", "a1"), ("", "a1"), ("2026-11-27", "b2")}


def test_layouts_are_loaded_equally(tmp_path: Path) -> None:
    """A metadata.jsonl, a folder for each label and a Parquet file give the same pictures and texts."""
    import datasets

    digits = sample_mnist().train.rows(np.arange(6))
    listed, sorted_ = tmp_path / "listed", tmp_path / "sorted"
    listed.mkdir()
    lines = []
    for number, (image, label) in enumerate(zip(digits.images, digits.labels, strict=True)):
        for path in (listed / f"{number}.png", sorted_ / str(label) / f"{number}.png"):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
        lines.append(json.dumps({"file_name": f"{number}.png", "text": str(label)}) + "\n")
    (listed / "metadata.jsonl").write_text("".join(lines), encoding="utf-8")
    names = datasets.ClassLabel(names=[str(digit) for digit in range(10)])
    columns = {"image": [Image.fromarray(image) for image in digits.images], "label": digits.labels.tolist()}
    features = datasets.Features({"image": datasets.Image(), "label": names})
    datasets.Dataset.from_dict(columns, features=features).to_parquet(tmp_path / "table.parquet")
    sources = (listed, listed / "metadata.jsonl", sorted_, tmp_path / "table.parquet")
    loaded = [load_labelled_pictures(str(source)) for source in sources]
    expected = zip(digits.images, digits.labels, strict=True)
    assert contents(loaded[0]) == sorted((image.tobytes(), str(label)) for image, label in expected)
    assert len({pictures.sha256 for pictures in loaded}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["listed", "sorted", "table.parquet"]


@pytest.mark.usefixtures("client_settings")
def test_a_data_set_on_the_hub_is_downloaded(hub: Hub, corrections: Path) -> None:
    """The files of a data set on the Hub give the same as a local folder; a missing one is an error."""
    files = {p.relative_to(corrections).as_posix(): p.read_bytes() for p in corrections.rglob("*.*")}
    hub.commit("ann/corrections", files, repo_type="dataset")
    there = load_labelled_pictures("hf://datasets/ann/corrections")
    assert there.sha256 == load_labelled_pictures(str(corrections)).sha256
    assert there.source == "hf://datasets/ann/corrections"
    with pytest.raises(DatasetError, match="can't be downloaded"):
        load_labelled_pictures("hf://datasets/ann/nothing")


def test_bad_data_is_one_sentence(tmp_path: Path) -> None:
    """The error names the file or source, and what is accepted."""
    image = sample_mnist().train.images[0]
    (tmp_path / "empty").mkdir()
    save(tmp_path / "letter", image, text="seven")
    save(tmp_path / "damaged", image, text="7")
    (tmp_path / "damaged" / "image.png").write_bytes(b"no picture")
    for name, message in (
        ("empty", "holds no pictures"),
        ("letter", "image.png is labelled 'seven'; use digits"),
        ("damaged", "image.png can't be decoded"),
        ("missing", "neither a folder nor"),
    ):
        with pytest.raises(DatasetError, match=message) as caught:
            load_labelled_pictures(str(tmp_path / name))
        assert "\n" not in str(caught.value)


def test_numbers_are_cut() -> None:
    """Each digit of a whole number has the label that stands there; a number that can't be cut is counted."""
    digits = sample_mnist().train
    chosen = [int(np.flatnonzero(digits.labels == label)[0]) for label in (4, 0, 7)]
    row = np.concatenate([digits.images[each] for each in chosen], axis=1)
    pictures = LabelledPictures((255 - np.pad(row, 8), np.pad(row, 8)), ("4,07", "40"), ("a", "b"))
    found = cut_corrections(pictures, BUNDLED_RELEASE)
    assert found.digits.labels.tolist() == [4, 0, 7]
    assert found.writers.tolist() == ["a", "a", "a"]
    assert found.uncut == 1
    for cut, original in zip(found.digits.images.astype(float), digits.images[chosen], strict=True):
        assert np.corrcoef(cut.ravel(), original.ravel().astype(float))[0, 1] > 0.5


@pytest.fixture(scope="module")
def old(small_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release without its line network, so that its line reader is not trained further."""
    release = copytree(small_release, tmp_path_factory.mktemp("old") / "release")
    (release / "line_model.keras").unlink()
    return release


@pytest.fixture(scope="module")
def finetuned(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small release after 40 corrections of a style, in a run that was interrupted once."""
    output = tmp_path_factory.mktemp("finetuned") / "release"
    pictures = label_pictures(draw_style(40, seed=1), ["1"] * 40)
    finish = Checkpoints.on_epoch_end

    def interrupt(self: Checkpoints, epoch: int, logs: dict[str, float] | None = None) -> None:
        finish(self, epoch, logs)
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "on_epoch_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            finetune(old, pictures, mnist=sample_mnist(), output=output, config=CONFIG)
    assert not output.exists()
    finetune(old, pictures, mnist=sample_mnist(), output=output, config=CONFIG)
    return output


def test_a_misread_style_is_learnt(finetuned: Path, old: Path, mnist: Mnist) -> None:
    """Fresh drawings of the style are misread less than half as often, and MNIST as rarely as before."""
    fresh = draw_style(200, seed=2)
    errors, right = [], []
    for release in (old, finetuned):
        network = keras.models.load_model(release / "model.keras")
        errors.append((predict_logits(network, fresh).argmax(axis=1) != 1).mean())
        right.append((predict_logits(network, mnist.test.images).argmax(axis=1) == mnist.test.labels).mean())
    assert errors[0] > 0.3
    assert errors[1] < errors[0] / 2
    assert right[1] > right[0] - 0.03


def test_a_finetuned_release_is_complete(finetuned: Path) -> None:
    """It can be published, names the old release and its data, and its card shows the comparison."""
    package = pack_release(finetuned, "ann/digits", evaluation=None)
    training = package.description["training"]
    assert training["corrections"] == 32
    assert training["held_out_corrections"] == 8
    assert sum(training["finetuning"]["shares"].values()) == pytest.approx(1)
    assert package.description["data"][-1]["name"] == "40 labelled pictures"
    assert training["finetuned_from"] in package.files["README.md"].decode()
    assert "| held-out corrections | 8 |" in package.files["README.md"].decode()


def test_an_interrupted_run_resumes(finetuned: Path, old: Path, tmp_path: Path) -> None:
    """The network of a run that was interrupted has exactly the scores of an uninterrupted one."""
    pictures = label_pictures(draw_style(40, seed=1), ["1"] * 40)

    def stop(_: Gate) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "release"
    with pytest.raises(KeyboardInterrupt):
        finetune(old, pictures, mnist=sample_mnist(), output=output, config=CONFIG, on_gate=stop)
    found = [path.with_name("release.run").joinpath("gate.json").read_text() for path in (finetuned, output)]
    assert found[0] == found[1]


def test_a_release_without_its_network_is_an_error(tmp_path: Path, mnist: Mnist) -> None:
    """The bundled release, which has readers only, can't be trained further."""
    pictures = label_pictures(draw_style(2, seed=1), ["1", "1"])
    with pytest.raises(ReleaseError, match=r"has no model\.keras"):
        finetune(BUNDLED_RELEASE, pictures, mnist=mnist, output=tmp_path / "release")


def test_the_command_reports_bad_data(small_release: Path, tmp_path: Path, capsys: Any) -> None:
    """Without network or pictures, the command ends with one line and code 1, before it downloads MNIST."""
    (tmp_path / "empty").mkdir()
    arguments = ["--data", str(tmp_path / "empty"), "--output", str(tmp_path / "release")]
    assert main(["finetune", str(small_release), *arguments]) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / 'empty'} holds no pictures")
    assert main(["finetune", str(BUNDLED_RELEASE), *arguments]) == 1
    assert "has no model.keras" in capsys.readouterr().err
