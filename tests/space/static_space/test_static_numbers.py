"""Whole numbers on the static page: which strokes are of one digit."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.handwriting import write_strokes
from tests.app.pen import DIGITS, Stroke, side_by_side

_NUMBERS = ("10", "25", "42", "64", "77", "83", "96", "318", "479", "520")
_BAR_APART: list[Stroke] = [DIGITS["5"][0], [(0.47, 0.16), (0.7, 0.14)]]
_BARRED_7: list[Stroke] = [*DIGITS["7"], [(0.38, 0.52), (0.64, 0.5)]]
_TOUCHING_20: list[Stroke] = [
    [(0.1, 0.35), (0.2, 0.27), (0.3, 0.35), (0.1, 0.7), (0.42, 0.7)],
    [(0.6, 0.25), (0.45, 0.35), (0.44, 0.6), (0.6, 0.72), (0.7, 0.6), (0.7, 0.4), (0.6, 0.25)],
]


def _load(page: Page, strokes: list[Stroke]) -> None:
    """Put strokes on the pad as a link does."""
    page.evaluate(
        """async (strokes) => {
            const { packDrawing } = await import(new URL("ui/share_link.js", document.baseURI));
            location.hash = await packDrawing(strokes);
        }""",
        [[list(point) for point in stroke] for stroke in strokes],
    )


def _beside(*digits: list[Stroke]) -> list[Stroke]:
    """Digits side by side, each half as large as it is given."""
    return [
        [(x / 2 + 0.35 * (index - (len(digits) - 1) / 2) + 0.25, y / 2 + 0.25) for x, y in stroke]
        for index, digit in enumerate(digits)
        for stroke in digit
    ]


@pytest.mark.parametrize("number", _NUMBERS)
def test_number_is_read(page: Page, number: str) -> None:
    """A number in various hands, each digit in one stroke or several, is the text of the answer."""
    _load(page, write_strokes(number, seed=int(number)))
    expect(page.locator("#answer")).to_have_text(number)


@pytest.mark.parametrize(
    ("strokes", "text"),
    [
        (_BAR_APART, "5"),
        (_BARRED_7, "7"),
        (_beside(_BAR_APART, _BARRED_7, list(DIGITS["4"])), "574"),
        (_TOUCHING_20, "20"),
    ],
    ids=["5 with its bar apart", "barred 7", "all beside each other", "2 whose foot touches a 0"],
)
def test_strokes_of_one_digit_are_put_together(page: Page, strokes: list[Stroke], text: str) -> None:
    """A bar belongs to its digit, whether it touches or not, and not to the neighbour."""
    _load(page, strokes)
    expect(page.locator("#answer")).to_have_text(text)


def test_marks_are_left_out(page: Page) -> None:
    """A point between digits is no digit."""
    _load(page, [*side_by_side("36"), [(0.5, 0.79), (0.505, 0.79)]])
    expect(page.locator("#answer")).to_have_text("36")


def test_scribble_does_not_stop_the_page(page: Page) -> None:
    """Of a pad full of short strokes there is an answer, and the next drawing is read."""
    _load(page, [[(x / 20, y / 20), (x / 20 + 0.02, y / 20 + 0.03)] for x in range(20) for y in range(20)])
    expect(page.locator(".reading")).not_to_have_attribute("data-state", "empty")
    page.get_by_role("button", name="Clear").click()
    _load(page, list(DIGITS["3"]))
    expect(page.locator("#answer")).to_have_text("3")
