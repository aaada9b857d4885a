"""Create the virtual environment of servers that are not dependencies of the project."""

import subprocess
import venv
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".venv-peers"
_REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"


class NoPeersError(Exception):
    """The packages cannot be installed; the message has the end of pip's output."""


def prepare_peers() -> Path:
    """Return a Python with LitServe and BentoML in exact versions; install them once.

    Raises:
        NoPeersError: they cannot be installed.
    """
    python = FOLDER / "bin" / "python"
    done = FOLDER / sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:16]
    if done.exists():
        return python
    print(f"Installing LitServe and BentoML into {FOLDER.name} (once)...", flush=True)
    venv.create(FOLDER, clear=True, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(_REQUIREMENTS)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise NoPeersError(f"pip could not install them: {result.stderr[-500:]}")
    done.touch()
    return python
