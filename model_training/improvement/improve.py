"""The loop, from a released model and its corrections to the next release on the Hub."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model_training.data.labelled_pictures import load_labelled_pictures
from model_training.data.mnist import Mnist, split_validation
from model_training.data.pen_digits import PenDigit
from model_training.errors import PublishError
from model_training.evaluation.cases import Cases
from model_training.improvement.repos import fetch_release, read_decisions
from model_training.improvement.review import Review, review
from model_training.release.publishing.plan import Target
from model_training.release.publishing.publish import Published, Report, publish
from model_training.release.release_folder import READER_FILE, check_digits, read_description
from model_training.training.finetune import finetune
from model_training.training.finetune_config import FinetuneConfig
from model_training.training.gate import Gate
from model_training.training.recipe import recipe_of

_CONFIG = FinetuneConfig()
_TAG = "corrections-"  # and the beginning of the corrections' sha256


@dataclass(frozen=True)
class Replay:
    """The data that the release was trained on, and drawn cases that are only compared."""

    mnist: Mnist
    pen_digits: Sequence[PenDigit] = ()
    cases: Cases | None = None


def improve(
    release: str,
    corrections: str,
    replay: Replay,
    *,
    output: Path,
    report: Report,
    on_gate: Callable[[Gate], None] = lambda _: None,
    config: FinetuneConfig = _CONFIG,
) -> Published | None:
    """Fine-tune a release with new corrections, and publish the result if the gate lets it pass.

    Called again after a kill, it resumes; what was fine-tuned but not published is published.

    Args:
        release: a model repo, `user/name`.
        corrections: a data set on the Hub, `user/data` or `user/data@branch`.
        replay: data that are learnt from again, and cases.
        output: folder for the new releases, one for each release and state of its corrections.
        report: gets a line of text for each step.
        on_gate: gets the comparison of old and new network.
        config: of the fine-tuning.

    Returns:
        The location of the new release; None if there are no new corrections.

    Raises:
        GateRefusedError: the new network is not better, or worse somewhere; the repo is not changed.
        ModelTrainingError: data, release or Hub fail; the message gives the reason.
    """
    folder = fetch_release(release)
    description = read_description(folder)
    source = f"hf://datasets/{corrections}"
    found = review_source(source, folder, replay.mnist)
    report(found.describe())
    if found.doubts:
        report(f"to decide: python -m model_training corrections review {source} --release {release}")
    sha256 = found.accepted.sha256
    if not len(found.accepted) or sha256 in {each.get("sha256") for each in description.get("data", [])}:
        report(f"{release} has learnt from all accepted corrections already")
        return None
    base = description["files"][READER_FILE]["sha256"]
    finetuned = output / f"{base[:6]}-{sha256[:12]}"
    if not finetuned.exists():
        finetune(
            folder,
            found.accepted,
            mnist=replay.mnist,
            pen_digits=replay.pen_digits,
            cases=replay.cases,
            output=finetuned,
            config=config,
            on_gate=on_gate,
        )
    if fetch_release(release) != folder:
        raise PublishError(f"{release} has a new release since the start; run the command again")
    # The gate has compared the networks on the same images, more closely than `publish` compares scores.
    target = Target(release, tag=_TAG + sha256[:12], allow_regression=True)
    return publish(finetuned, target, report=report)


def review_source(source: str, release: Path, mnist: Mnist) -> Review:
    """Review the corrections of a folder or data set with the decisions that it holds.

    Raises:
        DatasetError: the corrections or decisions can't be read.
        ReleaseError: the release reads other signs than the digits 0 to 9.
    """
    description = read_description(release)
    check_digits(description, release)
    pictures = load_labelled_pictures(source)
    recipe = recipe_of(description["training"])
    _, validation = split_validation(mnist.train, recipe.validation_size)
    return review(pictures, release, known=validation, decisions=read_decisions(source))
