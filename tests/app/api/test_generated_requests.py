"""Generated requests: those of Schemathesis from the OpenAPI description, and damaged pictures."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.app.api.errors import check_error
from tests.app.served import serve
from tests.conftest import PROJECT, Digits
from tests.mutations import KINDS, encode_variants, mutate

_CONFIGURATION = PROJECT / "tests" / "app" / "api" / "schemathesis.toml"
_FILES = 120  # of each format
_REFUSED = {400: "undecodable", 413: "too_large"}


@pytest.mark.slow
def test_app_follows_its_openapi_description(tmp_path: Path) -> None:
    """Valid requests get documented responses, invalid requests are refused, and no request fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIGURATION), "run"]
    with serve(environment) as served:
        result = subprocess.run(
            [*command, f"{served.url}/openapi.json", "--checks", "all"],
            cwd=tmp_path,  # Schemathesis leaves folders behind
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert result.returncode == 0, result.stdout
    assert "failed" not in served.log


@pytest.mark.parametrize("kind", KINDS)
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
