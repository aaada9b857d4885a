"""Damaged pictures are read or refused, and never break the server."""

from collections import Counter

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.app.errors import check_error
from tests.conftest import Digits
from tests.mutations import FORMATS, encode_variants, mutate

_FILES = 120  # of each format
_REFUSED = {400: "undecodable", 413: "too_large"}


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_are_read_or_refused(client: TestClient, digits: Digits, kind: str) -> None:
    """A damaged file is read, or refused with a documented error."""
    generator = np.random.default_rng(2026)
    pictures = encode_variants(digits.images[0])
    statuses: Counter[int] = Counter()
    for _ in range(_FILES):
        damaged = mutate(pictures, kind, generator)
        response = client.post("/api/predict", content=damaged.data, headers={"Content-Type": "image/png"})
        statuses[response.status_code] += 1
        if response.status_code != 200:
            assert response.status_code in _REFUSED, f"{damaged.damage}: {damaged.data.hex()}"
            check_error(response, response.status_code, _REFUSED[response.status_code])
    assert min(statuses[200], statuses[400]) > 0  # the damage is neither harmless nor always fatal
