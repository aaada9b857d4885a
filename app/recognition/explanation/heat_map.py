"""Draws a heat map over the digit that was seen, as a PNG."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.recognition.explanation.occlusion import Heat

SIDE = 280  # pixels of the PNG, ten for each that was seen

# Orange and blue are told apart with any kind of colour blindness.
_PAPER = np.array([255.0, 255.0, 255.0])
_NEUTRAL = np.array([172.0, 168.0, 160.0])
_FOR = np.array([208.0, 84.0, 0.0])
_AGAINST = np.array([30.0, 92.0, 180.0])
_LEAST_RANGE = 1.0  # of log-odds: what matters less than this all over is not painted as if it mattered


def draw_heat_map(seen: NDArray[np.float32], heat: Heat) -> bytes:
    """Paint what was seen in colours: orange ink speaks for the answer, blue against it, grey neither.

    Args:
        seen: float32 (28, 28), 0 paper to 1 ink.
        heat: float32 (28, 28); the strongest value, whether for or against, gets the full colour.

    Returns:
        A PNG of SIDE x SIDE pixels.
    """
    share = heat / max(float(np.abs(heat).max()), _LEAST_RANGE)
    pen = np.where(share[:, :, np.newaxis] > 0, _FOR, _AGAINST)
    colour = _mix(_NEUTRAL, pen, np.abs(share))
    painted = _mix(_PAPER, colour, np.clip(seen, 0, 1)).round().astype(np.uint8)
    png = io.BytesIO()
    image = Image.fromarray(painted).resize((SIDE, SIDE), Image.Resampling.NEAREST)
    image.save(png, format="PNG")
    return png.getvalue()


def _mix(
    under: NDArray[np.float64], over: NDArray[np.float64], share: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Lay colours (..., 3) over others, each pixel by its share, (28, 28) in 0..1."""
    part = share[:, :, np.newaxis]
    return np.asarray((1 - part) * under + part * over)
