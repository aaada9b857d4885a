"""The README.md of a Space: front matter for the Hub, and a card for people."""

from pathlib import Path
from string import Template
from typing import Any

from huggingface_hub import SpaceCardData, constants

from space.model import READER_FILES, RELEASE_FILE, SpaceModel
from space.target import Target

THUMBNAIL = "thumbnail.png"
_PYTHON_VERSION = "3.12"  # that of ZeroGPU and of the Dockerfile

_PORT = 7860
_TEMPLATES = Path(__file__).parent / "templates"
_RUN = {
    "docker": f"docker build --tag digits . && docker run --publish {_PORT}:{_PORT} digits",
    "gradio": "pip install --requirement requirements.txt && python app.py",
    "static": "python -m http.server",
}


def write_card(folder: Path, target: Target, *, model: SpaceModel) -> None:
    """Write README.md for a Space into the folder of its other files."""
    data = SpaceCardData(
        title="Handwritten digits",
        sdk=target.sdk,
        license="mit",
        models=[model.commit.repo] if model.commit else None,
        datasets=["ylecun/mnist"],
        tags=["handwriting", "handwritten-digits", "digit-recognition", "mnist", "litert"],
        emoji="✍️",
        colorFrom="yellow",
        colorTo="indigo",
        short_description="Reads handwritten digits while you draw them",  # at most 60 characters
        pinned=False,
        thumbnail=f"{constants.ENDPOINT}/spaces/{target.repo}/resolve/main/{THUMBNAIL}",
        **_front_matter(folder, target, model=model),
    )
    template = "card_static.md" if target.sdk == "static" else "card_app.md"
    body = Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(
        app_url=target.app_url,
        model=_link(model),
        results="\n".join(f"| {dataset} | {size:,} | {result} |" for dataset, size, result in model.scores),
        run=_RUN[target.sdk],
    )
    (folder / "README.md").write_text(f"---\n{data.to_yaml()}\n---\n\n{body}", encoding="utf-8")


def _link(model: SpaceModel) -> str:
    """Return the model in Markdown."""
    if model.commit is None:
        return f"The {model.name}, a copy in this Space"
    repo, revision, url = model.commit.repo, model.commit.revision, model.commit.url
    return f"[`{repo}`]({url}) at commit [`{revision}`]({url}/tree/{revision})"


def _front_matter(folder: Path, target: Target, *, model: SpaceModel) -> dict[str, Any]:
    """Return the fields for the Space's kind."""
    if target.sdk == "static":
        return {"app_file": "index.html"}
    preloaded = {}
    if commit := model.commit:
        files = ",".join((RELEASE_FILE, *READER_FILES))
        preloaded["preload_from_hub"] = [f"{commit.repo} {files} {commit.revision}"]
    if target.sdk == "docker":
        return {"app_port": _PORT, **preloaded}
    requirements = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {
        "sdk_version": next(line.split("==")[1] for line in requirements if line.startswith("gradio==")),
        "python_version": _PYTHON_VERSION,
        "app_file": "app.py",
        **preloaded,
    }
