"""The gate of a fine-tuned network: better on held-out corrections, and nowhere worse beyond noise.

Both networks see the same images, each with its own temperature and threshold, so that their answers are
compared in pairs with the exact test of McNemar (1947).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from model_training.data.ink import normalise_ink
from model_training.data.mnist import Digits
from model_training.evaluation import scores
from model_training.evaluation.cases import Cases
from model_training.release.publishing.plan import CALIBRATION_TOLERANCE
from model_training.training.batches import NO_DIGIT
from model_training.training.config import TrainingConfig
from model_training.training.measure import NON_DIGITS, Measures

Verdict = Literal["better", "not better", "too few", "not worse", "worse"]
Right = NDArray[np.bool_]  # (n,), whether each answer is right

HELD_OUT = "held-out corrections"
_LEVEL = 0.05  # of the one-sided test for the held-out corrections, and of all other tests together
_THRESHOLD_NOISE = 0.01  # of shares accepted or refused: the threshold is a quantile of some thousand digits
_RESAMPLES = 2000
_PASSED = ("better", "not worse")


@dataclass(frozen=True)
class Comparison:
    """A score of the old and of the new network.

    Attributes:
        what: data set and score.
        before: of the old network, 0..1.
        after: of the new one.
        size: number of images.
        verdict: what the gate says.
    """

    what: str
    before: float
    after: float
    size: int
    verdict: Verdict


@dataclass(frozen=True)
class Gate:
    """All comparisons, the held-out corrections first."""

    comparisons: tuple[Comparison, ...]

    @property
    def passed(self) -> bool:
        """Whether the new network may be released."""
        return all(each.verdict in _PASSED for each in self.comparisons)

    def as_dict(self) -> dict[str, Any]:
        """Return the gate for JSON."""
        return {"passed": self.passed, "comparisons": [asdict(each) for each in self.comparisons]}

    def explain(self) -> str:
        """Return one sentence on what does not pass."""
        reasons = []
        for each in self.comparisons:
            figures = f"{each.what} {100 * each.before:.2f} % before, {100 * each.after:.2f} % after"
            if each.verdict == "too few":
                reasons.append(f"too few misread digits among the {each.size} {HELD_OUT} to tell")
            elif each.verdict not in _PASSED:
                reasons.append(f"{each.verdict}: {figures}")
        return "the fine-tuned network is not released; " + "; ".join(reasons)


@dataclass(frozen=True)
class Compared:
    """A network, its recipe, and its measures, which hold its temperature and threshold."""

    network: keras.Model
    config: TrainingConfig
    measures: Measures

    def read(self, digits: Digits) -> Right:
        """Return which digits are read right, and which images with the label NO_DIGIT are refused."""
        logits = scores.predict_logits(self.network, digits.images)
        digit_scores = scores.digit_scores(logits, self.measures.temperature, refuses=self.config.refuses)
        refused = digit_scores < self.measures.threshold
        return np.where(digits.labels == NO_DIGIT, refused, logits.argmax(axis=1) == digits.labels)


def judge(before: Compared, after: Compared, *, held_out: Digits, cases: Cases | None = None) -> Gate:
    """Compare two networks that were measured on the same data, on these and on further images."""
    pairs = _pair_measures(before.measures, after.measures)
    groups = {} if cases is None else _group(cases)
    read = {what: (before.read(group), after.read(group)) for what, group in groups.items()}
    level = _LEVEL / (len(pairs) + len(read) + len(after.measures.evaluations))
    return Gate(
        (
            _judge_corrections(before.read(held_out), after.read(held_out)),
            *(judge_pair(what, *pair, level=level) for what, pair in (pairs | read).items()),
            *_judge_calibration(before.measures, after.measures, level=level),
        )
    )


def _pair_measures(before: Measures, after: Measures) -> dict[str, tuple[Right, Right]]:
    """Return which answers are right, by what is compared: digits read and accepted, non-digits refused."""
    pairs = {
        f"{name}, accuracy": (before.evaluations[name].correct, evaluation.correct)
        for name, evaluation in after.evaluations.items()
    }
    for name, of_new in after.digit_scores.items():
        accepted = [before.digit_scores[name] >= before.threshold, of_new >= after.threshold]
        if name == NON_DIGITS:
            pairs[f"{name}, refused"] = (~accepted[0], ~accepted[1])
        else:
            pairs[f"{name}, accepted"] = (accepted[0], accepted[1])
    return pairs


def _group(cases: Cases) -> Mapping[str, Digits]:
    """Return the drawn cases by group; those that show no digit have the label NO_DIGIT."""
    images = normalise_ink(cases.ink)
    labels = np.array(
        [
            int(label) if is_digit else NO_DIGIT
            for label, is_digit in zip(cases.labels, cases.is_digit, strict=True)
        ],
        np.uint8,
    )
    found = {}
    for group in np.unique(cases.groups):
        rows = np.flatnonzero(cases.groups == group)
        what = "read or refused rightly" if not cases.is_digit[rows].all() else "accuracy"
        found[f"{group}, {what}"] = Digits(images[rows], labels[rows])
    return found


def _judge_corrections(before: Right, after: Right) -> Comparison:
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    verdict: Verdict = "better" if _p_value(gained, lost) < _LEVEL else "not better"
    if verdict == "not better" and 0.5 ** int((~before).sum()) >= _LEVEL:
        verdict = "too few"
    return Comparison(HELD_OUT, float(before.mean()), float(after.mean()), len(before), verdict)


def judge_pair(what: str, before: Right, after: Right, *, level: float) -> Comparison:
    """Compare two networks' answers to the same images; only fewer right ones beyond noise are worse."""
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    noise = 0.0 if what.endswith("accuracy") else _THRESHOLD_NOISE
    shares = float(before.mean()), float(after.mean())
    worse = _p_value(lost, gained) < level and shares[0] - shares[1] > noise
    return Comparison(what, *shares, len(before), "worse" if worse else "not worse")


def _judge_calibration(before: Measures, after: Measures, *, level: float) -> list[Comparison]:
    """Compare expected calibration errors, where less is better."""
    found = []
    for name, evaluation in after.evaluations.items():
        pair = before.evaluations[name], evaluation
        errors = pair[0].reliability.error, pair[1].reliability.error
        size = len(evaluation.labels)
        worse = errors[1] - errors[0] > CALIBRATION_TOLERANCE and not _could_be_noise(*pair, level=level)
        found.append(
            Comparison(f"{name}, calibration error", *errors, size, "worse" if worse else "not worse")
        )
    return found


def _could_be_noise(before: scores.Evaluation, after: scores.Evaluation, *, level: float) -> bool:
    """Return whether enough resampled images show no larger calibration error (paired bootstrap)."""
    generator = np.random.default_rng(0)
    no_larger = 0
    for _ in range(_RESAMPLES):
        rows = generator.integers(len(after.labels), size=len(after.labels))
        errors = [
            scores.reliability(each.probabilities[rows].max(axis=1), each.correct[rows]).error
            for each in (before, after)
        ]
        no_larger += errors[1] <= errors[0]
    return no_larger / _RESAMPLES >= level


def _p_value(more: int, fewer: int) -> float:
    """Return the one-sided p-value of so many changes one way and the other, if both are as likely."""
    return float(binomtest(more, more + fewer, alternative="greater").pvalue) if more + fewer else 1.0
