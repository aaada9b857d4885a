"""The command line: `python -m model_training train | evaluate | study | publish`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

_DATA_HELP = "mnist.npz (default: fetched, then cached)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    # TensorFlow tells of its CPU kernels at length; its errors still come through.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    exit_code: int = options.run(options)
    return exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model_training", description="Trains the handwritten digit reader."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = commands.add_parser(
        "train",
        help="train a network on MNIST and write a release folder",
        description="Trains a network on MNIST and writes a release folder: model.keras, reader.tflite, "
        "release.json, a model card and figures. Stopped at any moment and started again with the same "
        "command, it goes on from its last finished epoch.",
    )
    _add_recipe(train, output="releases/<architecture>, or releases/quick")
    train.add_argument("--seed", type=int, metavar="N", help="of everything random (default: 0)")
    train.set_defaults(run=_train)
    evaluate = commands.add_parser(
        "evaluate",
        help="measure a release: accuracy, calibration, robustness, drawn cases, speed",
        description="Measures a release through the reader that is served: MNIST's test digits, calibration, "
        "non-digits, 15 corruptions at 5 strengths, drawn cases, milliseconds and size. Prints all, and "
        "writes evaluation.json and figures.",
    )
    evaluate.add_argument("release", type=Path, metavar="RELEASE", help="the release folder")
    evaluate.add_argument(
        "--cases", type=Path, metavar="FILE", help="npz file of drawn cases (see evaluation/cases.py)"
    )
    evaluate.add_argument(
        "--output", type=Path, metavar="FOLDER", help="for the report (default: evaluations/<name>)"
    )
    evaluate.add_argument("--data", type=Path, metavar="FILE", help=_DATA_HELP)
    evaluate.set_defaults(run=_evaluate)
    study = commands.add_parser(
        "study",
        help="train one recipe with several seeds and tell mean, deviation and worst",
        description="Trains one recipe with the seeds 0, 1, 2, ... and writes a release folder for each, and "
        "study.json with mean, standard deviation and worst of every score. Started again with the same "
        "command, it goes on where it was.",
    )
    _add_recipe(study, output="studies/<architecture>, or studies/quick")
    study.add_argument("--seeds", type=_positive, default=5, metavar="N", help="how many (default: 5)")
    study.set_defaults(run=_study)
    _add_publish(commands)
    return parser


def _add_recipe(command: argparse.ArgumentParser, *, output: str) -> None:
    command.add_argument(
        "--output", type=Path, metavar="FOLDER", help=f"where everything goes (default: {output})"
    )
    command.add_argument("--data", type=Path, metavar="FILE", help=_DATA_HELP)
    command.add_argument(
        "--architecture", choices=["classic", "residual"], help="the network (default: residual)"
    )
    command.add_argument(
        "--quick",
        action="store_true",
        help="4 short epochs of MNIST alone: about a minute on 2 cores, 99.0 %% and more",
    )
    command.add_argument("--epochs", type=_positive, metavar="N", help="passes over the digits (default: 20)")
    command.add_argument(
        "--precision",
        choices=["float32", "bfloat16"],
        help="of the arithmetic while training (default: bfloat16, faster on recent CPUs)",
    )


def _add_publish(commands: "argparse._SubParsersAction[Any]") -> None:
    publish = commands.add_parser(
        "publish",
        help="put a release into a model repo on the Hugging Face Hub",
        description="Puts a release into a model repo in one commit, with the token of `hf auth login` or of "
        "HF_TOKEN. Checks first, and changes nothing when a check fails: files, reader, card, token, and "
        "whether the repo holds a better release.",
    )
    publish.add_argument("release", type=Path, metavar="RELEASE", help="the release folder")
    publish.add_argument("--repo", required=True, metavar="USER/NAME", help="the repo, made if need be")
    publish.add_argument("--private", action="store_true", help="make a new repo private")
    place = publish.add_mutually_exclusive_group()
    place.add_argument("--pull-request", action="store_true", help="propose it, and leave main as it is")
    place.add_argument("--tag", metavar="NAME", help="of the commit, such as v1.2.0")
    publish.add_argument("--evaluation", type=Path, metavar="FILE", help="evaluation.json with drawn cases")
    publish.add_argument("--allow-regression", action="store_true", help="even if what is there is better")
    publish.add_argument("--dry-run", action="store_true", help="only check, and list what would be done")
    publish.set_defaults(run=_publish)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


def _train(options: argparse.Namespace) -> int:
    # Here, so that --help answers at once, without TensorFlow.
    from model_training.data.mnist import load_mnist
    from model_training.training.config import configure
    from model_training.training.train import train

    config = configure(seed=options.seed, **_recipe(options))
    output = _output(options, "releases")

    def run() -> None:
        if output.exists():
            raise FileExistsError(f"{output} exists; delete it to train again, or choose another --output")
        _print_summary(train(config, load_mnist(options.data), output=output), output)

    return _report_errors(run)


def _evaluate(options: argparse.Namespace) -> int:
    from model_training.data.mnist import load_mnist
    from model_training.evaluation.cases import load_cases
    from model_training.evaluation.report import evaluate_release
    from model_training.evaluation.report_text import write_report

    output = options.output or Path("evaluations") / options.release.resolve().name

    def run() -> None:
        cases = load_cases(options.cases) if options.cases else None
        test = load_mnist(options.data).test
        print(write_report(evaluate_release(options.release, test, cases=cases, output=output)))
        print(f"\nevaluation.json and figures in {output}")

    return _report_errors(run)


def _study(options: argparse.Namespace) -> int:
    from model_training.data.mnist import load_mnist
    from model_training.training.config import configure
    from model_training.training.study import study

    config = configure(**_recipe(options))
    output = _output(options, "studies")

    def run() -> None:
        summaries = study(config, load_mnist(options.data), output=output, seeds=options.seeds)
        print(f"\n{config.architecture}, {options.seeds} seeds, in percent: mean, deviation, worst")
        for summary in summaries:
            numbers = (100 * summary.mean, 100 * summary.deviation, 100 * summary.worst)
            print(f"{summary.dataset:18s}{summary.metric:28s}" + "".join(f"{n:9.3f}" for n in numbers))
        print(f"\nreleases and study.json in {output}")

    return _report_errors(run)


def _publish(options: argparse.Namespace) -> int:
    from model_training.release.publishing.errors import PublishError
    from model_training.release.publishing.plan import Target
    from model_training.release.publishing.publish import publish

    given = {name: getattr(options, name) for name in ("private", "pull_request", "tag", "allow_regression")}
    try:
        published = publish(
            options.release,
            Target(options.repo, **given),
            evaluation=options.evaluation,
            dry_run=options.dry_run,
            say=partial(print, flush=True),
        )
    except (PublishError, FileNotFoundError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("stopped; the repo holds the old release or the new one, never a mixture")
    print(f"\n{published.url}\ncommit {published.commit}" if published else "\ndry run: nothing was changed")
    return 0


def _recipe(options: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in ("quick", "architecture", "epochs", "precision")}


def _output(options: argparse.Namespace, folder: str) -> Path:
    return options.output or Path(folder) / ("quick" if options.quick else options.architecture or "residual")


def _report_errors(run: Callable[[], None]) -> int:
    """Runs a command; turns what a user can mend into one sentence, and gives the exit code."""
    from model_training.data.mnist import NotMnistError
    from model_training.evaluation.cases import NotCasesError
    from model_training.release.reader_export import ReaderDisagreesError
    from model_training.training.checkpoint import CheckpointMismatchError
    from model_training.training.study import StudyMismatchError

    try:
        run()
    except (
        NotMnistError,
        NotCasesError,
        CheckpointMismatchError,
        StudyMismatchError,
        ReaderDisagreesError,
        OSError,
    ) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("stopped; the same command goes on from the last finished epoch")
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def _print_summary(description: dict[str, Any], output: Path) -> None:
    from model_training.evaluation.report_text import recall_table, score_line

    training = description["training"]
    test = {m["metric"]: m["value"] for m in description["metrics"] if m["dataset"] == "MNIST test"}
    size = next(m["size"] for m in description["metrics"] if m["dataset"] == "MNIST test")
    reader_bytes = description["files"]["reader.tflite"]["size"]
    print(
        f"\n{description['name']}: {training['parameters']:,} parameters, {training['epochs']} epochs of "
        f"{training['epoch_seconds']:.0f} s, seed {training['seed']}\n",
        score_line("MNIST test", test | {"size": size}) + "\n",
        *recall_table(test),
        f"\nreader.tflite: {reader_bytes / 1e6:.2f} MB; release and figures in {output}",
        sep="\n",
    )


if __name__ == "__main__":
    sys.exit(main())
