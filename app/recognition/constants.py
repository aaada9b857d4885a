"""Constants that the static page's JavaScript also uses, read from constants.json beside this file.

Lengths are in heights of a digit, and shares are those of the narrower box.
"""

import json
from pathlib import Path

CONSTANTS_JSON = Path(__file__).with_name("constants.json").read_text(encoding="utf-8")
_SECTIONS: dict[str, dict[str, float]] = json.loads(CONSTANTS_JSON)
ADAPTATION = _SECTIONS["adaptation"]
COMPONENTS = _SECTIONS["components"]
LINE_READER = _SECTIONS["line_reader"]
LINES = _SECTIONS["lines"]
WORDING = _SECTIONS["wording"]
