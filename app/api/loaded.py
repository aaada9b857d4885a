"""What the routes work with: the settings, and the model once it is loaded."""

from dataclasses import dataclass
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request

from app.model.origin import Origin
from app.model.release import Release
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
        refused_updates: how many newer commits on the Hub could not be used.
        max_pixels: the largest picture, width x height.
        large_at_once: how many threads read large pictures and batches; each may take 200 MB.
    """

    release: Release
    recognizer: Recognizer
    max_pixels: int
    large_at_once: CapacityLimiter
    origin: Origin
    refused_updates: int = 0


def get_loaded(request: Request) -> Loaded:
    """Return what is loaded.

    Raises:
        NotReadyError: nothing is loaded.
    """
    loaded = request.app.state.loaded
    if not isinstance(loaded, Loaded):
        raise NotReadyError("the model is not loaded yet")
    return loaded


WithLoaded = Annotated[Loaded, Depends(get_loaded)]
