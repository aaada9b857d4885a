"""The project's recognition in LitServe with one worker. The argument is the port."""

import sys
from typing import Any

import litserve

from benchmarks.service.peers.recognizer import open_recognizer, read_text


class Reading(litserve.LitAPI):  # type: ignore[misc]  # LitServe is not installed where types are checked
    """Reads one picture in each request."""

    def setup(self, device: str) -> None:
        """Load the model in the worker."""
        del device  # always the CPU
        self.recognizer = open_recognizer()

    def predict(self, request: dict[str, Any]) -> dict[str, str]:
        """Read the picture in a JSON body."""
        return {"text": read_text(self.recognizer, request["image"], request["expect"])}


if __name__ == "__main__":
    server = litserve.LitServer(Reading(api_path="/api/predict"), accelerator="cpu", workers_per_device=1)
    server.run(port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
