"""Learning from trained networks: their answers tell what a label does not, such as that a 7 could be a 1.

As in "Distilling the Knowledge in a Neural Network" (Hinton, Vinyals and Dean, 2015): teachers answer the
very pictures, varied anew, that the network learns from, and what they say is softened by a temperature.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from model_training.release.reader_weights import take_weights
from model_training.release.release_folder import (
    NETWORK_FILE,
    READER_FILE,
    RELEASE_FILE,
    fingerprint,
    read_description,
)
from model_training.training.config import Teacher, TrainingConfig
from model_training.training.network import build_network


class TeacherError(ValueError):
    """What should teach cannot."""


def find_teacher(folder: Path, config: TrainingConfig) -> Teacher:
    """The network of a release, as a teacher for `config`; where it is left out, that in the reader.

    Raises:
        TeacherError: there is none; it learnt from digits that `config` holds out; or only one of the two
            refuses.
    """
    try:
        description = read_description(folder)
        network = folder / NETWORK_FILE
        file = network if network.exists() else folder / READER_FILE
        teacher = Teacher(fingerprint(file.read_bytes())["sha256"], file)
        released, training = description["files"][file.name]["sha256"], description["training"]
        held_out, refuses = training["validation_size"], training["non_digit_share"] > 0
        # Releases that do not know of teachers come from a time when each seed held out other digits.
        split_of_its_own = "teachers" not in training and training["seed"] != 0
    except OSError as error:
        raise TeacherError(f"no release to learn from: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TeacherError(f"{folder / RELEASE_FILE} is not that of a release: {error!r}") from error
    if released != teacher.sha256:
        raise TeacherError(f"{file} is not what {folder}'s release.json tells of")
    if held_out != config.validation_size:
        raise TeacherError(
            f"{folder} held out {held_out} digits for validation, not {config.validation_size}"
        )
    if split_of_its_own:
        raise TeacherError(f"{folder} is of an earlier program, and learnt from digits that are held out now")
    if refuses != config.refuses:
        raise TeacherError(f"of {folder} and this recipe one knows what is no digit, the other does not")
    return teacher


def load_teachers(config: TrainingConfig, *, dtype: str) -> list[keras.Model]:
    """The teachers' networks, computing with the Keras dtype policy `dtype`; logits are float32.

    Raises:
        TeacherError: a reader holds another network than its release.json tells of.
    """
    return [_in_precision(_load(teacher.file), dtype) for teacher in config.teachers]


def taught_batches(batches: tf.data.Dataset, teachers: Sequence[keras.Model]) -> tf.data.Dataset:
    """`batches` with what the teachers, on the whole, answer: float32 (n, 11), the label and ten logits."""

    def teach(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        answers = tf.add_n([teacher(images, training=False) for teacher in teachers]) / len(teachers)
        return images, tf.concat([tf.cast(labels, tf.float32)[:, None], answers], axis=1)

    return batches.map(teach).prefetch(2)


def _load(file: Path) -> keras.Model:
    if file.name == NETWORK_FILE:
        return keras.models.load_model(file, compile=False)
    training = read_description(file.parent)["training"]
    network = build_network(training["architecture"], width=training.get("width", 1.0))
    try:
        take_weights(network, file)
    except ValueError as error:
        raise TeacherError(f"{file} holds another network than this program builds: {error}") from error
    return network


def _in_precision(network: keras.Model, dtype: str) -> keras.Model:
    logits = network.layers[-1]

    def copy(layer: keras.Layer) -> keras.Layer:
        configuration: dict[str, Any] = layer.get_config()
        return layer.from_config(configuration if layer is logits else configuration | {"dtype": dtype})

    computing = keras.models.clone_model(network, clone_function=copy)
    computing.set_weights(network.get_weights())
    return computing
