"""The LiteRT.js runtime of the static page, which npm installs and verifies by package-lock.json."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from deflate import gzip_compress

from space.errors import DeployError

_SECONDS = 300  # limit for npm, which downloads 12 MB
_NPM = ("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error")
# The smallest variant, which needs no relaxed SIMD, threads or JSPI.
_VARIANT = "litert_wasm_compat_internal"
_LEVEL = 12  # of libdeflate: 100 kB less than with the standard library
_CHANGED = b"// LiteRT.js by Google, Apache License 2.0 (LICENSE.txt), changed in its imports.\n"


@cache
def load_runtime(lock: Path = Path(__file__).parent) -> dict[str, bytes]:
    """Return the runtime's files by name; `lock` is a folder with package.json and package-lock.json.

    Raises:
        DeployError: npm is missing or fails, or a package differs from the one in package-lock.json.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(lock / file, folder)
        _install(folder)
        core, wasm_utils = (folder / "node_modules" / "@litertjs" / name for name in ("core", "wasm-utils"))
        return {
            "index.js": _change_script(core / "dist" / "index.js"),
            "wasm_utils.js": _change_script(wasm_utils / "dist" / "index.js"),
            f"{_VARIANT}.js": (core / "wasm" / f"{_VARIANT}.js").read_bytes(),
            # Compressed, since not every server does that. Some let the browser unpack a file named .gz.
            f"{_VARIANT}.wasm.gzip": bytes(
                gzip_compress((core / "wasm" / f"{_VARIANT}.wasm").read_bytes(), _LEVEL)
            ),
        }


def _install(folder: Path) -> None:
    try:
        subprocess.run(_NPM, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603
    except FileNotFoundError as error:
        raise DeployError("npm not found, which installs LiteRT.js for the page; install Node.js") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        cause = str(error.stderr or "no error message").strip().splitlines()[0]
        raise DeployError(f"npm cannot install LiteRT.js ({cause}); check its registry") from error


def _change_script(path: Path) -> bytes:
    """Return a script that imports by path, since workers have no import maps, and names no source map."""
    script = path.read_bytes().replace(b'"@litertjs/wasm-utils"', b'"./wasm_utils.js"')
    lines = script.splitlines(keepends=True)
    return _CHANGED + b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))
