"""A common implementation: FastAPI, Pillow and a Keras network.

Arguments: the port, how the network is called ("predict" or "call"), and a Keras file; without the file, the
released architecture has random weights, which take the same time.
"""

import base64
import io
import sys
from typing import Any

import keras
import numpy as np
import uvicorn
from fastapi import FastAPI
from PIL import Image
from pydantic import BaseModel

from model_training.training.network import build_network


class Body(BaseModel):
    """One picture."""

    image: str
    expect: str


def create_app(network: Any, *, call: str) -> FastAPI:
    """Create the app for a network with input (n, 28, 28, 1)."""
    app = FastAPI()

    @app.post("/api/predict")
    def predict(body: Body) -> dict[str, str]:
        image = Image.open(io.BytesIO(base64.b64decode(body.image))).convert("L").resize((28, 28))
        batch = (1 - np.asarray(image, np.float32) / 255)[np.newaxis, :, :, np.newaxis]
        logits = network.predict(batch, verbose=0) if call == "predict" else network(batch)
        return {"text": str(int(np.argmax(logits)))}

    return app


if __name__ == "__main__":
    port, call, *file = sys.argv[1:]
    network = keras.models.load_model(file[0]) if file else build_network("residual")
    uvicorn.run(create_app(network, call=call), port=int(port), log_level="warning")
