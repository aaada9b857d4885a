"""`study`: train one recipe with several seeds, or search for a better recipe."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from model_training.commands.options import (
    RESUME,
    add_recipe,
    load_data,
    make_config,
    output_folder,
    positive,
)

_DEFAULT_SPACE = Path()  # stands for the search space in this package
_report = partial(print, flush=True)


def add_command(commands: "argparse._SubParsersAction[Any]") -> None:
    study = commands.add_parser(
        "study",
        help="train one recipe with several seeds, or search for a better recipe",
        description="Train one recipe with the seeds 0, 1, 2, ... and write a release folder for each, and "
        "study.json with mean, standard deviation and worst value of every score. With --search, train "
        "other recipes instead, stop the worse ones early by their validation accuracy, and write a table, "
        "a plot, and best.json for --recipe. After an interruption, the same command resumes.",
    )
    add_recipe(study, output="studies/<architecture> or studies/quick; with --search, in searches/")
    mode = study.add_mutually_exclusive_group()
    mode.add_argument("--seeds", type=positive, default=5, metavar="N", help="number of seeds (default: 5)")
    mode.add_argument(
        "--search",
        type=Path,
        nargs="?",
        const=_DEFAULT_SPACE,
        metavar="SPACE",
        help="search the space in a JSON file (default: model_training/search/space.json); needs Ray",
    )
    study.add_argument(
        "--trials", type=positive, default=20, metavar="N", help="recipes for --search (default: 20)"
    )
    study.add_argument(
        "--ray",
        nargs="?",
        const="local",
        metavar="ADDRESS",
        help="run in parallel on the Ray cluster at ADDRESS, or on this machine without ADDRESS; all "
        "machines must share --output",
    )
    study.add_argument(
        "--cpus-per-trial",
        type=positive,
        default=1,
        metavar="N",
        help="cores for each parallel run, which also needs about 2 GB of memory (default: 1)",
    )
    study.set_defaults(run=_run, interrupted=RESUME)


def _run(options: argparse.Namespace) -> None:
    if options.search:
        _search(options)
    else:
        _study_seeds(options)


def _study_seeds(options: argparse.Namespace) -> None:
    # Imported here, because TensorFlow would delay --help.
    from model_training.search.cluster import connect
    from model_training.training.study import study

    config = make_config(options)
    mnist, pen_digits = load_data(options, config)
    output = output_folder(options, "studies")
    if options.ray:
        with connect(options.ray):
            from model_training.search.search import train_seeds

            train_seeds(
                config,
                mnist,
                pen_digits=pen_digits,
                output=output,
                seeds=options.seeds,
                cpus=options.cpus_per_trial,
                report=_report,
            )
    summaries = study(config, mnist, pen_digits=pen_digits, output=output, seeds=options.seeds)
    print(f"\n{config.architecture}, {options.seeds} seeds, in percent: mean, deviation, worst")
    for summary in summaries:
        numbers = (100 * summary.mean, 100 * summary.deviation, 100 * summary.worst)
        print(f"{summary.dataset:18s}{summary.metric:28s}" + "".join(f"{n:9.3f}" for n in numbers))
    print(f"\nreleases and study.json in {output}")


def _search(options: argparse.Namespace) -> None:
    from model_training.search.cluster import LOCAL, connect
    from model_training.search.results import BEST_FILE, write_results
    from model_training.search.space import DEFAULT_SPACE, QUICK_SPACE, read_space

    config = make_config(options)
    default = QUICK_SPACE if options.quick else DEFAULT_SPACE
    space = read_space(default if options.search == _DEFAULT_SPACE else options.search, config)
    output = output_folder(options, "searches")
    mnist, pen_digits = load_data(options, config)
    with connect(options.ray or LOCAL):
        from model_training.search.search import search

        results = search(
            config,
            mnist.train,
            pen_digits=pen_digits,
            space=space,
            trials=options.trials,
            output=output,
            cpus=options.cpus_per_trial,
            report=_report,
        )
    print("\n" + write_results(output, results, config=config, space=space))
    print(f"\ntrials.json, trials.md and trials.png in {output}; to train the best with several seeds:")
    print(f"python -m model_training study --recipe {output / BEST_FILE}")
