"""The page: what people draw on, what is read of it, and below it what there is to know of the model."""

from collections.abc import Callable

import gradio as gr

from app.ui.about import ServedModel, present_model
from app.ui.desk import ASSETS, Explain, Read, desk

TITLE = "Handwritten digits"


def build_page(*, read: Read, explain: Explain, describe_model: Callable[[], ServedModel]) -> gr.Blocks:
    """The page as Gradio blocks; `describe_model` is asked anew for each visitor."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        _plain_html("header.html")
        desk(read, explain=explain, elem_id="desk")
        _build_footer(describe_model)
    return page


def build_theme() -> gr.themes.Base:
    """System fonts, so that none is fetched, and the colours of the page before its own CSS is there."""
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


def _build_footer(describe_model: Callable[[], ServedModel]) -> gr.HTML:
    """Return the footer, which a server function fills in: a Gradio event would need an open /gradio_api/run."""

    async def load_model_description(_: object) -> dict[str, str]:
        return present_model(describe_model())

    return gr.HTML(
        {"name": "", "accuracy": "", "measured": ""},
        html_template=(ASSETS / "footer.html").read_text(encoding="utf-8"),
        js_on_load=(ASSETS / "footer.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        server_functions=[load_model_description],
    )


def _plain_html(name: str) -> gr.HTML:
    template = (ASSETS / name).read_text(encoding="utf-8")
    return gr.HTML(html_template=template, apply_default_css=False, js_on_load=None)
