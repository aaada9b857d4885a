"""Runs the app in a Gradio Space: `python app.py`."""

import os
import sys

if os.environ.get("SPACES_ZERO_GPU"):  # free hardware, where the package `spaces` is installed
    import spaces
    from spaces import zero

    @spaces.GPU
    def never_called() -> None:
        """Satisfy ZeroGPU, which starts only Spaces with a GPU function."""

    zero.startup()  # Gradio's launch(), which the app does not use, would call it

DEFAULTS = {
    "DIGITS_HOST": "0.0.0.0",
    "FORWARDED_ALLOW_IPS": "*",  # only the Hub's proxy connects, and it gives the client's address
    "GRADIO_ANALYTICS_ENABLED": "False",
}
for name, value in DEFAULTS.items():
    os.environ.setdefault(name, value)

from app.__main__ import main

sys.exit(main())
