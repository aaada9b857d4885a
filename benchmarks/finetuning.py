"""`python -m benchmarks.finetuning RELEASE CASES`: errors before and after fine-tuning on 40 corrections.

RELEASE has a model.keras. CASES, an npz file as for `model_training evaluate --cases`, is measured only.
Each style of finetuning_styles.json is in no training data. Of its drawings that RELEASE misreads, 40 are the
corrections, by 40 hands; errors are counted among 2,000 others. Prints Markdown. Where the gate refuses the
new network, its reason is printed, and the errors stay those of the old one.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import describe_machine, table
from model_training.data.handwriting import write
from model_training.data.ink import normalise_ink
from model_training.data.labelled_pictures import LabelledPictures
from model_training.data.mnist import Digits, Mnist, load_mnist
from model_training.data.pen_digits import PenDigit, load_pen_digits
from model_training.data.templates import Template, make_stroke
from model_training.errors import GateRefusedError
from model_training.evaluation.cases import load_cases

_STYLES = Path(__file__).with_name("finetuning_styles.json")
_FRESH = 2000
_CORRECTION_SEED, _FRESH_SEED = 7, 99
_GROUP = "pen digits"


@dataclass(frozen=True)
class Test:
    """What is measured before and after, beside the style."""

    mnist: Mnist
    pen_digits: tuple[PenDigit, ...]
    pen_cases: Digits


def main() -> int:
    """Print a row for each style."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finetuning", description=__doc__)
    parser.add_argument("release", type=Path)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--mnist", type=Path, help="mnist.npz (default: download once)")
    parser.add_argument("--writers", type=Path, help="qmnist-train-labels-idx2-int.gz")
    parser.add_argument("--pen-digits", type=Path, help="pendigits-orig.tra (default: download once)")
    parser.add_argument("--corrections", type=int, default=40, help="default: %(default)s")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    mnist = load_mnist(options.mnist, writers=options.writers)
    test = Test(mnist, load_pen_digits(options.pen_digits), _load_pen_cases(options.cases))
    rows = []
    for template in _load_styles():
        rows.append(_measure(options.release, template, test, count=options.corrections))
        print("|", " | ".join(map(str, rows[-1])), "|", file=sys.stderr, flush=True)
    head = ["style", "errors of the style", "MNIST test, errors", "pen digits, errors", "minutes", "gate"]
    print(f"{describe_machine()}; {options.corrections} corrections\n\n{table(head, rows)}")
    return 0


def _load_styles() -> Iterator[Template]:
    for sign, styles in json.loads(_STYLES.read_text(encoding="utf-8")).items():
        for name, strokes in styles.items():
            yield Template(sign, name, tuple(make_stroke(points) for points in strokes))


def _load_pen_cases(path: Path) -> Digits:
    cases = load_cases(path)
    chosen = np.flatnonzero((cases.groups == _GROUP) & cases.is_digit)
    return Digits(normalise_ink(cases.ink[chosen]), cases.labels[chosen].astype(np.uint8))


def _measure(release: Path, template: Template, test: Test, *, count: int) -> list[object]:
    from model_training.training.finetune import finetune

    label = int(template.sign)
    pictures = _choose_misread(release, template, count=count)
    labels = np.full(_FRESH, label, np.uint8)
    style = Digits(_draw(template, _FRESH, seed=_FRESH_SEED), labels)
    measured = (style, test.mnist.test, test.pen_cases)
    before = [_count_errors(release, digits) for digits in measured]
    with TemporaryDirectory() as folder:
        output, start, verdict = Path(folder, "release"), time.monotonic(), "passed"
        try:
            finetune(release, pictures, mnist=test.mnist, pen_digits=test.pen_digits, output=output)
        except GateRefusedError as error:
            verdict = str(error)
        minutes = (time.monotonic() - start) / 60
        after = [_count_errors(output if output.exists() else release, digits) for digits in measured]
    shares = [
        f"{100 * old / len(digits):.2f} to {100 * new / len(digits):.2f} %"
        for old, new, digits in zip(before, after, measured, strict=True)
    ]
    shares[0] += f" ({100 * (after[0] / max(before[0], 1) - 1):+.0f} %)"
    return [f"{label}, {template.style}", *shares, f"{minutes:.1f}", verdict]


def _choose_misread(release: Path, template: Template, *, count: int) -> LabelledPictures:
    """Return drawings that `release` misreads, each by a writer of its own."""
    drawn = _draw(template, 20 * count, seed=_CORRECTION_SEED)
    misread = drawn[_read(release, drawn) != int(template.sign)][:count]
    if len(misread) < count:
        raise SystemExit(f"{template.style}: only {len(misread)} of {len(drawn)} drawings are misread")
    return LabelledPictures(tuple(misread), (template.sign,) * count, tuple(map(str, range(count))))


def _draw(template: Template, count: int, *, seed: int) -> NDArray[np.uint8]:
    return normalise_ink(write(template, count, generator=np.random.default_rng(seed)))


def _count_errors(release: Path, digits: Digits) -> int:
    return int((_read(release, digits.images) != digits.labels).sum())


def _read(release: Path, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return what the release's network reads in images (n, 28, 28)."""
    import keras

    from model_training.evaluation.scores import predict_logits

    logits = predict_logits(keras.models.load_model(release / "model.keras"), images)
    return np.asarray(logits.argmax(axis=1))


if __name__ == "__main__":
    sys.exit(main())
