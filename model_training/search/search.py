"""The search for a better recipe: many trials, most of them stopped early, decided by validation alone."""

import json
from pathlib import Path
from typing import Any

from ray import tune

from model_training.data.mnist import Digits
from model_training.search.cluster import ClusterError, last_line
from model_training.search.run import Say, run_trials
from model_training.search.scheduler import Halving
from model_training.search.space import Space, draw_recipes
from model_training.search.trial import checkpoints_of, try_recipe
from model_training.search.tried import Tried, judge
from model_training.training.checkpoint import identify, read_history
from model_training.training.config import TrainingConfig
from model_training.training.recipe import with_values
from model_training.training.study import StudyMismatchError

_RAY_FOLDER = "ray"
_IDENTITY_FILE = "begun.json"


def search(
    config: TrainingConfig, digits: Digits, *, space: Space, trials: int, output: Path, cpus: int, say: Say
) -> list[Tried]:
    """Trains `trials` recipes of the space on MNIST's training `digits`, some of which are held out.

    Called again after a kill, it goes on: with finished and stopped trials as they are, with the others from
    their last finished epochs.

    Returns:
        What came of each trial, by its number; the first is `config` as it is.

    Raises:
        StudyMismatchError: `output` holds a search of other recipes or digits.
        ClusterError: all trials failed, or fit no machine.
    """
    output = output.resolve()  # the processes of a cluster have working folders of their own
    changes = draw_recipes(config, space, trials=trials)
    recipes = [with_values(config, values) for values in changes]
    _claim(output, identify(config, digits) | {"trials": changes})
    run = tune.with_parameters(try_recipe, recipes=recipes, digits=digits, output=output, cpus=cpus)
    errors = run_trials(
        run,
        range(trials),
        folder=output / _RAY_FOLDER,
        cpus=cpus,
        say=say,
        scheduler=Halving(output, epochs=config.epochs),
    )
    for number, error in errors.items():
        if error is not None:
            say(f"{number:3d}  failed for good: {last_line(error)}")
    if all(errors.values()):
        raise ClusterError("all trials failed")
    return [
        judge(
            number,
            values,
            read_history(checkpoints_of(output, number)),
            epochs=config.epochs,
            failed=errors[number] is not None,
        )
        for number, values in enumerate(changes)
    ]


def _claim(output: Path, identity: dict[str, Any]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    file = output / _IDENTITY_FILE
    if not file.exists():
        file.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")
    elif json.loads(file.read_text(encoding="utf-8")) != identity:
        raise StudyMismatchError(
            f"{output} holds a search of other recipes; delete it or choose another --output"
        )
