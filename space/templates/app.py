"""Serves the page and the API as a Gradio Space does: `python app.py`."""

import os
import sys

if os.environ.get("SPACES_ZERO_GPU"):  # the free hardware of Spaces; `spaces` is installed there
    import spaces
    from spaces import zero

    @spaces.GPU
    def never_called() -> None:
        """ZeroGPU starts no Space that asks for no GPU at all; the reader needs none."""

    zero.startup()  # which Gradio's own launch, not used here, would call

DEFAULTS = {
    "DIGITS_HOST": "0.0.0.0",
    "FORWARDED_ALLOW_IPS": "*",  # only the Hub's proxy comes here; it tells who asks
    "GRADIO_ANALYTICS_ENABLED": "False",
}
for name, value in DEFAULTS.items():
    os.environ.setdefault(name, value)

from app.__main__ import main

sys.exit(main())
