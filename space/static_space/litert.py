"""The LiteRT.js runtime, as npm has it, made ready for a page that loads nothing from elsewhere."""

import gzip
import tarfile
from pathlib import Path

from space.static_space.npm import Package, fetch_package

_CORE = Package(
    "@litertjs/core",
    version="2.5.3",
    sha512="PlGmbMOq9WitX7FO0jhbdJw9GthatsyuCQXjTt/wJZo0FLaw48q4tz8IwqgqCIkviYGr9OFDL1kCnN4nzWoyJQ==",
)
_WASM_UTILS = Package(
    "@litertjs/wasm-utils",
    version="2.5.3",
    sha512="4fJiw6tBQnIs+0jH/OQ16nYOiSl8/+zZnn5h2ul8aTKHi05sVqZW580Tmk78pC2kT39A9OYBVdFawteZ/sI1kQ==",
)
# The one variant that is carried: the smallest, which needs no relaxed SIMD, threads or JSPI of the browser.
_VARIANT = "litert_wasm_compat_internal"
_LEVEL = 6  # of 9: the slower ones save 20 KB of 2.8 MB
# Workers know no import map, so the one import by a package's name becomes one by its place.
_BY_NAME, _BY_PLACE = '"@litertjs/wasm-utils"', '"./wasm_utils.js"'
_CHANGED = "// LiteRT.js by Google, Apache License 2.0 (LICENSE.txt): {package}, changed in its imports.\n"


def write_litert(folder: Path) -> None:
    """Write the runtime into `folder`, which holds its licence.

    Raises:
        DeployError: npm cannot give it.
    """
    core, wasm_utils = _unpack(_CORE), _unpack(_WASM_UTILS)
    _write_script(folder / "index.js", core["dist/index.js"], package=_CORE)
    _write_script(folder / "wasm_utils.js", wasm_utils["dist/index.js"], package=_WASM_UTILS)
    (folder / f"{_VARIANT}.js").write_bytes(core[f"wasm/{_VARIANT}.js"])
    # Compressed, so that it is small on its way even where the server compresses nothing. The name must not
    # end in .gz: some servers would then have the browser unpack it.
    wasm = gzip.compress(core[f"wasm/{_VARIANT}.wasm"], _LEVEL, mtime=0)
    (folder / f"{_VARIANT}.wasm.gzip").write_bytes(wasm)


def _unpack(package: Package) -> dict[str, bytes]:
    """The files of a package by their paths in it."""
    with tarfile.open(fetch_package(package)) as archive:
        return {
            member.name.removeprefix("package/"): content.read()
            for member in archive
            if (content := archive.extractfile(member))
        }


def _write_script(path: Path, script: bytes, *, package: Package) -> None:
    lines = script.decode().replace(_BY_NAME, _BY_PLACE).splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("//# sourceMappingURL=")]
    path.write_text(_CHANGED.format(package=package.spec) + "".join(kept), encoding="utf-8")
