"""The reading service: pictures and options in, readings out, never on the event loop."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from PIL import Image

from app.model.loading import CurrentModel, LoadedModel
from app.recognition.adaptation import Adaptation, Example, ExampleError
from app.recognition.explanation.explanation import Explanation
from app.recognition.image.picture import (
    Picture,
    PictureError,
    check_size,
    decode_picture,
    open_picture,
)
from app.recognition.reading import Expect, Reading
from app.recognition.recognizer import Recognizer

_SMALL_BYTES = 64 * 2**10  # of a request; larger ones take long to parse
_SMALL_PIXELS = 640 * 480
_LARGE_THREADS = 2  # each may take 200 MB
_MAX_LARGE_WAITING = 8  # the last of them waits about a second

T = TypeVar("T")


class NotReadyError(Exception):
    """The model is not loaded: the server is starting or stopping."""


class BusyError(Exception):
    """Too many large pictures are waiting to be read."""


@dataclass(frozen=True)
class ExamplePicture:
    """An encoded picture of one digit of the writer, and its value."""

    source: bytes
    digit: int


@dataclass(frozen=True)
class PictureInput:
    """One picture of a request.

    Attributes:
        source: the bytes of an encoded picture, or a decoded one.
        expect: what the picture shows.
        index: of the digit to explain, in reading order from 0.
        examples: digits of the same writer.
    """

    source: bytes | Picture
    expect: Expect = "auto"
    index: int = 0
    examples: Sequence[ExamplePicture | Example] = ()


@dataclass(frozen=True)
class Result(Generic[T]):
    """A reading, several, or an explanation, with the model that made it."""

    value: T
    model: LoadedModel


Parse = Callable[[], PictureInput]


def open_input(picture: PictureInput, *, max_pixels: int) -> Picture | Image.Image:
    """Open a picture without decoding it, to learn its size.

    Raises:
        PictureError: the bytes are not a picture.
        TooManyPixelsError: width x height exceeds `max_pixels`.
    """
    source = picture.source
    return open_picture(source, max_pixels=max_pixels) if isinstance(source, bytes) else source


def read_input(recognizer: Recognizer, picture: PictureInput, *, max_pixels: int) -> Reading:
    """Open, decode and read one picture in the calling thread.

    Raises:
        PictureError: the bytes are not a picture, or the picture has more than `max_pixels`.
    """
    return recognizer.read(_decode(open_input(picture, max_pixels=max_pixels)), expect=picture.expect)


class ReadingService:
    """Reads pictures with the current model in a bounded number of threads.

    Small pictures have a thread of their own, so that a photograph never delays a drawing. Use it from one
    event loop. Every method raises NotReadyError while there is no model, BusyError when too many large
    pictures wait, and what parsing, decoding and explaining raise.

    Attributes:
        current: the model that is served.
        max_pixels: width x height of the largest picture, or of all pictures of a batch together.
    """

    def __init__(self, *, max_pixels: int, on_reading: Callable[[Reading], None] = lambda _: None) -> None:
        """Read pictures of at most `max_pixels`, and call `on_reading` in the worker thread for each."""
        self.current = CurrentModel()
        self.max_pixels = max_pixels
        self._on_reading = on_reading
        # One thread for small pictures: they take a millisecond each, and share one interpreter.
        self._small = ThreadPoolExecutor(1, "read-small")
        self._large = ThreadPoolExecutor(_LARGE_THREADS, "read-large")
        self._large_tasks = 0  # running and waiting

    @property
    def model(self) -> LoadedModel:
        """The current model.

        Raises:
            NotReadyError: there is none.
        """
        if self.current.loaded is None:
            raise NotReadyError("the model is not loaded yet")
        return self.current.loaded

    async def read(self, parse: Parse, *, size: int, max_pixels: int | None = None) -> Result[Reading]:
        """Read one picture.

        Args:
            parse: returns the picture; called in the worker thread.
            size: bytes that `parse` has to parse.
            max_pixels: width x height of the largest picture, instead of the service's own.
        """
        model, limit = self.model, max_pixels or self.max_pixels

        def open_parsed() -> tuple[Picture | Image.Image, PictureInput]:
            picture = parse()
            return open_input(picture, max_pixels=limit), picture

        def read_if_small() -> Reading | tuple[Picture | Image.Image, PictureInput]:
            opened = open_parsed()
            picture, parsed = opened
            is_large = parsed.examples or _count_pixels(picture) > _SMALL_PIXELS
            return opened if is_large else self._read(model, picture, parsed)

        if size > _SMALL_BYTES:
            return Result(await self._run_large(lambda: self._read(model, *open_parsed())), model)
        outcome = await self._run_small(read_if_small)
        if isinstance(outcome, Reading):
            return Result(outcome, model)
        return Result(await self._run_large(lambda: self._read(model, *outcome)), model)

    async def read_batch(
        self, parse: Callable[[], Sequence[PictureInput]], *, small: bool = False
    ) -> Result[list[Reading]]:
        """Read several pictures, which together have at most `max_pixels`; one error refuses them all.

        Args:
            parse: returns the pictures; called in the worker thread.
            small: whether they are as quick to read as one small picture.
        """
        model = self.model

        def read_all() -> list[Reading]:
            pictures = parse()
            opened = []
            for place, picture in enumerate(pictures):
                with name_place(place):
                    opened.append(open_input(picture, max_pixels=self.max_pixels))
            pixels = sum(_count_pixels(each) for each in opened)
            check_size(pixels, max_pixels=self.max_pixels, what="the pictures together have")
            readings = []
            for place, (picture, image) in enumerate(zip(pictures, opened, strict=True)):
                _ = self.model  # raises NotReadyError when the server has stopped in the meantime
                with name_place(place):
                    readings.append(self._read(model, image, picture))
            return readings

        if small:
            return Result(await self._run_small(read_all), model)
        return Result(await self._run_large(read_all), model)

    async def explain(self, parse: Parse, *, max_pixels: int | None = None) -> Result[Explanation]:
        """Read one picture and explain the digit at its `index`.

        Raises:
            NoSuchDigitError: the reading has no such digit.
        """
        model, limit = self.model, max_pixels or self.max_pixels

        def explain() -> Explanation:
            picture = parse()
            decoded = _decode(open_input(picture, max_pixels=limit))
            return model.recognizer.explain(decoded, expect=picture.expect, index=picture.index)

        return Result(await self._run_large(explain), model)

    async def _run_small(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._small, work)

    async def _run_large(self, work: Callable[[], T]) -> T:
        if self._large_tasks >= _LARGE_THREADS + _MAX_LARGE_WAITING:
            raise BusyError
        self._large_tasks += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._large, work)
        finally:
            self._large_tasks -= 1

    def _read(self, model: LoadedModel, opened: Picture | Image.Image, picture: PictureInput) -> Reading:
        adaptation = self._adapt(model.recognizer, picture.examples) if picture.examples else None
        reading = model.recognizer.read(_decode(opened), expect=picture.expect, adaptation=adaptation)
        self._on_reading(reading)
        return reading

    def _adapt(self, recognizer: Recognizer, given: Sequence[ExamplePicture | Example]) -> Adaptation:
        examples, pixels = [], 0
        for place, example in enumerate(given):
            with name_place(place, of="examples"):
                if isinstance(example, ExamplePicture):
                    opened = open_picture(example.source, max_pixels=self.max_pixels)
                    pixels += _count_pixels(opened)
                    check_size(pixels, max_pixels=self.max_pixels, what="the examples together have")
                    examples.append(recognizer.make_example(decode_picture(opened), example.digit))
                else:
                    examples.append(recognizer.complete_example(example))
        return Adaptation(examples)


def _decode(opened: Picture | Image.Image) -> Picture:
    return decode_picture(opened) if isinstance(opened, Image.Image) else opened


def _count_pixels(opened: Picture | Image.Image) -> int:
    """Return width x height of a picture that is not decoded yet; 0 for one that is."""
    return opened.width * opened.height if isinstance(opened, Image.Image) else 0


@contextmanager
def name_place(place: int, *, of: str = "images") -> Iterator[None]:
    """Add the place of a picture in its list to the message of an error."""
    try:
        yield
    except (PictureError, ExampleError) as error:
        raise type(error)(f"{of}.{place}: {error}") from error
