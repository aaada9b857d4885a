"""Photographs of numbers, made from written ones with known answers, are read."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.pictures import encode
from tests.simulated_photographs import KINDS, Kind, Photograph, photograph
from tests.written_numbers import write_number


def _enlarge(picture: Photograph, times: int) -> Photograph:
    return np.repeat(np.repeat(picture, times, axis=0), times, axis=1)


def _count_read(client: TestClient, kind: Kind, *, severity: int, count: int, times: int = 1) -> int:
    generator = np.random.default_rng(11)
    right = 0
    for _ in range(count):
        text = "".join(map(str, generator.integers(0, 10, generator.integers(1, 6))))
        ink = write_number(text, generator=generator)
        picture = photograph(ink, kind, severity=severity, generator=generator)
        answer = client.post(
            "/api/predict?expect=number",
            content=encode(_enlarge(picture, times)),
            headers={"Content-Type": "image/png"},
        )
        right += answer.json()["text"] == text
    return right


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_in_photographs_are_read(client: TestClient, kind: Kind) -> None:
    """Of eight photographs of middling quality at least six are read whole and right."""
    assert _count_read(client, kind, severity=3, count=8) >= 6


@pytest.mark.parametrize("severity", [1, 2, 4, 5])
def test_lines_of_squared_paper_are_left_out(client: TestClient, severity: int) -> None:
    """Faint, thin lines or strong ones, few or many: of 40 numbers on squared paper at least 34 are read."""
    assert _count_read(client, "squared paper", severity=severity, count=40) >= 34


def test_lines_of_squared_paper_are_left_out_of_large_photographs(client: TestClient) -> None:
    """Of ten numbers in photographs of more than two megapixels at least eight are read."""
    assert _count_read(client, "squared paper", severity=4, count=10, times=6) >= 8


def test_large_photograph_gives_boxes_in_its_own_pixels(client: TestClient) -> None:
    """A photograph of many megapixels is read small, and the boxes lie where the digits were sent."""
    generator = np.random.default_rng(12)
    small = photograph(
        write_number("46", generator=generator), "clean paper", severity=1, generator=generator
    )
    times = 12
    large = _enlarge(small, times)
    found = [
        client.post(
            "/api/predict?expect=number", content=encode(picture), headers={"Content-Type": "image/png"}
        ).json()
        for picture in (small, large)
    ]
    assert found[0]["text"] == found[1]["text"] == "46"
    for first, second in zip(found[0]["digits"], found[1]["digits"], strict=True):
        assert np.abs(np.array(second["box"]) / times - first["box"]).max() <= 4
