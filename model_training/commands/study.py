"""`study`: one recipe with several seeds, or the search for a better recipe."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from model_training.commands.errors import report_errors
from model_training.commands.numbers import positive
from model_training.commands.recipe import add_recipe, configured, output_folder

_DEFAULT_TRIALS = 20
_DEFAULT_SPACE = Path()  # stands for the one that comes with the program
_say = partial(print, flush=True)


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command."""
    study = commands.add_parser(
        "study",
        help="train one recipe with several seeds and tell mean, deviation and worst, or search for a better",
        description="Trains one recipe with the seeds 0, 1, 2, ... and writes a release folder for each, and "
        "study.json with mean, standard deviation and worst of every score. With --search it tries other "
        "recipes instead, stops those early that do no better than others on validation digits, and writes a "
        "table, a plot, and best.json for --recipe. Started again with the same command, it goes on where it "
        "was.",
    )
    add_recipe(study, output="studies/<architecture> or studies/quick; with --search, in searches/")
    what = study.add_mutually_exclusive_group()
    what.add_argument("--seeds", type=positive, default=5, metavar="N", help="how many (default: 5)")
    what.add_argument(
        "--search",
        type=Path,
        nargs="?",
        const=_DEFAULT_SPACE,
        metavar="SPACE",
        help="try recipes from a JSON file such as model_training/search/space.json (which is the default); "
        "needs Ray",
    )
    study.add_argument(
        "--trials",
        type=positive,
        default=_DEFAULT_TRIALS,
        metavar="N",
        help=f"recipes that --search tries (default: {_DEFAULT_TRIALS})",
    )
    study.add_argument(
        "--ray",
        nargs="?",
        const="local",
        metavar="ADDRESS",
        help="run side by side on the Ray cluster at ADDRESS, or on this machine without one; all machines "
        "must see --output",
    )
    study.add_argument(
        "--cpus-per-trial",
        type=positive,
        default=1,
        metavar="N",
        help="cores for each of what runs side by side, beside about 2 GB of memory (default: 1)",
    )
    study.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    return report_errors(partial(_search if options.search else _study_seeds, options))


def _study_seeds(options: argparse.Namespace) -> None:
    # Here, so that --help answers at once, without TensorFlow.
    from model_training.data.mnist import load_mnist
    from model_training.search.cluster import connected
    from model_training.training.study import study

    config, mnist = configured(options), load_mnist(options.data)
    output = output_folder(options, "studies")
    if options.ray:
        with connected(options.ray):
            from model_training.search.seeds import train_seeds

            train_seeds(
                config, mnist, output=output, seeds=options.seeds, cpus=options.cpus_per_trial, say=_say
            )
    summaries = study(config, mnist, output=output, seeds=options.seeds)
    print(f"\n{config.architecture}, {options.seeds} seeds, in percent: mean, deviation, worst")
    for summary in summaries:
        numbers = (100 * summary.mean, 100 * summary.deviation, 100 * summary.worst)
        print(f"{summary.dataset:18s}{summary.metric:28s}" + "".join(f"{n:9.3f}" for n in numbers))
    print(f"\nreleases and study.json in {output}")


def _search(options: argparse.Namespace) -> None:
    from model_training.data.mnist import load_mnist
    from model_training.search.cluster import LOCAL, connected
    from model_training.search.report import BEST_FILE, write_trials
    from model_training.search.space import DEFAULT_SPACE, QUICK_SPACE, read_space
    from model_training.search.tried import rank

    config = configured(options)
    default = QUICK_SPACE if options.quick else DEFAULT_SPACE
    space = read_space(default if options.search == _DEFAULT_SPACE else options.search, config)
    output = output_folder(options, "searches")
    with connected(options.ray or LOCAL):
        from model_training.search.search import search

        found = search(
            config,
            load_mnist(options.data).train,
            space=space,
            trials=options.trials,
            output=output,
            cpus=options.cpus_per_trial,
            say=_say,
        )
    print("\n" + write_trials(output, rank(found), config=config, space=space))
    print(f"\ntrials.json, trials.md and trials.png in {output}; what the best is worth with other seeds:")
    print(f"python -m model_training study --recipe {output / BEST_FILE}")
