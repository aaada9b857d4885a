"""`python -m benchmarks.adaptation CASES`: errors before and after examples of the same hand, by writer.

CASES is an npz file as of `python -m model_training evaluate --cases`. Of the digits of each writer, k are
examples and the rest is read. Corrections: half of the writer's misread digits are among the k, and digits
that were read rightly are the others. Any digits: the examples are drawn at random. Prints Markdown.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.adaptation import Adaptation, Example
from app.recognition.image.picture import decode_picture, open_picture
from app.recognition.reading import Digit
from app.recognition.recognizer import Recognizer
from benchmarks.results import table

_COUNTS = (1, 3, 5, 10)
_DRAWS = 20  # choices of examples for each writer
_FEWEST = 4  # digits of a writer to be read
_MAX_PIXELS = 16_000_000

Read = list[tuple[Digit, int]]  # what was read, and what it is


def main() -> int:
    """Print the errors of the worst tenth of the writers, and of the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adaptation", description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--group", default="pen digits", help="default: %(default)s")
    options = parser.parse_args()
    writers = _read(load_release(open_release(BUNDLED_RELEASE), Origin()).recognizer, options)
    rows = []
    for corrects in (True, False):
        for count in _COUNTS:
            errors = np.array([_count_errors(read, count, corrects=corrects) for read in writers])
            worst, others = _split(errors)
            harmed = int((errors[:, 1] > errors[:, 0] + 1e-9).sum())
            kind = "corrections" if corrects else "any digits"
            rows.append([kind, count, _describe(worst), _describe(others), harmed])
    print(
        f"{len(writers)} writers, {sum(map(len, writers)):,} digits, errors in the mean of {_DRAWS} draws\n"
    )
    print(table(["examples", "k", "worst tenth", "all others", "writers with more errors"], rows))
    return 0


def _read(recognizer: Recognizer, options: argparse.Namespace) -> list[Read]:
    """Return the digits of each writer."""
    writers: dict[str, Read] = {}
    with np.load(options.cases) as file:
        cases = {name: file[name] for name in ("blob", "offset", "label", "group", "writer")}
    for row in np.flatnonzero(cases["group"] == options.group):
        encoded = cases["blob"][slice(*cases["offset"][row : row + 2])].tobytes()
        picture = decode_picture(open_picture(encoded, max_pixels=_MAX_PIXELS))
        [digit] = recognizer.read(picture, expect="digit").digits
        writers.setdefault(str(cases["writer"][row]), []).append((digit, int(cases["label"][row])))
    return list(writers.values())


def _count_errors(read: Read, count: int, *, corrects: bool) -> tuple[float, float, int]:
    """Return the mean numbers of errors without and with examples, and the number of digits that are read."""
    generator = np.random.default_rng(count)
    if len(read) < count + _FEWEST:
        return 0.0, 0.0, 1
    before = after = 0
    for _ in range(_DRAWS):
        order = [read[place] for place in generator.permutation(len(read))]
        if corrects:
            misread = [(digit, label) for digit, label in order if digit.digit != label]
            half = min(count, int(len(misread) / 2 + generator.random()))
            chosen = [*misread[:half], *(each for each in order if each not in misread)][:count]
            order = [*chosen, *(each for each in order if each not in chosen)]
        adaptation = Adaptation([_make_example(*each) for each in order[:count]])
        before += sum(digit.digit != label for digit, label in order[count:])
        after += sum(adaptation.adapt(digit).digit != label for digit, label in order[count:])
    return before / _DRAWS, after / _DRAWS, len(read) - count


def _make_example(digit: Digit, label: int) -> Example:
    return Example(digit.embedding, np.array(digit.probabilities, np.float32), label)


def _split(errors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the writers with the highest error rates without examples, one in ten, and the others."""
    order = np.argsort(-errors[:, 0] / errors[:, 2], kind="stable")
    tenth = max(1, round(len(order) / 10))
    return errors[order[:tenth]], errors[order[tenth:]]


def _describe(errors: NDArray[np.float64]) -> str:
    before, after, _ = errors.sum(axis=0)
    return f"{before:.1f} to {after:.1f} ({100 * (after / max(before, 1e-9) - 1):+.0f} %)"


if __name__ == "__main__":
    sys.exit(main())
