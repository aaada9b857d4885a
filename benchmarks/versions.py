"""`python -m benchmarks.versions RELEASE`: the versions of Keras, LiteRT and TensorFlow Lite that read it.

Installs each version into an environment of its own, in a temporary folder, and prints Markdown.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

_NETWORKS = """\
import base64, json, sys
import keras, numpy as np
folder = sys.argv[1]
network, line = (keras.saving.load_model(f"{folder}/{name}.keras") for name in ("model", "line_model"))
cases = json.load(open(f"{folder}/release.json"))["self_test"]["cases"]
images = np.array([list(base64.b64decode(case["picture"])) for case in cases]).reshape(-1, 28, 28, 1)
logits = np.asarray(network(images.astype("float32") / 255))
expected = [int(np.argmax(case["probabilities"])) for case in cases]
assert logits.argmax(axis=1).tolist() == expected, "misreads the self-test"
assert line(np.zeros((1, 32, 256, 1), "float32"))["logits"].shape[1] == 128
"""
_READERS = """\
import base64, json, sys
import numpy as np
try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    try:
        from tflite_runtime.interpreter import Interpreter
    except ImportError:
        import tensorflow
        Interpreter = tensorflow.lite.Interpreter
folder = sys.argv[1]
description = json.load(open(f"{folder}/release.json"))
read = Interpreter(f"{folder}/reader.tflite").get_signature_runner()
for case in description["self_test"]["cases"]:
    image = np.frombuffer(base64.b64decode(case["picture"]), np.uint8).reshape(28, 28)
    enlarged = np.kron(image, np.ones([description["input"]["shape"][1] // 28] * 2, np.uint8))
    found = read(ink=enlarged[None])["probabilities"]
    assert np.allclose(found, case["probabilities"], atol=0.01), "misreads the self-test"
read = Interpreter(f"{folder}/line_reader.tflite").get_signature_runner()
for case in description["line_reader"]["self_test"]["cases"]:
    line = np.frombuffer(base64.b64decode(case["picture"]), np.uint8).reshape(1, 32, 256)
    found = read(ink=line)["probabilities"][0][case["columns"]]
    assert np.allclose(found, case["probabilities"], atol=0.05), "misreads the line's self-test"
"""
_KERAS = ("3.3.3", "3.4.1", "3.8.0", "3.10.0", "3.12.0", "3.13.2", "3.14.0", "3.15.1")
_LITERT = ("1.1.2", "1.2.0", "1.4.0", "2.0.3", "2.3.0")
# Packages of each environment, and the program that it runs. Keras 3.3 needs packaging and does not say so.
_ENVIRONMENTS = [
    *(([f"keras=={version}", "jax", "packaging"], _NETWORKS) for version in _KERAS),
    (["ai-edge-litert==1.0.1", "numpy<2"], _READERS),
    *(([f"ai-edge-litert=={version}"], _READERS) for version in _LITERT),
    (["tflite-runtime==2.14.0", "numpy<2"], _READERS),
    (["tensorflow==2.17.1"], _READERS),
]


def main() -> int:
    """Open the files of a release in every environment."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versions", description=__doc__)
    parser.add_argument("release", type=Path, help="release folder with its Keras networks")
    release = parser.parse_args().release.resolve()
    print("| packages | result |\n|---|---|")
    for packages, program in _ENVIRONMENTS:
        with tempfile.TemporaryDirectory() as folder:
            print(
                f"| {', '.join(packages)} | {_try(Path(folder), packages, program, release=release)} |",
                flush=True,
            )
    return 0


def _try(folder: Path, packages: list[str], program: str, *, release: Path) -> str:
    """Return "right", or the last line of the error."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    for command in (["-m", "pip", "install", "--quiet", *packages], ["-c", program, str(release)]):
        environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": ""}
        done = subprocess.run(
            [python, *command], env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return "right"


if __name__ == "__main__":
    sys.exit(main())
