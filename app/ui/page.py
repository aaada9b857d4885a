"""The page: header, workspace, and a footer that describes the model."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import gradio as gr

from app.model.origin import Origin
from app.model.release import Metric, Release
from app.ui.workspace import ASSETS, Explain, Read, build_workspace

TITLE = "Handwritten digits"

# The metrics that the page shows, and what each is a share of.
_SHARES = {"accuracy": "read correctly", "refused": "correctly refused as not digits"}


@dataclass(frozen=True)
class ServedModel:
    """The release in use, and its origin."""

    release: Release
    origin: Origin


def build_page(*, read: Read, explain: Explain, describe_model: Callable[[], ServedModel]) -> gr.Blocks:
    """Return the page as Gradio blocks; `describe_model` is called at each page load."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        _plain_html("header.html")
        build_workspace(read, explain=explain, elem_id="workspace")
        footer = _plain_html("footer.html", value={"name": "", "accuracy": "", "measured": ""})
        page.load(
            lambda: present_model(describe_model()),
            outputs=footer,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
    return page


def build_theme() -> gr.themes.Base:
    """Return a theme with system fonts, which need no download, and the page's own colours."""
    return gr.themes.Base(
        text_size="lg",
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="#15161a",
        body_text_color="#1f1d1a",
        body_text_color_dark="#eceae6",
    )


def present_model(served: ServedModel) -> dict[str, str]:
    """Return the markup for the placeholders of assets/footer.html: `name`, `accuracy` and `measured`."""
    shown = [metric for metric in served.release.metrics if metric.metric in _SHARES]
    return {
        "name": _link_model(served),
        "accuracy": escape(served.release.describe_accuracy()),
        "measured": "".join(f"<li>{_describe_metric(metric)}</li>" for metric in shown),
    }


def _link_model(served: ServedModel) -> str:
    origin = served.origin
    if not origin.repo:
        return f"Bundled release {escape(served.release.name)}"
    name = escape(f"{origin.repo} at {origin.commit}")
    return f'<a href="{escape(origin.url)}">{name}</a>' if origin.url else name


def _describe_metric(metric: Metric) -> str:
    share = metric.value if isinstance(metric.value, float) else metric.value[0]
    return escape(f"{metric.dataset}: {100 * share:.4g} % of {metric.size:,} {_SHARES[metric.metric]}")


def _plain_html(name: str, *, value: dict[str, str] | None = None) -> gr.HTML:
    template = (ASSETS / name).read_text(encoding="utf-8")
    return gr.HTML(value, html_template=template, apply_default_css=False, js_on_load=None)
