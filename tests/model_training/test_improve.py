"""The closed loop: corrections are given, learnt from and published, and the running app uses the result."""

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import httpx2
import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from model_training.__main__ import main
from model_training.data.handwriting import write
from model_training.data.ink import normalise_ink
from model_training.data.labelled_pictures import LabelledPictures, load_labelled_pictures
from model_training.data.mnist import Mnist
from model_training.data.templates import Template, make_stroke
from model_training.errors import DatasetError, GateRefusedError
from model_training.evaluation.scores import predict_logits
from model_training.improvement.improve import Replay, improve
from model_training.improvement.review import decide, review
from tests.app.conftest import PAD_IS_READY
from tests.app.served import Served, serve
from tests.app.ui.pen import Pen
from tests.hub.server import Hub
from tests.model_training.test_finetune import CONFIG, label_pictures
from tests.model_training.train_slice import sample_mnist

pytestmark = pytest.mark.slow

MODEL, DATA = "ann/digits", "ann/corrections"
LIMIT_SECONDS = 60
GENTLE = replace(CONFIG, least_epochs=8, correction_share=0.12, taught_share=1.0)
_STROKES: list[list[list[float]]] = [
    [[4, 4], [56, 4], [56, 4], [4, 96], [4, 96], [60, 96]],
    [[10, 50], [54, 50]],
]
STYLE = Template("2", "crossed like a Z", tuple(make_stroke(stroke) for stroke in _STROKES))


def _wait_for(condition: Callable[[], bool]) -> None:
    end = monotonic() + LIMIT_SECONDS
    while not condition():
        assert monotonic() < end, "the condition is not met in time"
        sleep(0.2)


def _encode(image: NDArray[np.uint8]) -> str:
    png = io.BytesIO()
    Image.fromarray(255 - image).save(png, "PNG")
    return base64.b64encode(png.getvalue()).decode()


def _draw_style(count: int, *, seed: int) -> NDArray[np.uint8]:
    return normalise_ink(write(STYLE, count, generator=np.random.default_rng(seed)))


def _count_errors(app: Served, images: NDArray[np.uint8]) -> int:
    """Return how many of the drawings of a 2 the app misreads."""
    body = {"images": [_encode(image) for image in images], "expect": "digit"}
    readings = httpx2.post(f"{app.url}/api/predict/batch", json=body, timeout=60).json()["readings"]
    return sum(reading["text"] != "2" for reading in readings)


def _give(app: Served, image: NDArray[np.uint8], text: str, giver: str | None = None) -> str:
    body = {"image": _encode(image), "text": text, "consent": True} | ({"id": giver} if giver else {})
    response = httpx2.post(f"{app.url}/api/corrections", json=body)
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def _given(hub: Hub) -> int:
    if ("dataset", DATA) not in hub.store.repos:
        return 0
    return sum(path.endswith("image.png") for path in hub.files(DATA, repo_type="dataset"))


@pytest.fixture
def hub(hub: Hub, client_settings: None, monkeypatch: pytest.MonkeyPatch) -> Hub:  # noqa: ARG001
    """The stand-in Hub, with the token of the owner of both repos in this process."""
    monkeypatch.setenv("HF_TOKEN", hub.token("ann"))
    return hub


@pytest.fixture
def published(hub: Hub, small_release: Path) -> str:
    """The commit of the small release on the Hub."""
    paths = [path for path in small_release.rglob("*") if path.is_file()]
    return hub.commit(MODEL, {p.relative_to(small_release).as_posix(): p.read_bytes() for p in paths})


@pytest.fixture
def app(hub: Hub, hub_environment: Mapping[str, str], published: str) -> Iterator[Served]:
    """The app with its page, the published release, and corrections that go to the Hub."""
    environment = {**hub_environment, "HF_TOKEN": hub.token("ann"), "DIGITS_UI": "1"}
    settings = {"model_repo": MODEL, "model_refresh_seconds": 1, "corrections_repo": DATA}
    with serve(environment, **settings) as app:
        assert app.get("/api/model")["revision"] == published
        yield app


def _correct_on_page(browser: Browser, app: Served, *, seed: int) -> None:
    """Draw the style on the page, correct it to a 2, and agree to give it."""
    page: Page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(app.url)
    page.wait_for_function(PAD_IS_READY)
    generator = np.random.default_rng(seed)
    Pen(page).draw(
        [
            [
                (0.45 + 0.5 * x + 0.02 * generator.random(), 0.2 + 0.6 * y)
                for x, y in stroke.basis @ stroke.control
            ]
            for stroke in STYLE.strokes
        ]
    )
    expect(page.locator("#answer button")).to_have_count(1)
    page.wait_for_timeout(1000)  # the first stroke may be read before the second, as another picture
    page.locator("#answer button").click()
    page.locator(".reading-bars button").nth(3).click()
    page.locator(".reading-bars button").nth(2).click()
    page.get_by_text("Help it learn").click()
    page.get_by_role("checkbox").check()
    expect(page.locator(".giving")).to_contain_text("given.", timeout=30_000)
    page.context.close()


def test_corrections_become_a_release_that_the_running_app_reads_with(
    hub: Hub, app: Served, published: str, browser: Browser, tmp_path: Path
) -> None:
    """Forty corrections of a misread style, by page and API, make the next release read that style.

    The app is not restarted. Roll-back by revision works: the old commit is still there.
    """
    fresh = _draw_style(200, seed=2)
    before = _count_errors(app, fresh)
    assert before > 100
    givers: list[str | None] = [None] * 10
    for number, image in enumerate(_draw_style(38, seed=1)):
        givers[number % 10] = _give(app, image, "2", givers[number % 10])
    for seed in range(2):
        _correct_on_page(browser, app, seed=seed)
    _wait_for(lambda: _given(hub) == 40)
    lines: list[str] = []
    replay = Replay(sample_mnist())
    result = improve(MODEL, DATA, replay, output=tmp_path / "new", report=lines.append, config=GENTLE)
    assert result is not None
    assert "40 corrections accepted, 0 in quarantine" in lines[0]
    _wait_for(lambda: app.get("/api/model")["revision"] == result.commit)
    assert _count_errors(app, fresh) < before / 3
    card = hub.files(MODEL)["README.md"].decode()
    assert "## Changes" in card
    assert "held-out corrections" in card
    assert hub.files(MODEL, revision=f"corrections-{next((tmp_path / 'new').glob('*.run')).stem[7:]}")
    assert hub.files(MODEL, revision=published)["README.md"].decode() != card
    again = improve(MODEL, DATA, replay, output=tmp_path / "new", report=lines.append, config=GENTLE)
    assert again is None
    assert "already" in lines[-1]


def _commit_corrections(hub: Hub, pictures: LabelledPictures) -> None:
    files = {}
    for number, (image, text) in enumerate(zip(pictures.pictures, pictures.texts, strict=True)):
        folder = f"data/{pictures.writers[number].replace(' ', '')}/{number}"
        files[f"{folder}/image.png"] = base64.b64decode(_encode(image))
        line = f'{{"file_name": "image.png", "text": "{text}", "writer": "{pictures.writers[number]}"}}\n'
        files[f"{folder}/metadata.jsonl"] = line.encode()
    hub.commit(DATA, files, repo_type="dataset")


def _mislabel(release: Path, mnist: Mnist, count: int) -> tuple[NDArray[np.uint8], list[str]]:
    """Return test digits that the network of a release reads rightly, with the least probable labels."""
    network = keras.saving.load_model(release / "model.keras")
    logits = predict_logits(network, mnist.test.images)
    right = logits.argmax(axis=1) == mnist.test.labels
    clearest = np.argsort(np.where(right, logits.min(axis=1) - logits.max(axis=1), 0))[:count]
    return mnist.test.images[clearest], [str(label) for label in logits.argmin(axis=1)[clearest]]


@pytest.mark.usefixtures("published")
def test_a_poisoned_set_of_one_writer_is_quarantined(
    hub: Hub, small_release: Path, mnist: Mnist, tmp_path: Path
) -> None:
    """Clear digits with wrong labels by one giver are not learnt from, and wait for a decision."""
    images, wrong = _mislabel(small_release, mnist, 20)
    poison = LabelledPictures(tuple(images), tuple(wrong), ("mallory",) * len(images))
    _commit_corrections(hub, poison)
    lines: list[str] = []
    replay = Replay(sample_mnist())
    assert improve(MODEL, DATA, replay, output=tmp_path / "new", report=lines.append, config=GENTLE) is None
    assert lines[0].startswith("0 corrections accepted, 20 in quarantine")
    found = review(poison, small_release, known=sample_mnist().train, decisions={})
    assert {doubt.reason for doubt in found.doubts} == {"absurd"}


def test_corrections_to_no_digit_are_reviewed(small_release: Path, mnist: Mnist) -> None:
    """Clear digits that are said to be none wait for a decision, with what is read in them."""
    images, _ = _mislabel(small_release, mnist, 10)
    given = LabelledPictures(tuple(images), ("",) * 10, ("mallory",) * 10)
    found = review(given, small_release, known=sample_mnist().train, decisions={})
    assert {doubt.reason for doubt in found.doubts} == {"absurd"}
    assert all(doubt.read.isdigit() for doubt in found.doubts)


@pytest.mark.usefixtures("published")
def test_a_poisoned_set_of_many_writers_does_not_pass_the_gate(
    hub: Hub, small_release: Path, mnist: Mnist, published: str, tmp_path: Path
) -> None:
    """Wrong labels by many givers, even accepted ones, make the network worse elsewhere; nothing changes."""
    poison = label_pictures(*_mislabel(small_release, mnist, 80))
    _commit_corrections(hub, poison)
    doubts = review(poison, small_release, known=sample_mnist().train, decisions={}).doubts
    hub.commit(
        DATA,
        {"review.json": str({doubt.key: "accepted" for doubt in doubts}).replace("'", '"').encode()},
        repo_type="dataset",
    )
    with pytest.raises(GateRefusedError, match="not released"):
        improve(
            MODEL, DATA, Replay(sample_mnist()), output=tmp_path / "new", report=lambda _: None, config=GENTLE
        )
    assert hub.history(MODEL)[0].id == published
    [run] = (tmp_path / "new").iterdir()
    assert not json.loads((run / "gate.json").read_text())["passed"]


def test_a_person_decides_on_the_quarantine(
    small_release: Path, mnist: Mnist, tmp_path: Path, capsys: pytest.CaptureFixture[str], mnist_file: Path
) -> None:
    """`corrections review` writes a contact sheet and stores decisions, which later reviews respect."""
    for number, (image, label) in enumerate(zip(*_mislabel(small_release, mnist, 3), strict=True)):
        folder = tmp_path / "given" / "data" / "m" / str(number)
        folder.mkdir(parents=True)
        Image.fromarray(image).save(folder / "image.png")
        line = f'{{"file_name": "image.png", "text": "{label}", "writer": "m"}}\n'
        (folder / "metadata.jsonl").write_text(line)
    command = ["corrections", "review", str(tmp_path / "given"), "--release", str(small_release)]
    command += ["--mnist", str(mnist_file), "--sheet", str(tmp_path / "sheet.png")]
    assert main(command) == 0
    output = capsys.readouterr().out
    assert "0 corrections accepted, 3 in quarantine" in output
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 200
    keys = [line.split()[0] for line in output.splitlines() if "absurd" in line]
    assert main([*command, "--accept", keys[0], "--reject", "all"]) == 0
    decisions = json.loads((tmp_path / "given" / "review.json").read_text())
    assert decisions[keys[0]] == "accepted"
    pictures = load_labelled_pictures(str(tmp_path / "given"))
    found = review(pictures, small_release, known=mnist.train, decisions=decisions)
    assert found.describe() == "1 corrections accepted, 0 in quarantine, 0 duplicates, 2 rejected"


def test_duplicates_and_contradictions_are_left_out(small_release: Path, mnist: Mnist) -> None:
    """The same picture counts once; with different labels it is doubtful."""
    images = mnist.test.images[:2]
    first, second = (str(label) for label in mnist.test.labels[:2])
    other = str((mnist.test.labels[1] + 1) % 10)
    rows = [
        (images[0], first, "a"),
        (images[0], first, "b"),
        (images[1], second, "a"),
        (images[1], other, "b"),
    ]
    pictures = LabelledPictures(*(tuple(column) for column in zip(*rows, strict=True)))  # type: ignore[arg-type]
    found = review(pictures, small_release, known=mnist.train, decisions={})
    assert (len(found.accepted), len(found.doubts), found.duplicates) == (1, 2, 1)
    assert {doubt.reason for doubt in found.doubts} == {"given with different labels"}
    with pytest.raises(DatasetError, match="nothing"):
        decide(found, accept=["nothing"], reject=[])
