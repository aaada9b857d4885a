"""`python -m benchmarks.photographs`: accuracy on synthetic photographs of numbers, by kind and severity.

Prints Markdown. The photographs are made from stroke templates, so their numbers are known; results on real
photographs are in docs/results.md. Needs the dependencies of training.
"""

import argparse
import sys

import numpy as np

from app.model.loading import load_release
from app.model.release import BUNDLED_RELEASE, Origin, open_release
from app.recognition.image.picture import Picture
from app.recognition.recognizer import Recognizer
from tests.simulated_photographs import KINDS, SEVERITIES, Kind, photograph
from tests.written_numbers import write_number

_MOST_DIGITS = 5


def main() -> int:
    """Read photographs of the same numbers in each kind and severity."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photographs", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="photographs of each kind and severity")
    count = parser.parse_args().count
    recognizer = load_release(open_release(BUNDLED_RELEASE), Origin()).recognizer
    print(f"Numbers read correctly, percent of {count}, by severity\n")
    print("| kind | " + " | ".join(map(str, SEVERITIES)) + " |\n|---|" + "---|" * len(SEVERITIES))
    for kind in KINDS:
        shares = [100 * measure(recognizer, kind, severity=severity, count=count) for severity in SEVERITIES]
        print(f"| {kind} | " + " | ".join(f"{share:.0f}" for share in shares) + " |", flush=True)
    return 0


def measure(recognizer: Recognizer, kind: Kind, *, severity: int, count: int) -> float:
    """Return the share of `count` photographs whose number is read correctly."""
    correct = 0
    for seed in range(count):
        generator = np.random.default_rng([2026, seed])
        text = "".join(map(str, generator.integers(0, 10, generator.integers(1, _MOST_DIGITS + 1))))
        ink = write_number(text, generator=generator)
        picture = Picture(photograph(ink, kind, severity=severity, generator=generator))
        correct += recognizer.read(picture, expect="number").text == text
    return correct / count


if __name__ == "__main__":
    sys.exit(main())
