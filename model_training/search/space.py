"""Search spaces: JSON files with a distribution for some values of a recipe, validated when read.

A file maps the names of a recipe file to `{"uniform": [low, high]}`, `{"loguniform": [low, high]}` or
`{"choice": [value, value]}`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_training.errors import RecipeError
from model_training.training.batches import count_sources
from model_training.training.config import TrainingConfig
from model_training.training.recipe import Values, read_values, values_of, with_values

DEFAULT_SPACE = Path(__file__).with_name("space.json")
QUICK_SPACE = Path(__file__).with_name("quick_space.json")
_KINDS = ("uniform", "loguniform", "choice")
# Trials with other validation digits or another number of epochs cannot be compared.
_SAME_FOR_ALL = ("seed", "validation_size", "epochs")


@dataclass(frozen=True)
class Domain:
    """The distribution of one value."""

    kind: str  # a name in _KINDS
    limits: list[Any]  # the values of a choice, or the lowest and the highest value

    def draw(self, generator: np.random.Generator) -> Any:
        """Draw a JSON value."""
        if self.kind == "choice":
            return self.limits[int(generator.integers(len(self.limits)))]
        if self.kind == "uniform":
            return float(generator.uniform(*self.limits))
        return float(np.exp(generator.uniform(*np.log(self.limits))))


Space = dict[str, Domain]


def read_space(path: Path, config: TrainingConfig) -> Space:
    """Read a search space; other values are those of `config`.

    Raises:
        RecipeError: the file cannot be read, or contains invalid recipes.
    """
    space = {name: _domain(name, given) for name, given in read_values(path).items()}
    if not space:
        raise RecipeError(f"{path} names no value to search")
    for name, domain in space.items():
        if name in _SAME_FOR_ALL:
            raise RecipeError(f"{name} must be the same for all trials; remove it from {path}")
        for limit in domain.limits:
            with_values(config, {name: limit})
        if domain.kind != "choice" and isinstance(values_of(config)[name], int):
            raise RecipeError(f"{name} is a whole number; use a choice")
    shares = {name: max(domain.limits) for name, domain in space.items() if name.endswith("_share")}
    try:
        count_sources(with_values(config, shares))
    except ValueError as error:
        raise RecipeError(f"the largest shares of {path} are too large: {error}") from error
    return space


def draw_recipes(config: TrainingConfig, space: Space, *, trials: int) -> list[Values]:
    """Draw the changed values of each trial; the first keeps those of `config`, for comparison.

    They depend on the arguments only, so that a restarted search draws the same.
    """
    present = values_of(config)
    generator = np.random.default_rng(config.seed)
    drawn = [{name: domain.draw(generator) for name, domain in space.items()} for _ in range(trials - 1)]
    return [{name: present[name] for name in space}, *drawn]


def _domain(name: str, given: Any) -> Domain:
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in _KINDS:
        raise RecipeError(f'{name} must have one of {", ".join(_KINDS)}, such as {{"uniform": [0, 1]}}')
    kind, limits = next(iter(given.items()))
    if not isinstance(limits, list) or not limits:
        raise RecipeError(f"{name}: {kind} takes a list of values, not {limits!r}")
    if kind != "choice":
        numbers = all(isinstance(limit, int | float) and not isinstance(limit, bool) for limit in limits)
        if not numbers or len(limits) != 2 or not limits[0] < limits[1]:
            raise RecipeError(f"{name}: {kind} takes two numbers, the lower first, not {limits!r}")
        if kind == "loguniform" and limits[0] <= 0:
            raise RecipeError(f"{name}: loguniform takes numbers above 0, not {limits!r}")
    return Domain(kind, limits)
