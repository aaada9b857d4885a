"""Damaged pictures are read or refused, and never break the server."""

from collections import Counter

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.conftest import Digits
from tests.mutations import FORMATS, encode_everyhow, mutate

_FILES = 120  # of each format
_REFUSED = {400: "undecodable", 413: "too_large"}


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_are_read_or_refused(client: TestClient, digits: Digits, kind: str) -> None:
    """A file with flipped, missing, repeated, lying or foreign parts is read, or refused as documented."""
    generator = np.random.default_rng(2026)
    pictures = encode_everyhow(digits.images[0])
    statuses: Counter[int] = Counter()
    for _ in range(_FILES):
        damaged = mutate(pictures, kind, generator)
        answer = client.post("/api/predict", content=damaged.data, headers={"Content-Type": "image/png"})
        statuses[answer.status_code] += 1
        if answer.status_code != 200:
            assert answer.status_code in _REFUSED, f"{damaged.damage}: {damaged.data.hex()}"
            assert answer.json()["error"]["code"] == _REFUSED[answer.status_code]
    assert min(statuses[200], statuses[400]) > 0  # or all, or none, of the damage would be the same
