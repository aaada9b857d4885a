"""The page: header, workspace, and a footer that describes the model."""

import re
from html import escape

import gradio as gr

from app.corrections.giving import Corrections
from app.model.loading import LoadedModel
from app.model.release import Metric
from app.service import ReadingService
from app.ui.uploads import DataUrlBlocks
from app.ui.workspace import ASSETS, build_workspace

# The metrics that the page shows, and what each is a share of, as in assets/texts.js.
_SHARES = {
    "accuracy": '<span data-text="read_correctly">read correctly</span>',
    "refused": '<span data-text="refused_correctly">correctly rejected as not digits</span>',
}


def build_page(service: ReadingService, corrections: Corrections | None = None) -> gr.Blocks:
    """Return the page as Gradio blocks; it offers to give corrections where they are taken."""
    page = DataUrlBlocks(title="Handwritten digits", analytics_enabled=False)
    with page:
        header = (ASSETS / "header.html").read_text(encoding="utf-8")
        gr.HTML(html_template=header, apply_default_css=False, js_on_load=None)
        build_workspace(service, corrections)
        _build_footer(service)
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


def present_model(model: LoadedModel) -> dict[str, str]:
    """Return the markup for the placeholders of assets/footer.html: `name`, `accuracy` and `measured`."""
    shown = [metric for metric in model.release.metrics if metric.metric in _SHARES]
    return {
        "name": _link_model(model),
        "accuracy": escape(model.release.describe_accuracy()),
        "measured": "".join(f"<li>{_describe_metric(metric)}</li>" for metric in shown),
    }


def _build_footer(service: ReadingService) -> gr.HTML:
    """Return the footer, filled in by a server function: a Gradio event would need /gradio_api/run."""

    async def load_model_description(_: object) -> dict[str, str]:
        return present_model(service.model)

    footer = (ASSETS / "footer.html").read_text(encoding="utf-8")
    return gr.HTML(
        html_template=re.sub("<!-- static -->.*?<!-- /static -->", "", footer, flags=re.DOTALL),
        js_on_load=(ASSETS / "gradio_footer.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        server_functions=[load_model_description],
    )


def _link_model(model: LoadedModel) -> str:
    origin = model.origin
    if not origin.repo:
        return f"{'Local' if origin.source == 'folder' else 'Bundled'} release {escape(model.release.name)}"
    name = escape(f"{origin.repo} at {origin.commit}")
    return f'<a href="{escape(origin.url)}">{name}</a>' if origin.url else name


def _describe_metric(metric: Metric) -> str:
    share = metric.value if isinstance(metric.value, float) else metric.value[0]
    return f"{escape(metric.dataset)}: {100 * share:.4g} % of {metric.size:,} {_SHARES[metric.metric]}"
