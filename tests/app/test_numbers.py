"""Numbers written by templates, with known answers, are read."""

import numpy as np
from starlette.testclient import TestClient

from model_training.data.numbers import write_number
from tests.pictures import encode


def test_most_numbers_of_many_styles_are_read_whole(client: TestClient) -> None:
    """Of forty numbers of two to six digits, in all styles, at least three quarters are right."""
    generator = np.random.default_rng(0)
    right = 0
    for _ in range(40):
        text = "".join(map(str, generator.integers(0, 10, generator.integers(2, 7))))
        picture = 255 - write_number(text, generator=generator)
        answer = client.post(
            "/api/predict?expect=number", content=encode(picture), headers={"Content-Type": "image/png"}
        )
        right += answer.json()["text"] == text
    assert right >= 30
