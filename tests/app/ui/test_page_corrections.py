"""Putting a reading right: by the bars, by keyboard, in a link; and digits that are typed."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.recognition.reading import Box
from tests.app.conftest import DESKTOP, OpenPage, respond
from tests.app.readings import make_digit
from tests.app.ui.pen import DIGITS, Pen, expect_ink, side_by_side

pytestmark = pytest.mark.slow


@pytest.fixture
def number(open_page: OpenPage) -> Page:
    """The page with 42 drawn and read."""
    page = open_page(**DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    Pen(page).draw(side_by_side("42"))
    expect(page.locator(".reading-verdict")).to_contain_text("42")
    return page


def _bar(page: Page, digit: int) -> None:
    page.locator(".reading-bars button").nth(digit).click()


def _choose(page: Page, index: int) -> None:
    page.get_by_role("button", name=re.compile(f"^Digit {index} of")).click()


def test_bar_corrects_the_chosen_digit(number: Page) -> None:
    """A click on a bar replaces the digit; the sentence, the copied text and the saved reading follow."""
    _choose(number, 2)
    _bar(number, 7)
    expect(number.locator("#answer")).to_have_text("47")
    expect(number.locator(".reading-verdict")).to_have_text("47, corrected by you")
    number.get_by_role("button", name="Copy").click()
    assert number.evaluate("navigator.clipboard.readText()") == "47"
    with number.expect_download() as download:
        number.get_by_text("Save", exact=True).click()
        number.get_by_role("button", name="Reading as JSON").click()
    saved = json.loads(Path(download.value.path()).read_text())
    assert (saved["text"], saved["written"]) == ("47", "47")
    assert [digit.get("corrected", False) for digit in saved["digits"]] == [False, True]
    _bar(number, 2)
    expect(number.locator(".reading-verdict")).not_to_contain_text("corrected")


def test_correction_survives_a_reload(number: Page) -> None:
    """A page that is reloaded at once shows the corrected number, and again after another reload."""
    _choose(number, 2)
    _bar(number, 7)
    for _ in range(2):
        number.reload()
        expect(number.locator(".reading-verdict")).to_have_text("47, corrected by you")
    number.keyboard.press("Escape")
    Pen(number).draw(side_by_side("42"))
    expect(number.locator("#answer")).to_have_text("42")


def test_digit_is_corrected_by_keyboard(number: Page) -> None:
    """On a digit of the answer, a typed digit replaces it, and Delete marks it as no digit."""
    first = number.get_by_role("button", name=re.compile("^Digit 1 of"))
    first.press("9")
    expect(number.locator("#answer")).to_have_text("92")
    expect(first).to_be_focused()
    first.press("Delete")
    expect(number.locator("#answer")).to_have_text("2")
    expect(first).to_have_accessible_name(re.compile("not a digit, corrected by you"))
    expect_ink(number, some=True)


def test_correction_stays_with_its_ink(number: Page) -> None:
    """A corrected digit stays corrected while another one is written, and not for another drawing."""
    _choose(number, 1)
    _bar(number, 9)
    expect(number.locator("#answer")).to_have_text("92")
    Pen(number).draw([[(1.15, 0.3), (1.14, 0.7)]])
    expect(number.locator("#answer")).to_have_text("921")
    number.keyboard.press("Escape")
    number.get_by_role("button", name="Example: 42").click()
    expect(number.locator(".reading-verdict")).to_have_text(re.compile("^(Probably )?42"))


def test_refused_sign_is_accepted_by_a_correction(page: Page, pen: Pen) -> None:
    """A sign that was not read becomes a digit of the answer."""
    places = Box(40, 60, 30, 90), Box(100, 60, 60, 90)
    respond(page, "1", make_digit(1, box=places[0]), make_digit(8, accepted=False, box=places[1]))
    pen.draw(DIGITS["1"])
    expect(page.locator(".reading-verdict")).to_contain_text("one sign was not read")
    _choose(page, 2)
    assert all(float(share.strip() or 0) < 50 for share in page.locator(".bar-share").all_inner_texts())
    _bar(page, 8)
    expect(page.locator("#answer")).to_have_text("18")


def test_link_has_the_corrections(number: Page, open_page: OpenPage) -> None:
    """A shared link opens with its corrections until others are made; other programs can follow them."""
    number.evaluate("document.addEventListener('correct', ({ detail }) => (window.heard = detail.digit))")
    _choose(number, 2)
    _bar(number, 3)
    expect(number.locator("#answer")).to_have_text("43")
    assert number.evaluate("heard") == 3
    number.get_by_role("button", name="Share").click()
    expect(number.locator(".notice")).to_contain_text("Link copied.")
    link = str(number.evaluate("navigator.clipboard.readText()"))
    assert link.endswith("&corrected=.3")
    other = open_page("/" + link[link.index("#") :])
    expect(other.locator("#answer")).to_have_text("43")
    _choose(other, 2)
    _bar(other, 5)
    other.reload()
    expect(other.locator("#answer")).to_have_text("45")


def test_page_follows_the_labels_of_the_model(page: Page, pen: Pen) -> None:
    """With other numerals there is a bar for each; answer, sentence, correction and link have their signs."""
    labels = tuple("०१२३४५६७८९ऽॐअ")
    digit = make_digit(7, confidence=0.6, other=2, labels=13)
    respond(page, "७", digit, labels=labels)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pen.draw(DIGITS["1"])
    expect(page.locator("#answer")).to_have_text("७")
    expect(page.locator(".bar-digit")).to_have_text(labels)
    expect(page.locator(".reading-verdict")).to_have_text("७ or २")
    _bar(page, 12)
    expect(page.locator("#answer")).to_have_text("अ")
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".notice")).to_contain_text("Link copied.")
    link = str(page.evaluate("navigator.clipboard.readText()"))
    page.locator("#answer button").press("3")
    expect(page.locator("#answer")).to_have_text("३")
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#answer")).to_have_text("अ")


def test_typed_digits_are_drawn_and_read(page: Page) -> None:
    """Digits that are typed appear on the pad, one beside the other, and are read."""
    page.locator("#digit-pad canvas").focus()
    for digit in "1234567890":
        page.keyboard.press(digit)
    expect(page.locator("#answer")).to_have_text("1234567890")
    page.keyboard.press("Control+z")
    expect(page.locator("#answer")).to_have_text("123456789")
