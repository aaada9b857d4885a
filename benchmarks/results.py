"""Write results as JSON and Markdown into one folder, with a description of the machine."""

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path("benchmarks", "results")
_CPU_INFO = Path("/proc/cpuinfo")
_BUSY_LOAD = 0.5  # load average of the last minute


def describe_machine() -> str:
    """Return processor, cores and Python, and a warning if the machine is busy."""
    load = os.getloadavg()[0]
    busy = f"; BUSY before the run (load {load:.1f}): do not compare" if load > _BUSY_LOAD else ""
    return f"{_find_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}{busy}"


def write_results(folder: Path, name: str, *, data: Any, text: str) -> None:
    """Write `name`.json and `name`.md into a folder, and print the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(_as_json(data), indent=2) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"{text}\nWritten to {folder / name}.json and .md")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def _as_json(value: Any) -> Any:
    """Replace NaN, which JSON does not have, by None."""
    if isinstance(value, Mapping):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _find_processor() -> str:
    if not _CPU_INFO.exists():
        return platform.processor() or platform.machine()
    lines = _CPU_INFO.read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if "model name" in line)
    return next(names, platform.machine())
