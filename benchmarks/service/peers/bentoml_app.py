"""The project's recognition in BentoML with one worker, for `bentoml serve`."""

import bentoml

from app.recognition.reading import Expect
from benchmarks.service.peers.recognizer import open_recognizer, read_text


# BentoML logs each request by default, which takes time.
@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Reading:
    """Reads one picture in each request."""

    def __init__(self) -> None:
        """Load the model in the worker."""
        self._recognizer = open_recognizer()

    @bentoml.api(route="/api/predict")  # type: ignore[untyped-decorator]  # BentoML is not installed where types are checked
    def predict(self, image: str, expect: Expect) -> dict[str, str]:
        """Read a picture in base64."""
        return {"text": read_text(self._recognizer, image, expect)}
