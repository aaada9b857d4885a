"""The app and its OpenAPI description agree, asked by Schemathesis."""

import os
import subprocess
import sys
from pathlib import Path

from tests.app.served import serve
from tests.conftest import PROJECT

_CONFIGURATION = PROJECT / "tests" / "app" / "schemathesis.toml"


def test_app_keeps_what_its_description_promises(tmp_path: Path) -> None:
    """What is documented is taken and answered as documented, what is not is refused, and nothing breaks."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIGURATION), "run"]
    with serve(environment) as served:
        ended = subprocess.run(
            [*command, f"{served.url}/openapi.json", "--checks", "all"],
            cwd=tmp_path,  # it leaves folders behind
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert ended.returncode == 0, ended.stdout
    assert "failed" not in served.log
