"""What the foot of the page says of the model and of the page."""

from playwright.sync_api import Page, expect

from app.model.origin import Origin
from app.model.release import BUNDLED_RELEASE, open_release
from app.ui.page import ServedModel, present_model
from tests.app.conftest import OpenPage


def test_about_tells_model_limits_and_privacy(page: Page) -> None:
    """About is closed at first; opened, it tells the model, its scores, its limits, and what is kept."""
    kept = page.get_by_text("are read in memory and are not stored")
    expect(kept).to_be_hidden()
    page.get_by_text("About", exact=True).click()
    expect(kept).to_be_visible()
    about = page.locator(".about")
    expect(about).to_contain_text("Bundled release residual")
    expect(about.get_by_role("listitem").filter(has_text="MNIST test")).to_contain_text("10,000 read correctly")
    expect(about.get_by_role("listitem").filter(has_text="refused as not digits")).to_have_count(1)
    expect(page.get_by_role("heading", name="Limits")).to_be_visible()


def test_about_fits_a_phone(open_page: OpenPage) -> None:
    """Opened on the narrowest phone it does not scroll sideways."""
    page = open_page(viewport={"width": 320, "height": 640})
    page.get_by_text("About", exact=True).click()
    expect(page.get_by_role("heading", name="Privacy")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_model_from_the_hub_is_named_with_a_link_to_its_commit() -> None:
    """A model of the Hub is named with its full commit, and links to it; nothing in it becomes markup."""
    release = open_release(BUNDLED_RELEASE)
    url = 'https://hub.example/ann/digits/tree/abc"><script>'
    shown = present_model(ServedModel(release, Origin("hub", "ann/digits", "abc123", url=url)))
    assert ">ann/digits at abc123</a>" in shown["name"]
    assert shown["name"].startswith('<a href="https://hub.example/ann/digits/tree/abc&quot;&gt;&lt;script')
