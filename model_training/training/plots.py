"""Figures of the training data and of the training curves."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from model_training.data.handwriting import write
from model_training.data.ink import normalise_ink
from model_training.data.mnist import Digits
from model_training.data.templates import Template, load_templates
from model_training.evaluation.figure_style import ACCENT, QUIET, PictureGrid
from model_training.training.augmentation import random_cut, random_warp
from model_training.training.config import Augmentation


def plot_samples(digits: Digits, *, columns: int = 12) -> Figure:
    """Plot the first digits of each label, one row per label."""
    count = int(digits.labels.max()) + 1
    grid = PictureGrid(count, columns, title="Training digits, one row per label")
    for label in range(count):
        grid.label(label, str(label))
        for column, image in enumerate(digits.images[digits.labels == label][:columns]):
            grid.show(label, column, image)
    return grid.figure


def plot_augmented(digits: Digits, augmentation: Augmentation, *, seed: int, columns: int = 12) -> Figure:
    """Plot one digit of each label, original and augmented."""
    count = int(digits.labels.max()) + 1
    grid = PictureGrid(count, columns, title="First column as it is, the others augmented")
    for label in range(count):
        for original in digits.images[digits.labels == label][:1]:
            copies = np.repeat(original[None, ..., None] / 255.0, columns - 1, axis=0).astype(np.float32)
            draw_seed = tf.constant([seed, label])
            augmented = random_warp(tf.constant(copies), augmentation, seed=draw_seed)
            augmented = random_cut(augmented, augmentation, seed=draw_seed + 1)
            for column, image in enumerate([original / 255.0, *augmented.numpy()[..., 0]]):
                grid.show(label, column, image)
    return grid.figure


def plot_styles(*, seed: int, columns: int = 20) -> Figure:
    """Plot a drawing of every digit template; each digit starts a new row."""
    rows: list[list[Template]] = []
    for digit in range(10):
        styles = [template for template in load_templates("digits") if template.sign == str(digit)]
        rows += [styles[start : start + columns] for start in range(0, len(styles), columns)]
    title = f"The {sum(map(len, rows))} templates from which digits are drawn"
    grid = PictureGrid(len(rows), columns, title=title, cell_inches=0.45)
    generator = np.random.default_rng(seed)
    for row, styles in enumerate(rows):
        for column, template in enumerate(styles):
            grid.show(row, column, normalise_ink(write(template, 1, generator=generator))[0])
    return grid.figure


def plot_curves(history: Sequence[Mapping[str, float]]) -> Figure:
    """Plot loss and error rate over the epochs, both logarithmic: near 100 %, accuracy looks flat."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2)
    epochs = np.arange(1, len(history) + 1)
    for name, label, colour in (("", "training, augmented digits", QUIET), ("val_", "validation", ACCENT)):
        errors = [100 * (1 - epoch[f"{name}accuracy"]) for epoch in history]
        axes[0].plot(epochs, [epoch[f"{name}loss"] for epoch in history], color=colour, label=label)
        axes[1].plot(epochs, np.maximum(errors, 1e-3), color=colour, label=label)
    for axis, title in zip(axes, ("Loss", "Error rate, percent"), strict=True):
        axis.set(title=title, xlabel="epoch", yscale="log")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_locator(NullLocator())
        axis.legend()
    return figure
