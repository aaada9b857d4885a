"""What came of one trial, and which of them is best."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from model_training.training.checkpoint import History
from model_training.training.recipe import Values

State = Literal["finished", "stopped", "failed"]
_ORDER: tuple[State, ...] = ("finished", "stopped", "failed")


@dataclass(frozen=True)
class Tried:
    """One trial.

    Attributes:
        number: from 0, which is the recipe as it is.
        values: those of the recipe that are searched.
        state: whether all epochs were trained, or the scheduler stopped it, or it could not be trained.
        epochs: that were finished.
        accuracy: on the validation digits after the last of them; 0 if there is none.
        seconds: that they took.
    """

    number: int
    values: Values
    state: State
    epochs: int
    accuracy: float
    seconds: float


def judge(number: int, values: Values, history: History, *, epochs: int, failed: bool) -> Tried:
    """What came of a trial that left `history`, of as many as `epochs`."""
    return Tried(
        number,
        values,
        state="failed" if failed else "finished" if len(history) == epochs else "stopped",
        epochs=len(history),
        accuracy=history[-1]["val_accuracy"] if history else 0.0,
        seconds=sum(epoch["seconds"] for epoch in history),
    )


def rank(trials: Iterable[Tried]) -> list[Tried]:
    """The best first: the finished by their accuracy, then the others by how far they came."""
    return sorted(trials, key=lambda tried: (_ORDER.index(tried.state), -tried.epochs, -tried.accuracy))
