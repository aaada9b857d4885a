"""What a run learns from: MNIST, and the drawings and non-digits that its recipe asks for."""

import numpy as np

from model_training.data.dataset import NO_DIGIT, Source
from model_training.data.drawings import draw_digits
from model_training.data.mnist import Digits
from model_training.data.non_digits import draw_non_digits
from model_training.data.reinking import reink
from model_training.training.config import TrainingConfig


def make_sources(config: TrainingConfig, training: Digits) -> list[Source]:
    """The sources of each batch, MNIST's `training` digits first.

    Raises:
        ValueError: the shares leave no room for MNIST.
    """
    shares = (config.reinked_share, config.drawn_share, config.non_digit_share)
    reinked, drawn, refused = (round(share * config.batch_size) for share in shares)
    own = config.batch_size - reinked - drawn - refused
    if own < 1:
        raise ValueError(
            f"reinked_share {shares[0]}, drawn_share {shares[1]} and non_digit_share {shares[2]} leave no "
            "room for MNIST in a batch"
        )
    sources = [Source(training, own)]
    if reinked:
        generator = np.random.default_rng([config.seed, 2])
        sources.append(Source(reink(training, config.reinked_digits, generator=generator), reinked))
    if drawn:
        sources.append(Source(draw_digits(config.drawn_digits, seed=config.seed), drawn))
    if refused:
        images = draw_non_digits(config.non_digits, training, seed=config.seed)
        sources.append(Source(Digits(images, np.full(len(images), NO_DIGIT, np.uint8)), refused))
    return sources
