"""The YAML at the head of a README: read it, and say what the Hub finds wrong with it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml  # type: ignore[import-untyped]  # as the client does: no stubs installed

from tests.hub.store import RepoType

FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
TEXTS = (
    *("license", "license_name", "library_name", "pipeline_tag", "title", "sdk", "sdk_version", "app_file"),
    *("python_version", "emoji", "short_description", "thumbnail"),
)
LISTS = ("tags", "datasets", "metrics", "models", "preload_from_hub")  # one text, or several
LONGEST_DESCRIPTION = 60  # characters
SDKS = ("gradio", "docker", "static")
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")


class InvalidCard(Exception):
    """The Hub would not take this README; the message says why, one line for each reason."""


def read_card(content: str) -> dict[str, Any]:
    """Return what a README's YAML says, as JSON could; empty without YAML.

    Raises:
        InvalidCard: If it is no YAML, or no mapping.
    """
    front = FRONT_MATTER.match(content)
    try:
        card = yaml.safe_load(front.group(1)) if front else None
    except yaml.YAMLError as error:
        raise InvalidCard(f"Invalid YAML: {error}") from error
    if card is None:
        return {}
    if not isinstance(card, dict):
        raise InvalidCard("The YAML metadata must be a mapping")
    said: dict[str, Any] = json.loads(json.dumps(card, default=str))
    return said


def check_card(content: str, repo_type: RepoType) -> list[str]:
    """Return the Hub's warnings about a README.

    Raises:
        InvalidCard: If the Hub would refuse it.
    """
    card = read_card(content)
    wrong = [f'"{name}" must be a string' for name in TEXTS if not isinstance(card.get(name, ""), str)]
    wrong += [f'"{name}" must be an array of strings' for name in LISTS if not _texts(card.get(name, []))]
    if repo_type == "space":
        wrong += _wrong_of_space(card)
    if wrong:
        raise InvalidCard("\n".join(wrong))
    return [] if card else ["empty or missing yaml metadata in repo card"]


def _texts(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(text, str) for text in value)
    )


def _wrong_of_space(card: Mapping[str, Any]) -> list[str]:
    wrong = [
        f'"{name}" must be one of {", ".join(COLOURS)}'
        for name in ("colorFrom", "colorTo")
        if card.get(name, COLOURS[0]) not in COLOURS
    ]
    if card.get("sdk", SDKS[0]) not in SDKS:
        wrong.append(f'"sdk" must be one of {", ".join(SDKS)}')
    if not isinstance(card.get("app_port", 0), int):
        wrong.append('"app_port" must be a number')
    if len(str(card.get("short_description", ""))) > LONGEST_DESCRIPTION:
        wrong.append(f'"short_description" must have at most {LONGEST_DESCRIPTION} characters')
    return wrong
