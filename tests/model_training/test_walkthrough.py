"""The walkthrough notebook runs on the sample of MNIST."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).parents[2] / "model_training" / "walkthrough.ipynb"
PROJECT = NOTEBOOK.parents[1]
# Replaces the cell that loads MNIST and sets the recipe.
SLICE = f"""
import sys

sys.path.insert(0, {str(PROJECT)!r})
from dataclasses import replace

from tests.model_training.train_slice import SLICE_CONFIG, sample_mnist

mnist = sample_mnist()
config = replace(SLICE_CONFIG, line=None, architecture="classic", epochs=2)
examples = 60
"""


def _outputs(notebook: Any, kind: str) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", []) if kind in str(output)]


@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_the_notebook_runs(tmp_path: Path) -> None:
    """It is committed without outputs; every cell runs, figures appear, and the reader reads a drawing."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not _outputs(notebook, "")
    parameters = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    parameters.source = SLICE
    resources = {"metadata": {"path": tmp_path}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    assert len(_outputs(notebook, "image/png")) >= 9
    assert _outputs(notebook, "digit score")
