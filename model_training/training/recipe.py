"""Recipes as JSON: read, write, validate, and change some values of a configuration.

A recipe file is a JSON object such as `{"learning_rate": 0.002, "augmentation.rotation": 8}`; other values
keep their defaults.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from model_training.errors import RecipeError
from model_training.training.config import Architecture, Precision, TrainingConfig

Values = dict[str, Any]

_AUGMENTATION = "augmentation."
_NAMES = {"architecture": get_args(Architecture), "precision": get_args(Precision)}
_ABOVE_ZERO = {"width", "epochs", "batch_size", "learning_rate", "validation_size", "teaching_temperature"}
_BELOW_ONE = {"ema_momentum", "augmentation.scale"}


def read_values(path: Path) -> Values:
    """Read the JSON object of a recipe or search space, without validation.

    Raises:
        RecipeError: the file cannot be read or holds something else.
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


def write_recipe(path: Path, config: TrainingConfig) -> None:
    """Write all values of `config` as a recipe file."""
    path.write_text(json.dumps(values_of(config), indent=2) + "\n", encoding="utf-8")


def values_of(config: TrainingConfig) -> Values:
    """Return all values by name, those of the augmentation as `augmentation.rotation`, without teachers."""
    values = config.as_dict()
    augmentation = values.pop("augmentation")
    del values["teachers"]  # these are files, given by --teachers
    return values | {_AUGMENTATION + name: value for name, value in augmentation.items()}


def with_values(config: TrainingConfig, values: Mapping[str, Any]) -> TrainingConfig:
    """Return `config` with some values changed.

    Raises:
        RecipeError: an unknown name or an invalid value.
    """
    known = values_of(config)
    outer: Values = {}
    inner: Values = {}
    for name, value in values.items():
        if name not in known:
            raise RecipeError(f"unknown recipe value {name!r}; known are {', '.join(known)}")
        _check(name, value, like=known[name])
        (inner if name.startswith(_AUGMENTATION) else outer)[name.removeprefix(_AUGMENTATION)] = value
    return dataclasses.replace(
        config, augmentation=dataclasses.replace(config.augmentation, **inner), **outer
    )


def _check(name: str, value: Any, *, like: Any) -> None:
    if name in _NAMES:
        valid, accepted = value in _NAMES[name], " or ".join(_NAMES[name])
    elif not _is_number(value, whole=isinstance(like, int)):
        valid, accepted = False, "a whole number" if isinstance(like, int) else "a number"
    elif name.endswith("_share") or name == "augmentation.cut":
        valid, accepted = 0 <= value <= 1, "0 to 1"
    elif name in _BELOW_ONE:
        valid, accepted = 0 <= value < 1, "0 or more, and below 1"
    elif name in _ABOVE_ZERO:
        valid, accepted = value > 0, "above 0"
    else:
        valid, accepted = value >= 0, "0 or more"
    if not valid:
        raise RecipeError(f"{name} must be {accepted}, not {value!r}")


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return math.isfinite(value)
