"""A minimal FastAPI app with the same request body and a constant response: the upper limit of the rate.

The argument is the port.
"""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Body(BaseModel):
    """One picture."""

    image: str
    expect: str


@app.post("/api/predict")
async def predict(body: Body) -> dict[str, str]:
    """Return a field of the request."""
    return {"text": body.expect}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
