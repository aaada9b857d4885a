"""The virtual environment of the servers that the project does not depend on, made once."""

import subprocess
import venv
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".venv-peers"
_REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"


class NoPeersError(Exception):
    """The packages cannot be installed; the message has pip's last words."""


def prepare_peers() -> Path:
    """Return the Python that has LitServe and BentoML, at exact versions.

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
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise NoPeersError(f"pip could not install them: {ended.stderr[-500:]}")
    done.touch()
    return python
