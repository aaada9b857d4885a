"""`python -m model_training`, as someone types it."""

import subprocess
import sys
from pathlib import Path

import numpy as np


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_training", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_help_tells_what_a_newcomer_needs() -> None:
    """--help of the program and of train name the commands and the options, without TensorFlow's delay."""
    assert "train" in _run("--help").stdout
    text = _run("train", "--help").stdout
    for option in ("--data", "--output", "--quick", "--architecture", "--seed"):
        assert option in text


def test_a_file_that_is_not_mnist_is_one_clear_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    """The error goes to stderr without a traceback, the exit code is 1, and no folder appears."""
    np.savez(tmp_path / "other.npz", x_train=np.zeros(3))
    output = tmp_path / "release"
    result = _run("train", "--data", str(tmp_path / "other.npz"), "--output", str(output))
    assert result.returncode == 1
    assert "error: " in result.stderr
    assert "is not MNIST" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["other.npz"]


def test_seeds_and_a_search_at_once_are_refused() -> None:
    """A study is one or the other."""
    result = _run("study", "--seeds", "2", "--search")
    assert result.returncode == 2
    assert "not allowed with" in result.stderr


def test_a_senseless_number_of_epochs_is_refused() -> None:
    """Zero epochs is an error of use."""
    result = _run("train", "--epochs", "0")
    assert result.returncode == 2
    assert "at least 1" in result.stderr
