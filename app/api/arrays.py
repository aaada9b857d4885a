"""Arrays of numbers in JSON, flat or nested."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic.json_schema import JsonSchemaValue

_MAX_DEPTH = 4


class ArrayError(ValueError):
    """The lists are not the expected array of numbers; the message gives the place."""


def describe_array(*shape: int | None) -> JsonSchemaValue:
    """Return the JSON Schema of nested lists of grey values; None stands for any length but 0."""
    schema: JsonSchemaValue = {"type": "number", "minimum": 0, "maximum": 255}
    for length in reversed(shape):
        schema = {"type": "array", "items": schema, "minItems": length or 1}
        schema |= {} if length is None else {"maxItems": length}
    return schema


def parse_array(lists: list[Any], *, name: str) -> NDArray[np.float64]:
    """Return nested lists of numbers as an array; `name` stands for them in messages.

    Raises:
        ArrayError: something is not a number, or the lists differ in length.
    """
    values, shape = lists, [len(lists)]
    while values and isinstance(values[0], list):
        length = len(values[0])
        for index, each in enumerate(values):
            if not isinstance(each, list) or len(each) != length:
                place = _place(name, index, shape)
                raise ArrayError(f"{place}: expected a list of length {length}, like the first")
        values = list(chain.from_iterable(values))
        shape.append(length)
        if len(shape) > _MAX_DEPTH:
            raise ArrayError(f"{name}: the lists are nested more than {_MAX_DEPTH} times")
    if not set(map(type, values)) <= {int, float}:
        index = next(index for index, value in enumerate(values) if type(value) not in (int, float))
        raise ArrayError(f"{_place(name, index, shape)}: expected a number")
    try:
        return np.array(values, np.float64).reshape(shape)
    except OverflowError as error:
        raise ArrayError(f"{name}: a number is too large") from error


def as_grey(values: NDArray[Any], *, largest: float, name: str, whole: bool = False) -> NDArray[np.uint8]:
    """Return numbers from 0 to `largest`, all `whole` if asked, as whole numbers from 0 to 255.

    Raises:
        ArrayError: a number is out of range or not whole.
    """
    is_valid = (values >= 0) & (values <= largest)  # False for NaN
    if whole:
        is_valid &= values == np.floor(values)
    if not is_valid.all():
        kind = "whole number" if whole else "number"
        place = _place(name, int(np.argmin(is_valid)), values.shape)
        raise ArrayError(f"{place}: expected a {kind} from 0 to {largest:g}")
    return np.asarray(np.rint(values * (255 / largest)), np.uint8)


def _place(name: str, index: int, shape: Sequence[int]) -> str:
    """Return where the value of a flat index is, such as images.0.27.3."""
    return ".".join([name, *map(str, np.unravel_index(index, shape))])
