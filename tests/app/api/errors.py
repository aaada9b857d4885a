"""Check error responses of the JSON API and of the inference protocols."""

import httpx2

_INTERNALS = ("Traceback", "/app/", "0x", "PIL", "numpy", "InferRequest")


def check_error(response: httpx2.Response, status: int, code: str) -> str:
    """Check an error response of the JSON API and return its message."""
    assert response.status_code == status, response.text
    assert response.json().keys() == {"error"}
    error = response.json()["error"]
    assert error.keys() == {"code", "message"}
    assert error["code"] == code
    assert error["message"].endswith(".")
    return check_message(error["message"])


def check_message(message: object) -> str:
    """Check that an error message is a text without internals, and return it."""
    assert isinstance(message, str)
    assert len(message) > 5
    assert not any(internal in message for internal in _INTERNALS)
    return message
