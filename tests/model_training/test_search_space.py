"""Search spaces and recipes: reading, validation and drawing."""

import json
from pathlib import Path

import pytest

from model_training.errors import RecipeError
from model_training.search.results import TrialResult, rank
from model_training.search.space import DEFAULT_SPACE, QUICK_SPACE, draw_recipes, read_space
from model_training.training.batches import count_sources
from model_training.training.config import QUICK, TrainingConfig
from model_training.training.recipe import read_values, values_of, with_values, write_recipe

pytestmark = pytest.mark.slow

_BAD_SPACES = {
    "": r"space\.json cannot be read",
    "[1]": "no JSON object",
    "{": "is not JSON",
    "{}": "names no value",
    '{"rate": {"uniform": [0, 1]}}': "unknown recipe value 'rate'; known are architecture",
    '{"width": {"normal": [0, 1]}}': "width must have one of uniform, loguniform, choice",
    '{"width": [0.5, 1]}': "width must have one of",
    '{"width": {"uniform": [2, 1]}}': "the lower first, not \\[2, 1\\]",
    '{"width": {"uniform": [0.5, "1"]}}': "takes two numbers",
    '{"width": {"choice": []}}': "takes a list of values",
    '{"learning_rate": {"loguniform": [0, 1]}}': "numbers above 0",
    '{"drawn_share": {"uniform": [0, 1.5]}}': "drawn_share is 1.5: .*less than or equal to 1",
    '{"drawn_share": {"uniform": [0.2, 0.7]}}': "drawn_share 0.7.* leave no room for MNIST",
    '{"architecture": {"choice": ["residual", "deep"]}}': "architecture is 'deep': .*'classic' or 'residual'",
    '{"batch_size": {"uniform": [32, 64]}}': "batch_size is a whole number; use a choice",
    '{"augmentation.rotation": {"uniform": [-5, 5]}}': "rotation is -5: .*greater than or equal to 0",
    '{"weight_decay": {"choice": [Infinity]}}': "weight_decay is inf: .*finite number",
    '{"width": {"choice": [true]}}': "width is True",
    '{"seed": {"choice": [0, 1]}}': "seed must be the same for all trials",
    '{"epochs": {"choice": [2, 4]}}': "epochs must be the same",
}


@pytest.mark.parametrize(("text", "message"), _BAD_SPACES.items())
def test_an_invalid_space_is_refused(text: str, message: str, tmp_path: Path) -> None:
    """A missing space, an unreadable one, or one with invalid recipes is an error before any training."""
    if text:
        (tmp_path / "space.json").write_text(text)
    with pytest.raises(RecipeError, match=message):
        read_space(tmp_path / "space.json", TrainingConfig(batch_size=128, cluttered_share=0.08))


@pytest.mark.parametrize(("path", "config"), [(DEFAULT_SPACE, TrainingConfig()), (QUICK_SPACE, QUICK)])
def test_recipes_are_drawn_within_the_space(path: Path, config: TrainingConfig) -> None:
    """The first recipe is unchanged; the others differ, are within the limits, and can be trained."""
    space = read_space(path, config)
    first, *others = draw_recipes(config, space, trials=50)
    assert with_values(config, first) == config
    for values in others:
        count_sources(with_values(config, values))
        for name, domain in space.items():
            if domain.kind == "choice":
                assert values[name] in domain.limits
            else:
                assert domain.limits[0] <= values[name] <= domain.limits[1]
    assert len({json.dumps(values) for values in others}) == 49
    assert draw_recipes(config, space, trials=50) == [first, *others]


def test_a_recipe_survives_its_file(tmp_path: Path) -> None:
    """A written recipe is read with the same values; a file may also name only a few."""
    values = {"augmentation.rotation": 7.5, "learning_rate": 0.002, "width": 2, "line.epochs": 9}
    config = with_values(TrainingConfig(), values)
    write_recipe(tmp_path / "recipe.json", config)
    assert with_values(TrainingConfig(), read_values(tmp_path / "recipe.json")) == config
    (tmp_path / "few.json").write_text('{"learning_rate": 0.004}')
    changed = values_of(with_values(QUICK, read_values(tmp_path / "few.json")))
    assert changed == values_of(QUICK) | {"learning_rate": 0.004}


def test_finished_trials_come_before_stopped_ones() -> None:
    """A stopped trial ranks below a finished one, even with a better accuracy."""
    results = [
        TrialResult(0, {}, "failed", epochs=1, accuracy=0.9, seconds=2.0),
        TrialResult(1, {}, "stopped", epochs=1, accuracy=0.95, seconds=2.0),
        TrialResult(2, {}, "finished", epochs=3, accuracy=0.91, seconds=6.0),
        TrialResult(3, {}, "finished", epochs=3, accuracy=0.93, seconds=6.0),
        TrialResult(4, {}, "stopped", epochs=2, accuracy=0.9, seconds=4.0),
    ]
    assert [result.number for result in rank(results)] == [3, 2, 4, 1, 0]
