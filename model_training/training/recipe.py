"""A recipe by the names of its values: as a file, and with some of them changed.

A recipe file is a JSON object such as `{"learning_rate": 0.002, "augmentation.rotation": 8}`; what it does
not name stays as it is.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from model_training.training.config import Architecture, Precision, TrainingConfig

Values = dict[str, Any]

_INNER = "augmentation."
_WORDS = {"architecture": get_args(Architecture), "precision": get_args(Precision)}
_ABOVE_ZERO = {"width", "epochs", "batch_size", "learning_rate", "validation_size", "teaching_temperature"}
_BELOW_ONE = {"ema_momentum", "augmentation.scale"}


class RecipeError(ValueError):
    """What no recipe can be."""


def read_recipe(path: Path) -> Values:
    """The values that a recipe file names.

    Raises:
        RecipeError: there is no such file, or it is no recipe.
    """
    values = read_object(path)
    with_values(TrainingConfig(), values)
    return values


def write_recipe(path: Path, config: TrainingConfig) -> None:
    """Writes all values of `config` as a recipe file."""
    path.write_text(json.dumps(values_of(config), indent=2) + "\n", encoding="utf-8")


def read_object(path: Path) -> Values:
    """The JSON object in a file.

    Raises:
        RecipeError: there is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise RecipeError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise RecipeError(f"{path} holds no JSON object, such as {{...}}")
    return found


def values_of(config: TrainingConfig) -> Values:
    """All values by their names, those of the augmentation as `augmentation.rotation`."""
    values = config.as_dict()
    inner = values.pop("augmentation")
    del values["teachers"]  # files of their own, which no name in a recipe can stand for
    return values | {_INNER + name: value for name, value in inner.items()}


def with_values(config: TrainingConfig, values: Mapping[str, Any]) -> TrainingConfig:
    """`config` with some values changed.

    Raises:
        RecipeError: a name that no recipe has, or a value that cannot be.
    """
    known = values_of(config)
    for name, value in values.items():
        if name not in known:
            raise RecipeError(f"no recipe has a value {name!r}; there are {', '.join(known)}")
        _check(name, value, like=known[name])
    own = {name: value for name, value in values.items() if not name.startswith(_INNER)}
    inner = {name.removeprefix(_INNER): value for name, value in values.items() if name.startswith(_INNER)}
    return dataclasses.replace(config, augmentation=dataclasses.replace(config.augmentation, **inner), **own)


def _check(name: str, value: Any, *, like: Any) -> None:
    if name in _WORDS:
        fits, wanted = value in _WORDS[name], " or ".join(_WORDS[name])
    elif not _is_number(value, whole=isinstance(like, int)):
        fits, wanted = False, "a whole number" if isinstance(like, int) else "a number"
    elif name.endswith("_share") or name == "augmentation.cut":
        fits, wanted = 0 <= value <= 1, "0 to 1"
    elif name in _BELOW_ONE:
        fits, wanted = 0 <= value < 1, "0 or more, and below 1"
    elif name in _ABOVE_ZERO:
        fits, wanted = value > 0, "above 0"
    else:
        fits, wanted = value >= 0, "0 or more"
    if not fits:
        raise RecipeError(f"{name} must be {wanted}, not {value!r}")


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return math.isfinite(value)
