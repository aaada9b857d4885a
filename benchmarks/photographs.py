"""`python -m benchmarks.photographs`: numbers read whole in made photographs, by what was wrong with them.

Prints Markdown. The photographs are made from stroke templates with known answers, so they tell which trouble
the app bears and which not; how it fares with real ones stands in the README. Needs what training needs.
"""

import argparse
import sys

import numpy as np

from app.model.release import BUNDLED_RELEASE, open_release
from app.recognition.image.picture import Picture
from app.recognition.readers.digit_reader import DigitReader
from app.recognition.recognizer import Recognizer
from tests.simulated_photographs import KINDS, SEVERITIES, Kind, photograph
from tests.written_numbers import write_number

_LONGEST = 5  # digits


def main() -> int:
    """Reads photographs of each kind and severity, the same numbers for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photographs", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="photographs of each kind and severity")
    count = parser.parse_args().count
    release = open_release(BUNDLED_RELEASE)
    reader = DigitReader(release.reader, drawing_size=release.drawing_size)
    recognizer = Recognizer(reader, acceptance_threshold=release.acceptance_threshold)
    print(f"Numbers read whole and right, percent of {count}, by severity\n")
    print("| kind | " + " | ".join(map(str, SEVERITIES)) + " |\n|---|" + "---|" * len(SEVERITIES))
    for kind in KINDS:
        shares = [100 * measure(recognizer, kind, severity=severity, count=count) for severity in SEVERITIES]
        print(f"| {kind} | " + " | ".join(f"{share:.0f}" for share in shares) + " |", flush=True)
    return 0


def measure(recognizer: Recognizer, kind: Kind, *, severity: int, count: int) -> float:
    """The share of `count` photographs whose number is read whole and right."""
    right = 0
    for seed in range(count):
        generator = np.random.default_rng([2026, seed])
        text = "".join(map(str, generator.integers(0, 10, generator.integers(1, _LONGEST + 1))))
        ink = write_number(text, generator=generator)
        picture = Picture(photograph(ink, kind, severity=severity, generator=generator))
        right += recognizer.read(picture, expect="number").text == text
    return right / count


if __name__ == "__main__":
    sys.exit(main())
