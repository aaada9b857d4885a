"""Trace ink into strokes along its middle, so that another pen can draw it again."""

from collections import Counter

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from model_training.data.ink import Ink
from model_training.data.pen_digits import Strokes

_Pixel = tuple[int, int]  # row and column

_ENLARGEMENT = 3
_THRESHOLD = 110  # of 255
_MARGIN = 2  # pixels of the enlarged picture
_SPUR = 1  # pixels of it beyond the ink's edge; a shorter path with a free end is an unevenness of the ink
_SMOOTH = 2  # pixels on either side over which a path is averaged
_STEP = 2  # pixels from one point of a stroke to the next
_AROUND = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))


def trace_strokes(picture: Ink) -> Strokes:
    """Return the strokes of a small picture with ink, uint8 (h, w), as points (p, 2) in its pixels."""
    large = cv2.resize(picture, None, fx=_ENLARGEMENT, fy=_ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
    inked = cv2.GaussianBlur(np.pad(large, _MARGIN), (0, 0), 1) > _THRESHOLD
    return tuple((stroke + 0.5 - _MARGIN) / _ENLARGEMENT for stroke in trace_shape(inked))


def trace_shape(inked: NDArray[np.bool_]) -> Strokes:
    """Return the strokes of a shape, bool (h, w) of about 60 pixels, as points (p, 2) in its pixels."""
    skeleton = skeletonize(inked)  # type: ignore[no-untyped-call]
    paths = _find_paths({(int(row), int(column)) for row, column in np.argwhere(skeleton)})
    ends = Counter(end for path in paths for end in (path[0], path[-1]))
    depth = cv2.distanceTransform(inked.astype(np.uint8), cv2.DIST_L2, 5)

    def is_spur(path: list[_Pixel]) -> bool:
        free = [ends[path[0]] == 1, ends[path[-1]] == 1]
        return any(free) and not all(free) and len(path) <= depth[path[-1 if free[0] else 0]] + _SPUR

    kept = [path for path in paths if not is_spur(path)] or paths
    return tuple(_smooth(np.array(path, float))[:, ::-1] for path in kept)


def _find_paths(pixels: set[_Pixel]) -> list[list[_Pixel]]:
    """Return the paths of a skeleton between ends and junctions, then closed ones; no two share a step."""
    beside = {pixel: _neighbours(pixel, pixels) for pixel in pixels}
    paths = []
    taken: set[tuple[_Pixel, _Pixel]] = set()
    for start in sorted(beside, key=lambda pixel: (len(beside[pixel]) == 2, pixel)):
        for following in beside[start]:
            path = [start]
            while (path[-1], following) not in taken:
                taken |= {(path[-1], following), (following, path[-1])}
                path.append(following)
                if len(beside[following]) != 2:
                    break
                following = next(pixel for pixel in beside[following] if pixel != path[-2])
            if len(path) > 1:
                paths.append(path)
    return paths + [[pixel, pixel] for pixel in sorted(pixels) if not beside[pixel]]


def _neighbours(pixel: _Pixel, pixels: set[_Pixel]) -> list[_Pixel]:
    """Return the neighbours of a pixel; diagonal ones only where no other pixel joins the two."""
    row, column = pixel
    near = [(down, right) for down, right in _AROUND if (row + down, column + right) in pixels]
    return [
        (row + down, column + right)
        for down, right in near
        if 0 in (down, right) or ((down, 0) not in near and (0, right) not in near)
    ]


def _smooth(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return fewer points along a path, without the steps of its pixels; its ends stay."""
    padded = np.pad(path, ((_SMOOTH, _SMOOTH), (0, 0)), mode="edge")
    smooth = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTH + 1, axis=0).mean(axis=-1)
    return np.concatenate([path[:1], smooth[_STEP:-1:_STEP], path[-1:]])
