"""Asks a reader what it answered where it was made: another answer means that it does not work here."""

import numpy as np

from app.model.release import SelfTest
from app.recognition.readers.digit_reader import Reader, ReaderError


def check_reader(reader: Reader, self_test: SelfTest) -> None:
    """Run the self-test.

    Raises:
        ReaderError: an answer differs by more than the release allows.
    """
    for number, case in enumerate(self_test.cases):
        answer = reader.read(case.drawing)
        given = np.append(answer.probabilities, answer.digit_score)
        expected = np.append(case.probabilities, case.digit_score)
        difference = float(np.abs(given - expected).max())
        if not difference <= self_test.tolerance:  # so that NaN fails too
            raise ReaderError(
                f"the reader fails its self-test: answer {number} differs by {difference:.2g}, "
                f"more than {self_test.tolerance:g}"
            )
