"""The page in the language of the browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import OpenPage
from tests.app.ui.pen import DIGITS, Pen

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("locale", "title", "undo"),
    [
        ("de-AT", "Handgeschriebene Ziffern", "Zurück"),
        ("fr", "Chiffres manuscrits", "Annuler"),
        ("es-MX", "Cifras manuscritas", "Deshacer"),
        ("pl", "Handwritten digits", "Undo"),
    ],
)
def test_page_speaks_the_language_of_the_browser(
    open_page: OpenPage, locale: str, title: str, undo: str
) -> None:
    """The page is in German, French, Spanish, or else in English."""
    page = open_page(locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("button", name=undo)).to_be_visible()
    Pen(page).draw(DIGITS["7"])
    expect(page.locator(".reading-verdict")).to_contain_text("7, ")
    assert page.evaluate("document.documentElement.lang") == (locale[:2] if locale != "pl" else "en")


def test_texts_are_complete(page: Page) -> None:
    """Each language has the texts of all others, and one for each key in the page's markup."""
    keys = page.evaluate(
        """async () => {
            const { TEXTS } = await import(new URL("ui/texts.js", document.baseURI));
            const marked = [...document.querySelectorAll("[data-text], [data-title], [data-label]")]
                .flatMap(({ dataset: { text, title, label } }) => [text, title, label].filter(Boolean));
            const wanted = new Set([...marked, ...Object.keys(TEXTS.en)]);
            const { en, ...others } = TEXTS;
            return Object.entries(others).map(([language, texts]) =>
                [...wanted].filter((key) => !(key in texts)).map((key) => `${language}: ${key}`)).flat();
        }"""
    )
    assert keys == []
