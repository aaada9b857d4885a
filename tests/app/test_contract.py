"""The app follows its OpenAPI description, as checked by Schemathesis."""

import os
import subprocess
import sys
from pathlib import Path

from tests.app.served import serve
from tests.conftest import PROJECT

_CONFIGURATION = PROJECT / "tests" / "app" / "schemathesis.toml"


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
