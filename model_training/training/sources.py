"""What a run learns from: MNIST, and the drawings and non-digits that its recipe asks for."""

import numpy as np

from model_training.data.clutter import clutter
from model_training.data.dataset import NO_DIGIT, Source
from model_training.data.drawings import draw_digits
from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.data.reinking import reink
from model_training.training.config import TrainingConfig

_CLUTTERED_SEED = 2_000_000  # added to the run's seed, so that other digits are drawn than those without


def make_sources(config: TrainingConfig, training: Digits) -> list[Source]:
    """The sources of each batch, MNIST's `training` digits first.

    Raises:
        ValueError: the shares leave no room for MNIST.
    """
    own, reinked, drawn, cluttered, refused = count_each(config)
    sources = [Source(training, own)]
    if reinked:
        generator = np.random.default_rng([config.seed, 2])
        sources.append(Source(reink(training, config.reinked_digits, generator=generator), reinked))
    if drawn:
        sources.append(Source(draw_digits(config.drawn_digits, seed=config.seed), drawn))
    if cluttered:
        sources.append(Source(_clutter(training, config), cluttered))
    if refused:
        images = draw_non_digits(config.non_digits, training, seed=config.seed)
        sources.append(Source(Digits(images, np.full(len(images), NO_DIGIT, np.uint8)), refused))
    return sources


def count_each(config: TrainingConfig) -> tuple[int, int, int, int, int]:
    """How many of a batch are MNIST's digits as they are, reinked, drawn, cluttered, and no digits.

    Raises:
        ValueError: the shares leave no room for MNIST.
    """
    shares = {
        name: getattr(config, name)
        for name in ("reinked_share", "drawn_share", "cluttered_share", "non_digit_share")
    }
    reinked, drawn, cluttered, refused = (round(share * config.batch_size) for share in shares.values())
    own = config.batch_size - reinked - drawn - cluttered - refused
    if own < 1:
        asked = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        raise ValueError(f"{asked} leave no room for MNIST in a batch")
    return own, reinked, drawn, cluttered, refused


def _clutter(training: Digits, config: TrainingConfig) -> Digits:
    """Half of them `training` digits, half drawn ones."""
    generator = np.random.default_rng([config.seed, 3])
    half = config.cluttered_digits // 2
    written = training.rows(generator.permutation(len(training))[:half])
    drawn = draw_digits(half, seed=config.seed + _CLUTTERED_SEED)
    both = Digits(
        np.concatenate([written.images, drawn.images]), np.concatenate([written.labels, drawn.labels])
    )
    return clutter(both, config.cluttered_digits, generator=generator)
