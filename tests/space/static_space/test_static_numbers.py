"""Whole numbers on the static page."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.handwriting import write_strokes
from tests.app.ui.pen import DIGITS, Stroke, side_by_side

pytestmark = pytest.mark.slow

_PATIENCE = 30_000  # milliseconds, for a busy machine

_NUMBERS = ("10", "25", "42", "64", "77", "83", "96", "318", "479", "520")
_BAR_APART: list[Stroke] = [DIGITS["5"][0], [(0.47, 0.16), (0.7, 0.14)]]
_BARRED_7: list[Stroke] = [*DIGITS["7"], [(0.38, 0.52), (0.64, 0.5)]]
_TOUCHING_20: list[Stroke] = [
    [(0.1, 0.35), (0.2, 0.27), (0.3, 0.35), (0.1, 0.7), (0.42, 0.7)],
    [(0.6, 0.25), (0.45, 0.35), (0.44, 0.6), (0.6, 0.72), (0.7, 0.6), (0.7, 0.4), (0.6, 0.25)],
]
_POINT: Stroke = [(0.5, 0.79), (0.505, 0.79)]


def _load(page: Page, strokes: list[Stroke]) -> None:
    """Put strokes on the pad, as a link does."""
    page.evaluate(
        """async (strokes) => {
            const { packDrawing } = await import(new URL("ui/share_link.js", document.baseURI));
            location.hash = await packDrawing(strokes);
        }""",
        [[list(point) for point in stroke] for stroke in strokes],
    )


def _beside(*digits: list[Stroke]) -> list[Stroke]:
    """Return digits side by side, each at half its size."""
    return [
        [(x / 2 + 0.35 * (index - (len(digits) - 1) / 2) + 0.25, y / 2 + 0.25) for x, y in stroke]
        for index, digit in enumerate(digits)
        for stroke in digit
    ]


@pytest.mark.parametrize(
    ("text", "strokes"),
    [
        *((number, write_strokes(number, seed=int(number))) for number in _NUMBERS),
        ("5", _BAR_APART),
        ("7", _BARRED_7),
        ("574", _beside(_BAR_APART, _BARRED_7, list(DIGITS["4"]))),
        ("20", _TOUCHING_20),
        ("3.6", [*side_by_side("36"), _POINT]),
    ],
)
def test_number_is_read(page: Page, text: str, strokes: list[Stroke]) -> None:
    """Strokes of one digit are one digit, whether they touch or not, and points are marks."""
    _load(page, strokes)
    expect(page.locator("#answer")).to_have_text(text)


def test_scribble_does_not_block_the_page(page: Page) -> None:
    """A pad full of short strokes gets a reading, and the next drawing is read."""
    _load(page, [[(x / 20, y / 20), (x / 20 + 0.02, y / 20 + 0.03)] for x in range(20) for y in range(20)])
    expect(page.locator(".reading")).not_to_have_attribute("data-state", "empty", timeout=_PATIENCE)
    page.get_by_role("button", name="Clear").click()
    _load(page, list(DIGITS["3"]))
    expect(page.locator("#answer")).to_have_text("3")
