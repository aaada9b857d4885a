"""Data sets are downloaded once and checked; with files given, nothing is downloaded."""

import dataclasses
import hashlib
from argparse import Namespace
from base64 import b64decode
from pathlib import Path
from typing import NoReturn
from zipfile import ZipFile

import pytest

from model_training.commands.options import load_data
from model_training.data import pen_digits
from model_training.data.data_sets import MNIST, PEN_DIGITS, WRITERS, DataSet, download
from model_training.data.pen_digits import load_pen_digits
from model_training.errors import DatasetError
from model_training.training.config import TrainingConfig

pytestmark = pytest.mark.slow

_PACKED = b64decode("H52QYUDMaROGDRsQdMrgocMCBJwwY9aUIaMA")  # by Unix compress


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise Exception("URL fetch failure")  # what Keras raises

    monkeypatch.setattr("keras.utils.get_file", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("data_set", [MNIST, WRITERS, PEN_DIGITS])
def test_a_failed_download_names_the_option_for_a_file(data_set: DataSet) -> None:
    """The error says how to give the file, and for the optional ones how to go without."""
    with pytest.raises(DatasetError, match=rf"URL fetch failure.*{data_set.option} FILE") as failed:
        download(data_set)
    assert ("without" in str(failed.value)) == (data_set is not MNIST)


def test_pen_digits_are_unpacked_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive of the repository holds them packed with Unix compress; another content is refused."""
    archive, text = tmp_path / "pendigits.zip", b"a small text, packed\n"
    with ZipFile(archive, "w") as file:
        file.writestr("pendigits-orig.tra.Z", _PACKED)
    monkeypatch.setattr(pen_digits, "download", lambda _: archive)
    with pytest.raises(DatasetError, match=r"pendigits\.zip does not hold Pen-Based"):
        load_pen_digits()
    known = dataclasses.replace(PEN_DIGITS, sha256=hashlib.sha256(text).hexdigest())
    monkeypatch.setattr(pen_digits, "PEN_DIGITS", known)
    assert load_pen_digits() == ()


@pytest.mark.usefixtures("no_network")
def test_with_files_nothing_is_downloaded(mnist_file: Path) -> None:
    """What is not given beside --data is not learnt from; without --data, it is downloaded."""
    config = TrainingConfig()
    mnist, pens = load_data(Namespace(data=mnist_file, writers=None, pen_digits=None), config)
    assert mnist.train.writers is None
    assert pens == ()
    with pytest.raises(DatasetError, match="--writers FILE"):
        load_data(Namespace(data=None, writers=None, pen_digits=None), config)
