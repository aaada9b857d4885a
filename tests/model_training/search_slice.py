"""A search on the sample of MNIST, in a process that can be killed: python search_slice.py OUTPUT."""

import dataclasses
import os
import sys
from functools import partial
from pathlib import Path

from model_training.search.cluster import LOCAL, connect
from model_training.search.results import TrialResult
from model_training.search.space import Domain
from tests.model_training.train_slice import SLICE_CONFIG, sample_mnist

CPUS = os.cpu_count() or 1  # one trial at a time, with as many threads as a run without Ray
SEARCH_CONFIG = dataclasses.replace(SLICE_CONFIG, line=None, architecture="classic", epochs=8, batch_size=50)
SPACE = {  # learns nothing: all trials but the first are stopped
    "learning_rate": Domain("loguniform", [1e-7, 1e-6]),
    "width": Domain("choice", [0.1, 0.2]),
    "augmentation.rotation": Domain("uniform", [0, 20]),
}


def search_slice(output: Path) -> list[TrialResult]:
    """Run two trials, the first of which learns, on the connected cluster."""
    from model_training.search.search import search

    return search(
        SEARCH_CONFIG,
        sample_mnist().train,
        space=SPACE,
        trials=2,
        output=output,
        cpus=CPUS,
        report=partial(print, flush=True),
    )


if __name__ == "__main__":
    with connect(LOCAL):
        search_slice(Path(sys.argv[1]))
