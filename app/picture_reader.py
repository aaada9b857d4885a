"""Reads encoded pictures for the page and its tools, with the model that is loaded at the moment."""

from dataclasses import dataclass

from fastapi import FastAPI

from app.api.loaded import Loaded
from app.api.work import SMALL_PICTURE, run
from app.recognition.explanation.explanation import Explanation
from app.recognition.image.picture import decode_picture, open_picture
from app.recognition.reading import Expect, Reading


@dataclass(frozen=True)
class PictureReader:
    """Reads pictures of at most `max_pixels`, width x height, with what `app.state.loaded` holds.

    All raise PictureError for a picture that cannot be read, and explaining NoSuchDigitError, too. What takes
    long waits for one of the few threads that the API uses for it.
    """

    app: FastAPI
    max_pixels: int

    async def read(self, data: bytes, expect: Expect) -> Reading:
        """Read a picture."""
        loaded: Loaded = self.app.state.loaded
        image = open_picture(data, max_pixels=self.max_pixels)
        return await run(
            lambda: loaded.read(decode_picture(image), expect=expect),
            loaded,
            small=image.width * image.height <= SMALL_PICTURE,
        )

    async def explain(self, data: bytes, expect: Expect, index: int) -> Explanation:
        """Read a picture and explain the digit at `index`."""
        loaded: Loaded = self.app.state.loaded
        image = open_picture(data, max_pixels=self.max_pixels)
        return await run(
            lambda: loaded.recognizer.explain(decode_picture(image), expect=expect, index=index),
            loaded,
            small=False,
        )
