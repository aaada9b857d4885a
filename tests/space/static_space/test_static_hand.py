"""The static page adapts to a hand as the server does."""

import json
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.recognition.adaptation import Adaptation, Example
from app.recognition.image.picture import picture_of_pixels
from app.recognition.recognizer import Recognizer
from tests.app.ui.pen import Pen, side_by_side
from tests.conftest import Digits
from tests.space.static_space.conftest import OpenStatic

pytestmark = pytest.mark.slow

_ADAPT = """async ([examples, digits]) => {
    const { adaptTo } = await import(new URL("ui/adaptation.js", document.baseURI));
    return digits.map(adaptTo(examples));
}"""


def test_browser_and_server_adapt_alike(shared_page: Page, digits: Digits, recognizer: Recognizer) -> None:
    """With 20 examples, three of them wrong, 30 digits have the same probabilities and are accepted alike."""
    read = [
        recognizer.read(picture_of_pixels(255 - image), expect="digit").digits[0]
        for image in digits.images[:50]
    ]
    labels = digits.labels[:20].tolist()
    labels[:3] = [(label + 1) % 10 for label in labels[:3]]
    examples = [
        Example(digit.embedding, np.array(digit.probabilities, np.float32), label)
        for digit, label in zip(read, labels, strict=False)
    ]
    server = [Adaptation(examples).adapt(digit) for digit in read[20:]]
    sent = [
        [
            {"digit": e.digit, "embedding": e.embedding.tolist(), "probabilities": e.probabilities.tolist()}
            for e in examples
        ],
        [digit.to_json() | {"embedding": digit.embedding.tolist()} for digit in read[20:]],
    ]
    browser = shared_page.evaluate(_ADAPT, sent)
    for here, there in zip(server, browser, strict=True):
        assert (there["digit"], there["accepted"]) == (here.digit, here.accepted)
        assert there["probabilities"] == pytest.approx(here.probabilities, abs=1e-4)
        assert there["digit_score"] == pytest.approx(here.digit_score, abs=1e-4)


def test_a_corrected_digit_is_learnt_in_the_browser(open_static: OpenStatic) -> None:
    """Drawn again, the digit is read as it was corrected."""
    page = open_static()
    pen = Pen(page)
    pen.draw(side_by_side("42"))
    expect(page.locator(".reading-verdict")).to_contain_text("42")
    page.locator("#answer button").last.click()
    page.locator(".reading-bars button").nth(7).click()
    page.get_by_role("button", name="Learn my handwriting").click()
    expect(page.locator(".hand")).to_contain_text("One of your digits")
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")
    pen.draw(side_by_side("42"))
    expect(page.locator("#answer")).to_have_text("47")
    with page.expect_download() as download:
        page.get_by_text("Save", exact=True).click()
        page.get_by_role("button", name="Reading as JSON").click()
    saved = json.loads(Path(download.value.path()).read_text())
    assert saved["text"] == "47"
    assert not saved["digits"][0].keys() & {"embedding", "model", "seen"}
