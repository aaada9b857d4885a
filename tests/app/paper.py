"""What lies on the page's pad."""

from playwright.sync_api import Page


def count_ink(page: Page) -> int:
    """How many of the canvas's pixels have ink."""
    count = page.evaluate(
        """() => {
            const canvas = document.querySelector("#digit-pad canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )
    return int(count)


def expect_ink(page: Page, *, some: bool) -> None:
    """Waits for the frame in which the canvas has ink, or none."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert (count_ink(page) > 0) == some
