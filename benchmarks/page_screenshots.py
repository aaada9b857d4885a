"""Pictures of the page for the README: `python -m benchmarks.page_screenshots URL FOLDER`."""

import argparse
from itertools import product
from pathlib import Path

from playwright.sync_api import expect

from benchmarks.browser import open_page
from tests.app.conftest import DESKTOP, PHONE
from tests.app.pen import Pen, side_by_side

_NUMBER = "42"
_SCREENS = {"desktop": DESKTOP | {"device_scale_factor": 2}, "phone": PHONE}


def save_screenshots(url: str, folder: Path) -> list[Path]:
    """Saves a picture of the page with a number drawn and read, for each kind of screen and each theme."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for screen, theme in product(_SCREENS, ("light", "dark")):
        with open_page(url, **_SCREENS[screen], color_scheme=theme) as page:
            Pen(page).draw(side_by_side(_NUMBER))
            expect(page.locator("#answer")).to_have_text(_NUMBER)
            expect(page.locator("#model")).not_to_have_text("")
            page.mouse.move(0, 0)
            page.wait_for_timeout(1000)  # until the bars have grown and the boxes are there
            paths.append(folder / f"page-{screen}-{theme}.png")
            page.screenshot(path=paths[-1], full_page=True)
    return paths


def main() -> None:
    """Says where the pictures are."""
    parser = argparse.ArgumentParser(description="Pictures of the page of a running server.")
    parser.add_argument("url", help="such as http://127.0.0.1:7860")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    for path in save_screenshots(options.url, options.folder):
        print(path)


if __name__ == "__main__":
    main()
