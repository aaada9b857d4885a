"""`python -m model_training`, as a user runs it."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from model_training.commands.options import add_recipe, make_config
from model_training.training.config import Architecture, Precision

pytestmark = pytest.mark.slow


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_training", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_help_names_options_without_importing_tensorflow() -> None:
    """--help of train lists its options and all architectures, and is quick: TensorFlow is imported later."""
    script = """
import sys, model_training.__main__ as command_line
try:
    command_line.main(["train", "--help"])
except SystemExit:
    print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for name in ("--data", "--output", "--quick", "--architecture", "--seed", *get_args(Architecture)):
        assert name in ended.stdout
    assert ended.stdout.splitlines()[-1] == "[]"


def test_an_expected_error_is_one_line(tmp_path: Path) -> None:
    """A file that is not MNIST gives a line on stderr, no traceback, exit code 1 and no output folder."""
    np.savez(tmp_path / "other.npz", x_train=np.zeros(3))
    output = tmp_path / "release"
    result = _run("train", "--data", str(tmp_path / "other.npz"), "--output", str(output))
    assert result.returncode == 1
    assert "error: " in result.stderr
    assert "is not MNIST" in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["other.npz"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("study", "--seeds", "2", "--search"), "not allowed with"),
        (("train", "--epochs", "0"), "at least 1"),
        (("train", "--architecture", "deep"), "invalid choice"),
    ],
)
def test_invalid_options_are_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    """Contradictory options, zero epochs and unknown architectures end with exit code 2."""
    result = _run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr


@pytest.mark.parametrize("precision", get_args(Precision))
def test_precision_is_that_of_both_networks(precision: Precision) -> None:
    """The option replaces the default, which depends on the CPU."""
    parser = argparse.ArgumentParser()
    add_recipe(parser, output="")
    config = make_config(parser.parse_args(["--precision", precision]), line=True)
    assert config.line is not None
    assert (config.precision, config.line.precision) == (precision, precision)
