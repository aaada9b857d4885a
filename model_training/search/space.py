"""Which values of a recipe a search may change, and how far: a JSON file, checked as it is read.

It names values as a recipe file does, each with what it is drawn from: `{"uniform": [low, high]}`,
`{"loguniform": [low, high]}` or `{"choice": [one, another]}`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from model_training.training.config import TrainingConfig
from model_training.training.recipe import RecipeError, Values, read_object, values_of, with_values
from model_training.training.sources import count_each

DEFAULT_SPACE = Path(__file__).with_name("space.json")
QUICK_SPACE = Path(__file__).with_name("quick_space.json")

Kind = Literal["uniform", "loguniform", "choice"]

# With other digits to decide by, or for another time, trials do not compare.
_THE_SAME_FOR_ALL = ("seed", "validation_size", "epochs")


@dataclass(frozen=True)
class Domain:
    """What one value is drawn from: evenly, evenly by its logarithm, or one of a few."""

    kind: Kind
    limits: list[Any]

    def draw(self, generator: np.random.Generator) -> Any:
        """One value, as JSON has it."""
        if self.kind == "choice":
            return self.limits[int(generator.integers(len(self.limits)))]
        if self.kind == "uniform":
            return float(generator.uniform(*self.limits))
        return float(np.exp(generator.uniform(*np.log(self.limits))))


Space = dict[str, Domain]


def read_space(path: Path, config: TrainingConfig) -> Space:
    """The search space in a file, for trials that are otherwise as `config` has it.

    Raises:
        RecipeError: it cannot be read, or some of its recipes could not be trained.
    """
    space = {name: _domain(name, given) for name, given in read_object(path).items()}
    if not space:
        raise RecipeError(f"{path} names nothing to search")
    for name, domain in space.items():
        if name in _THE_SAME_FOR_ALL:
            raise RecipeError(f"{name} must be the same for all trials; take it out of {path}")
        for limit in domain.limits:
            with_values(config, {name: limit})
        if domain.kind != "choice" and isinstance(values_of(config)[name], int):
            raise RecipeError(f"{name} is a whole number; give a choice of some")
    try:
        shares = {name: max(domain.limits) for name, domain in space.items() if name.endswith("_share")}
        count_each(with_values(config, shares))
    except ValueError as error:
        raise RecipeError(f"the largest shares of {path} are too large: {error}") from error
    return space


def draw_recipes(config: TrainingConfig, space: Space, *, trials: int) -> list[Values]:
    """The changes that each trial makes: none in the first, so that there is something to be better than.

    They depend on nothing but the arguments, so that a search that is begun again draws the same.
    """
    present = values_of(config)
    generator = np.random.default_rng(config.seed)
    drawn = [{name: domain.draw(generator) for name, domain in space.items()} for _ in range(trials - 1)]
    return [{name: present[name] for name in space}, *drawn]


def _domain(name: str, given: Any) -> Domain:
    kinds = get_args(Kind)
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in kinds:
        raise RecipeError(f'{name} must be drawn by one of {", ".join(kinds)}, such as {{"uniform": [0, 1]}}')
    kind, limits = next(iter(given.items()))
    if not isinstance(limits, list) or not limits:
        raise RecipeError(f"{name}: {kind} takes a list of values, not {limits!r}")
    if kind != "choice":
        _check_limits(name, kind, limits)
    return Domain(kind, limits)


def _check_limits(name: str, kind: Kind, limits: list[Any]) -> None:
    numbers = all(isinstance(limit, int | float) and not isinstance(limit, bool) for limit in limits)
    if not numbers or len(limits) != 2 or not limits[0] < limits[1]:
        raise RecipeError(f"{name}: {kind} takes two numbers, the lower first, not {limits!r}")
    if kind == "loguniform" and limits[0] <= 0:
        raise RecipeError(f"{name}: loguniform takes numbers above 0, not {limits!r}")
