"""Validation of the YAML front matter of a README, as the Hub does it."""

import re
from typing import Any

import yaml

FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
STRINGS = (
    *("license", "license_name", "library_name", "pipeline_tag", "title", "sdk", "sdk_version", "app_file"),
    *("python_version", "emoji", "short_description", "thumbnail"),
)
LISTS = ("tags", "datasets", "metrics", "models", "preload_from_hub")  # a string, or several
SDKS = ("gradio", "docker", "static")
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
LONGEST_DESCRIPTION = 60  # characters


def card_errors(content: str) -> list[str]:
    """Return a message for each error in a README's front matter; none without front matter."""
    match = FRONT_MATTER.match(content)
    card: dict[str, Any] = (yaml.safe_load(match.group(1)) if match else None) or {}
    errors = [f'"{name}" must be a string' for name in STRINGS if not isinstance(card.get(name, ""), str)]
    errors += [f'"{name}" must be an array of strings' for name in LISTS if not _strings(card.get(name, ""))]
    for name, allowed in (("sdk", SDKS), ("colorFrom", COLOURS), ("colorTo", COLOURS)):
        if card.get(name, allowed[0]) not in allowed:
            errors.append(f'"{name}" must be one of {", ".join(allowed)}')
    if len(str(card.get("short_description", ""))) > LONGEST_DESCRIPTION:
        errors.append(f'"short_description" must have at most {LONGEST_DESCRIPTION} characters')
    return errors


def _strings(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, str) for each in values)
