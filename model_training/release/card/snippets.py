"""The model card's examples: from Keras, from LiteRT and with the app, each complete as it stands."""

_SNIPPETS = """\
The network, from Keras (`pip install {packages}keras tensorflow pillow`):

```python
import keras
import numpy as np
{imports}from PIL import Image, ImageDraw

network = keras.saving.load_model({network})
picture = Image.new("L", (28, 28))  # white ink on black, as in MNIST: the digit in the middle, 20 pixels high
ImageDraw.Draw(picture).line([(8, 5), (20, 5), (12, 24)], fill=255, width=3)
logits = network.predict(np.asarray(picture, "float32")[None, :, :, None] / 255, verbose=0)
print("digit:", logits.argmax())
```

The reader, from LiteRT (`pip install {packages}ai-edge-litert numpy pillow`), without TensorFlow:

```python
import numpy as np
from ai_edge_litert.interpreter import Interpreter
{imports}from PIL import Image, ImageDraw

interpreter = Interpreter({reader})
drawing = Image.new("L", ({ink_size}, {ink_size}))  # 0 paper to 255 ink: the digit anywhere, of any size
ImageDraw.Draw(drawing).line([(20, 15), (60, 15), (35, 80)], fill=255, width=8)
answers = interpreter.get_signature_runner("serving_default")(ink=np.asarray(drawing)[None])
print("digit:", answers["probabilities"].argmax(), "with probability", answers["probabilities"].max())
print("accepted as a digit:", bool(answers["digit_score"][0] >= {threshold:.6f}))
```

The app, a page to draw on and a JSON API, from the sources of this project:

```sh
{app}
```
"""
_IMPORT = "from huggingface_hub import hf_hub_download\n"


def snippets_for_repo(repo_id: str, *, ink_size: int, threshold: float) -> str:
    """The examples for a release on the Hub."""
    return _SNIPPETS.format(
        packages="huggingface_hub ",
        imports=_IMPORT,
        network=f'hf_hub_download("{repo_id}", "model.keras")',
        reader=f'hf_hub_download("{repo_id}", "reader.tflite")',
        app=f"DIGITS_MODEL_REPO={repo_id} python -m app",
        ink_size=ink_size,
        threshold=threshold,
    )


def snippets_for_folder(*, ink_size: int, threshold: float) -> str:
    """The examples for a release folder, run in that folder."""
    return _SNIPPETS.format(
        packages="",
        imports="",
        network='"model.keras"',
        reader='"reader.tflite"',
        app="cp release.json reader.tflite ../../app/model/bundled/\n(cd ../.. && python -m app)",
        ink_size=ink_size,
        threshold=threshold,
    )
