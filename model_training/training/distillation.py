"""Distillation: train a student network with the soft targets of teacher networks.

"Distilling the Knowledge in a Neural Network" (Hinton, Vinyals and Dean, 2015). Teachers and student get the
same augmented images; a temperature softens the logits of both.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from model_training.errors import ReleaseError, TeacherError
from model_training.release import release_folder
from model_training.release.reader_weights import take_weights
from model_training.training.config import Teacher, TrainingConfig
from model_training.training.network import build_network


def find_teacher(folder: Path, config: TrainingConfig) -> Teacher:
    """Return the network of a release as a teacher for `config`: model.keras or, without one, the reader.

    Raises:
        TeacherError: there is no release; its network was trained on digits that `config` holds out; or
            only one of the two learnt to refuse.
    """
    try:
        description = release_folder.read_description(folder)
        network = folder / release_folder.NETWORK_FILE
        file = network if network.exists() else folder / release_folder.READER_FILE
        released, training = description["files"][file.name]["sha256"], description["training"]
        sha256 = release_folder.fingerprint(file.read_bytes())["sha256"]
        teacher = Teacher(sha256, file, bool(training.get("split_by_writers")))
        held_out, refuses = training["validation_size"], training["non_digit_share"] > 0
        # Before releases had `teachers`, each seed held out other digits.
        other_split = "teachers" not in training and training["seed"] != 0
    except OSError as error:
        raise TeacherError(f"no release to learn from: {error}") from error
    except (ReleaseError, ValueError, KeyError, TypeError) as error:
        raise TeacherError(f"{folder / release_folder.RELEASE_FILE} is not valid: {error!r}") from error
    if released != teacher.sha256:
        raise TeacherError(f"the sha256 of {file} is not the one in {release_folder.RELEASE_FILE}")
    if held_out != config.validation_size:
        raise TeacherError(
            f"{folder} held out {held_out} digits for validation, not {config.validation_size}"
        )
    if other_split:
        raise TeacherError(f"{folder} is of an earlier version, and was trained on digits held out now")
    if refuses != config.refuses:
        raise TeacherError(f"only one of {folder} and this recipe is trained to refuse non-digits")
    return teacher


def load_teachers(config: TrainingConfig, *, dtype: str, split_by_writers: bool = False) -> list[keras.Model]:
    """Load the teachers' networks with the Keras dtype policy `dtype`; logits are float32.

    Raises:
        TeacherError: a reader holds another network than its release.json describes, or a teacher held out
            other digits, because they are split by writers for one of the two only.
    """
    for teacher in config.teachers:
        if teacher.split_by_writers != split_by_writers:
            raise TeacherError(f"{teacher.file.parent} was trained on digits that are held out now")
    return [_with_dtype(_load(teacher.file), dtype) for teacher in config.teachers]


def add_soft_targets(batches: tf.data.Dataset, teachers: Sequence[keras.Model]) -> tf.data.Dataset:
    """Return `batches` with labels float32 (n, 11): the label and the mean of the teachers' ten logits."""

    def add(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits = tf.add_n([teacher(images, training=False) for teacher in teachers]) / len(teachers)
        return images, tf.concat([tf.cast(labels, tf.float32)[:, None], logits], axis=1)

    return batches.map(add).prefetch(2)


def _load(file: Path) -> keras.Model:
    if file.name == release_folder.NETWORK_FILE:
        return keras.models.load_model(file, compile=False)
    training = release_folder.read_description(file.parent)["training"]
    network = build_network(training["architecture"], width=training.get("width", 1.0))
    try:
        take_weights(network, file)
    except ValueError as error:
        raise TeacherError(
            f"{file} holds another network than its release.json describes: {error}"
        ) from error
    return network


def _with_dtype(network: keras.Model, dtype: str) -> keras.Model:
    logits = network.layers[-1]

    def copy(layer: keras.Layer) -> keras.Layer:
        configuration: dict[str, Any] = layer.get_config()
        return layer.from_config(configuration if layer is logits else configuration | {"dtype": dtype})

    converted = keras.models.clone_model(network, clone_function=copy)
    converted.set_weights(network.get_weights())
    return converted
