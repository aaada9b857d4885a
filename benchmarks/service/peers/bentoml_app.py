"""The same recognition behind BentoML, one worker: `bentoml serve` takes this file and the port."""

import bentoml

from app.recognition.reading import Expect
from benchmarks.service.peers.recognizer import open_recognizer, read_text


# By default it logs each request, which costs time.
@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Reading:
    """Reads one picture a request."""

    def __init__(self) -> None:
        """Open the model, in the worker."""
        self._recognizer = open_recognizer()

    @bentoml.api(route="/api/predict")  # type: ignore[untyped-decorator]  # BentoML is not installed where types are checked
    def predict(self, image: str, expect: Expect) -> dict[str, str]:
        """Read a picture in base64."""
        return {"text": read_text(self._recognizer, image, expect)}
