"""Where a benchmark's results go: JSON, Markdown and plots in one folder, with the machine they are from."""

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path("benchmarks", "results")
_CPU_INFO = Path("/proc/cpuinfo")
_BUSY_LOAD = 0.5  # processes that wanted to run in the last minute, before the benchmark began


def describe_machine() -> str:
    """Processor, cores, Python, and how busy the machine was before."""
    load = os.getloadavg()[0]
    busy = f"; BUSY before this run (load {load:.1f}): do not compare" if load > _BUSY_LOAD else ""
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}{busy}"


def write_results(folder: Path, name: str, *, data: Any, text: str) -> None:
    """Write `name`.json and `name`.md into a folder, and print the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(_plain(data), indent=2) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"Written to {folder / name}.json and .md")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def _plain(value: Any) -> Any:
    """The value with null for NaN, which JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _processor() -> str:
    if not _CPU_INFO.exists():
        return platform.processor() or platform.machine()
    names = (
        line.partition(":")[2].strip() for line in _CPU_INFO.read_text().splitlines() if "model name" in line
    )
    return next(names, platform.machine())
