"""Sources of the batches of a fine-tuning: replayed images, those most like a correction, and corrections."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np
from numpy.typing import NDArray

from model_training.data.handwriting import redraw
from model_training.data.ink import crop
from model_training.data.mnist import Digits
from model_training.data.pen_digits import PenDigit
from model_training.data.skeletons import trace_strokes
from model_training.training.batches import Source, make_sources
from model_training.training.config import TrainingConfig
from model_training.training.corrections import Corrections
from model_training.training.finetune_config import FinetuneConfig

_CHUNK = 500  # images embedded at once


def make_finetuning_sources(
    config: FinetuneConfig,
    recipe: TrainingConfig,
    training: Digits,
    *,
    pen_digits: Sequence[PenDigit],
    corrections: Corrections,
    network: keras.Model,
) -> list[Source]:
    """Return replayed images, those that `network` finds most like corrections again, and the corrections."""
    steps = config.epochs(len(corrections)) * config.steps_per_epoch
    replayed = replay(config, recipe, training, pen_digits=pen_digits, steps=steps)
    near = find_near(config, replayed, corrections, network=network)
    return [*replayed, *near, *correct(config, corrections)]


def replay(
    config: FinetuneConfig,
    recipe: TrainingConfig,
    training: Digits,
    *,
    pen_digits: Sequence[PenDigit],
    steps: int,
) -> list[Source]:
    """Return the sources of the release's recipe, with no more drawings than `steps` batches hold."""
    size = config.replayed
    most = {
        name: min(getattr(recipe, name), round(getattr(recipe, share) * size * steps) + 1)
        for name, share in (
            ("drawn_digits", "drawn_share"),
            ("non_digits", "non_digit_share"),
            ("redrawn_digits", "redrawn_share"),
            ("pen_drawings", "pen_share"),
            ("cluttered_digits", "cluttered_share"),
        )
    }
    return make_sources(replace(recipe, batch_size=size, **most), training, pen_digits)


def find_near(
    config: FinetuneConfig, replayed: Sequence[Source], corrections: Corrections, *, network: keras.Model
) -> list[Source]:
    """Return the replayed images that `network` finds most like a correction, to be replayed more often.

    Alikeness is the cosine between the inputs of the last layer. These images are the first to be misread.
    """
    if not config.near:
        return []
    embedding = make_embedding(network)
    wanted = embed(embedding, corrections.digits.images[: config.near_images])
    found, alike = [], []
    for source in replayed:
        digits = source.digits.rows(np.arange(min(len(source.digits), config.searched)))
        for start in range(0, len(digits), _CHUNK):
            chunk = digits.rows(np.arange(start, min(start + _CHUNK, len(digits))))
            alike.append((embed(embedding, chunk.images) @ wanted.T).max(axis=1))
            found.append(chunk)
    order = np.argsort(-np.concatenate(alike), kind="stable")[: config.near_images]
    images, labels = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("images", "labels")
    )
    return [Source(Digits(images[order], labels[order]), config.near)]


def make_embedding(network: keras.Model) -> keras.Model:
    """Return a network that ends before the last layer."""
    return keras.Model(network.inputs, network.layers[-1].input)


def embed(embedding: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the inputs of the last layer, of length 1, float32 (n, features)."""
    chunks = [images[start : start + _CHUNK] for start in range(0, max(len(images), 1), _CHUNK)]
    features = np.concatenate(
        [embedding.predict_on_batch(chunk[..., None].astype(np.float32) / 255.0) for chunk in chunks]
    )
    return np.asarray(features / (np.linalg.norm(features, axis=1, keepdims=True) + 1e-6), np.float32)


def correct(config: FinetuneConfig, corrections: Corrections) -> list[Source]:
    """Return corrections as they are, and drawn again by other pens."""
    count = config.corrected
    digits = Digits(corrections.digits.images, corrections.digits.labels)
    strokes = [trace_strokes(crop(image)) if image.any() else () for image in digits.images]
    drawable = np.flatnonzero([bool(each) for each in strokes])
    plain = round(config.plain_share * count) if len(drawable) else count
    sources = [Source(digits, plain)]
    if plain < count:
        rows = np.resize(drawable, max(config.redrawn, len(drawable)))
        images = redraw([strokes[row] for row in rows], generator=np.random.default_rng([config.seed, 5]))
        sources.append(Source(Digits(images, digits.labels[rows]), count - plain))
    return sources
