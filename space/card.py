"""The README.md of a Space: front matter for the Hub, and below it a card for people."""

from pathlib import Path
from string import Template
from typing import Any

from huggingface_hub import SpaceCardData

from space.errors import DeployError
from space.model import READER_FILE, RELEASE_FILE, PinnedModel
from space.target import Sdk, Target

TITLE = "Handwritten digits"
THUMBNAIL = "thumbnail.png"
PYTHON_VERSION = "3.12"  # the one of ZeroGPU, and of the Dockerfile

_PORT = 7860
_TEMPLATES = Path(__file__).parent / "templates"
# At most 60 characters, as the Hub asks.
_SHORT = {
    "docker": "Reads handwritten digits while you draw them",
    "gradio": "Reads handwritten digits while you draw them",
    "static": "Reads digits as you draw them, in your browser alone",
}
_RUN = {
    "docker": f"docker build --tag digits . && docker run --publish {_PORT}:{_PORT} digits",
    "gradio": "pip install --requirement requirements.txt && python app.py",
    "static": "python -m http.server",
}
_TOLD = {"accuracy": "read right", "refused": "rightly refused as no digits"}


def write_card(folder: Path, target: Target, *, model: PinnedModel) -> None:
    """Write README.md for the Space whose other files lie in `folder`.

    Raises:
        DeployError: the model's release.json cannot be understood.
    """
    has_thumbnail = (folder / THUMBNAIL).exists()
    data = SpaceCardData(
        title=TITLE,
        sdk=target.sdk,
        license="mit",
        models=[model.repo],
        datasets=["ylecun/mnist"],
        tags=["handwriting", "handwritten-digits", "digit-recognition", "mnist", "litert"],
        emoji="✍️",
        colorFrom="yellow",
        colorTo="indigo",
        short_description=_SHORT[target.sdk],
        pinned=False,
        thumbnail=f"{target.page(model.endpoint)}/resolve/main/{THUMBNAIL}" if has_thumbnail else None,
        **_front_matter(folder, target.sdk, model=model),
    )
    template = "card_static.md" if target.sdk == "static" else "card_app.md"
    body = Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(
        title=TITLE,
        picture=f"![The page]({THUMBNAIL})\n\n" if has_thumbnail else "",
        address=target.address,
        repo=model.repo,
        revision=model.revision,
        short_revision=model.revision[:12],
        model_page=f"{model.endpoint}/{model.repo}",
        results=_results(model),
        run=_RUN[target.sdk],
    )
    (folder / "README.md").write_text(f"---\n{data.to_yaml()}\n---\n\n{body}", encoding="utf-8")


def _front_matter(folder: Path, sdk: Sdk, *, model: PinnedModel) -> dict[str, Any]:
    if sdk == "static":
        return {"app_file": "index.html"}
    preloaded = [f"{model.repo} {RELEASE_FILE},{READER_FILE} {model.revision}"]
    if sdk == "docker":
        return {"app_port": _PORT, "preload_from_hub": preloaded}
    requirements = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {
        "sdk_version": next(line.split("==")[1] for line in requirements if line.startswith("gradio==")),
        "python_version": PYTHON_VERSION,
        "app_file": "app.py",
        "preload_from_hub": preloaded,
    }


def _results(model: PinnedModel) -> str:
    """The rows of a table: what was measured when the model was made."""
    try:
        return "\n".join(
            f"| {metric['dataset']} | {metric['size']:,} | {100 * metric['value']:.2f} % {told} |"
            for metric in model.describe()["metrics"]
            if (told := _TOLD.get(metric["metric"]))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DeployError(f"{RELEASE_FILE} of {model.repo} cannot be understood: {error!r}") from error
