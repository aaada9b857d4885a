"""Recipes as JSON: read, write, validate, and change some values of a configuration.

A recipe file is a JSON object such as `{"learning_rate": 0.002, "line.epochs": 40}`; other values keep their
defaults.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from model_training.errors import RecipeError
from model_training.training.config import TrainingConfig

Values = dict[str, Any]

_GROUPS = ("augmentation", "line")


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


def recipe_of(training: Mapping[str, Any]) -> TrainingConfig:
    """Return the recipe in the entry `training` of a release.json; other values in it are ignored.

    Raises:
        RecipeError: a value is invalid, perhaps of another version of this project.
    """
    names = {field.name for field in dataclasses.fields(TrainingConfig)}
    known = {name: value for name, value in training.items() if name in names}
    try:
        return TypeAdapter(TrainingConfig).validate_json(json.dumps(known), strict=True)
    except ValidationError as error:
        raise RecipeError(f"the recipe of the release is invalid: {error.errors()[0]['msg']}") from error


def values_of(config: TrainingConfig) -> Values:
    """Return all values by name, those of a group as `augmentation.rotation`."""
    values = config.as_dict()
    groups = {group: values.pop(group) or {} for group in _GROUPS}  # there may be no line reader
    return values | {f"{group}.{name}": value for group in _GROUPS for name, value in groups[group].items()}


def with_values(config: TrainingConfig, values: Mapping[str, Any]) -> TrainingConfig:
    """Return `config` with some values changed.

    Raises:
        RecipeError: an unknown name or an invalid value.
    """
    known = values_of(config)
    unknown = [name for name in values if name not in known]
    if unknown:
        raise RecipeError(f"unknown recipe value {unknown[0]!r}; known are {', '.join(known)}")
    nested: Values = {"augmentation": {}, "line": {} if config.line else None}
    for path, value in (known | dict(values)).items():
        group, _, name = path.rpartition(".")
        (nested[group] if group else nested)[name] = value
    try:
        # From JSON, because strict validation of Python values accepts no dict for a dataclass.
        return TypeAdapter(TrainingConfig).validate_json(json.dumps(nested), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise RecipeError(f"{name} is {first['input']!r}: {first['msg'].lower()}") from error
