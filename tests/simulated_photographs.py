"""Simulated phone photographs of ink on paper."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from model_training.data.ink import Ink

Kind = str  # one of KINDS
SEVERITIES = (1, 2, 3, 4, 5)

Photograph = NDArray[np.uint8]  # (height, width, 3), RGB
_Light = NDArray[np.float32]  # (height, width, 3), RGB, 0 black to 1 white
# Colours, RGB in 0..1.
_PAPER = (0.86, 0.84, 0.80)
_PEN = (0.10, 0.10, 0.14)
_PENS = ((0.75, 0.12, 0.12), (0.10, 0.25, 0.75), (0.10, 0.50, 0.20), (0.85, 0.45, 0.05), (0.55, 0.20, 0.60))
_RULE = (0.55, 0.65, 0.80)
_MARGIN = 0.6  # around the ink, as a share of its height


def photograph(ink: Ink, kind: Kind, *, severity: int, generator: np.random.Generator) -> Photograph:
    """Return a photograph of ink (height, width), with a defect of one kind and severity 1 to 5."""
    padded = np.pad(ink, round(_MARGIN * len(ink)))
    picture = _MAKERS[kind](padded, severity / SEVERITIES[-1], generator)
    noisy = picture + generator.normal(0, 0.012, picture.shape).astype(np.float32)
    return np.asarray(np.clip(255 * noisy, 0, 255), np.uint8)


def _write(
    ink: Ink, pen: tuple[float, ...], generator: np.random.Generator, paper: _Light | None = None
) -> _Light:
    """Draw ink on paper with a grain, and blur it as a lens does."""
    grain = cv2.GaussianBlur(generator.normal(0, 1, ink.shape).astype(np.float32), (0, 0), 1.5)
    sheet = np.full((*ink.shape, 3), _PAPER, np.float32) if paper is None else paper
    sheet = sheet * (1 + 0.03 * np.asarray(grain)[..., None])
    cover = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.8), np.float32)[..., None] / 255
    return np.asarray(sheet * (1 - cover) + np.asarray(pen, np.float32) * cover, np.float32)


def _uneven_light(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    height, width = ink.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = generator.uniform(0, 2 * np.pi)
    along = (columns / width - 0.5) * np.cos(angle) + (rows / height - 0.5) * np.sin(angle)
    light = np.asarray(1 - 0.8 * share * (0.5 + along / 1.4), np.float32)
    return _write(ink, _PEN, generator) * light[..., None]


def _shadow(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    height, width = ink.shape
    edge = np.zeros((height, width), np.float32)
    corners = np.array([[0, 0], [generator.uniform(0.2, 0.8) * width, 0]])
    foot = [[generator.uniform(0.2, 0.8) * width, height], [0, height]]
    cv2.fillPoly(edge, [np.concatenate([corners, foot]).astype(np.int32)], [1.0])
    soft = np.asarray(cv2.GaussianBlur(edge, (0, 0), 2 + 12 * generator.random()), np.float32)
    return _write(ink, _PEN, generator) * (1 - 0.65 * share * soft)[..., None]


def _pencil(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    grain = np.asarray(cv2.GaussianBlur(generator.normal(0, 1, ink.shape).astype(np.float32), (0, 0), 0.8))
    rubbed = np.clip(ink * (1 - 0.55 * share * np.abs(grain) * 2), 0, 255).astype(np.uint8)
    grey = 0.25 + 0.4 * share
    return _write(rubbed, (grey, grey, grey), generator)


def _coloured_pen(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    pen = np.array(_PENS[generator.integers(len(_PENS))])
    return _write(ink, tuple(pen + 0.5 * share * (np.array(_PAPER) - pen)), generator)


def _ruled(ink: Ink, share: float, generator: np.random.Generator, *, squared: bool = False) -> _Light:
    sheet = np.full((*ink.shape, 3), _PAPER, np.float32)
    step = int(len(ink) / generator.uniform(2, 5))
    colour = (np.array(_PAPER) + (0.4 + 1.2 * share) * np.subtract(_RULE, _PAPER)).tolist()
    width = 1 + round(2 * share)
    drop = round(generator.normal(0, 0.01) * ink.shape[1])
    for y in range(int(generator.integers(step)), len(ink), step):
        cv2.line(sheet, (0, y), (ink.shape[1], y + drop), colour, width, cv2.LINE_AA)
    for x in range(int(generator.integers(step)), ink.shape[1] if squared else 0, step):
        cv2.line(sheet, (x, 0), (x - drop, len(ink)), colour, width, cv2.LINE_AA)
    return _write(ink, _PEN, generator, np.clip(sheet, 0, 1))


def _dark_paper(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    paper = np.array([0.75, 0.6, 0.42]) * (1 - 0.6 * share)
    return _write(ink, _PEN, generator, np.full((*ink.shape, 3), paper, np.float32))


def _blackboard(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    wiped = cv2.GaussianBlur(generator.normal(0, 1, ink.shape).astype(np.float32), (0, 0), 25)
    board = np.array([0.12, 0.17, 0.15], np.float32) + 2.5 * share * np.abs(np.asarray(wiped))[..., None]
    chalk = np.clip(ink * (1 - 0.5 * share * generator.random(ink.shape)), 0, 255).astype(np.uint8)
    return _write(chalk, (0.88, 0.88, 0.84), generator, np.clip(board, 0, 0.6))


def _blur(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    return np.asarray(cv2.GaussianBlur(_write(ink, _PEN, generator), (0, 0), 0.5 + 5 * share), np.float32)


def _noise(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    picture = _write(ink, _PEN, generator)
    return np.asarray(picture + generator.normal(0, 0.16 * share, picture.shape), np.float32)


def _jpeg(ink: Ink, share: float, generator: np.random.Generator) -> _Light:
    pixels = np.clip(255 * _write(ink, _PEN, generator), 0, 255).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, round(60 - 55 * share)])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.float32) / np.float32(255)


_MAKERS: dict[Kind, Callable[[Ink, float, np.random.Generator], _Light]] = {
    "clean paper": lambda ink, _, generator: _write(ink, _PEN, generator),
    "uneven light": _uneven_light,
    "shadow": _shadow,
    "pencil": _pencil,
    "coloured pen": _coloured_pen,
    "ruled paper": _ruled,
    "squared paper": partial(_ruled, squared=True),
    "dark paper": _dark_paper,
    "blackboard": _blackboard,
    "blur": _blur,
    "noise": _noise,
    "JPEG": _jpeg,
}
KINDS: tuple[Kind, ...] = tuple(_MAKERS)
