"""From the values of the recogniser to the JSON of the answers."""

from dataclasses import asdict

from app.api.schemas import DigitAnswer, MetricAnswer, ModelAnswer, ModelIdentity, ReadingAnswer
from app.model.release import Release
from app.recognition.reading import Reading


def answer_digits(reading: Reading) -> tuple[DigitAnswer, ...]:
    """Return the digits of a reading."""
    return tuple(
        DigitAnswer(
            digit=digit.digit,
            confidence=digit.confidence,
            digit_score=digit.digit_score,
            accepted=digit.accepted,
            probabilities=digit.probabilities,
            box=(digit.box.x, digit.box.y, digit.box.width, digit.box.height),
        )
        for digit in reading.digits
    )


def answer_reading(reading: Reading) -> ReadingAnswer:
    """Return a reading."""
    return ReadingAnswer(text=reading.text, digits=answer_digits(reading))


def identify(release: Release) -> ModelIdentity:
    """Return which model a release is."""
    return ModelIdentity(sha256=release.reader_sha256)


def describe(release: Release) -> ModelAnswer:
    """Return all that is known of a release."""
    return ModelAnswer(
        **identify(release).model_dump(),
        name=release.name,
        labels=release.labels,
        drawing_size=release.drawing_size,
        acceptance_threshold=release.acceptance_threshold,
        temperature=release.temperature,
        metrics=tuple(MetricAnswer(**asdict(metric)) for metric in release.metrics),
    )
