"""What the routes work with: the settings, and the model once it is loaded."""

from dataclasses import dataclass

from anyio import CapacityLimiter
from fastapi import Request

from app.api.counters import Counters
from app.model.origin import Origin
from app.model.release import Release
from app.recognition.image.picture import Picture
from app.recognition.reading import Expect, Reading
from app.recognition.recognizer import Recognizer


class NotReadyError(Exception):
    """The model is not loaded: the server is starting or stopping."""


@dataclass(frozen=True)
class Loaded:
    """What is there once the server is ready. `app.state.loaded` holds it, or None before.

    Attributes:
        release: the model's description.
        recognizer: what runs it.
        origin: where it comes from.
        counters: of what is read.
        swaps: how many newer commits on the Hub took the place of the one that was served.
        refused_updates: how many could not be used.
        max_pixels: the largest picture, width x height.
        large_at_once: how many threads read large pictures and batches; each may take 200 MB.
    """

    release: Release
    recognizer: Recognizer
    max_pixels: int
    large_at_once: CapacityLimiter
    origin: Origin
    counters: Counters
    swaps: int = 0
    refused_updates: int = 0

    def read(self, picture: Picture, *, expect: Expect) -> Reading:
        """Read a picture, and count it."""
        reading = self.recognizer.read(picture, expect=expect)
        self.counters.count_reading(reading)
        return reading


def get_loaded(request: Request) -> Loaded:  # called, not a dependency: FastAPI would take longer to find it
    """Return what is loaded.

    Raises:
        NotReadyError: nothing is loaded.
    """
    loaded = request.app.state.loaded
    if not isinstance(loaded, Loaded):
        raise NotReadyError("the model is not loaded yet")
    return loaded
