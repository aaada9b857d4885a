"""The page: a pad to draw on, and beside it what is read."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import gradio as gr

from app.ui.digit_pad import ASSETS, Read, digit_pad
from app.ui.presentation import present_empty_pad

TITLE = "Handwritten digits"


@dataclass(frozen=True)
class ModelNote:
    """What the footer says of the model: its name, where to look at it, and how well it reads, if known."""

    name: str
    url: str | None
    accuracy: str


def build_page(*, read: Read, describe_model: Callable[[], ModelNote]) -> gr.Blocks:
    """The page as Gradio blocks; `describe_model` is asked anew for each visitor."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False)
    with page:
        _plain_html((ASSETS / "header.html").read_text(encoding="utf-8"))
        with gr.Row(elem_id="desk"):
            pad = digit_pad(read, elem_id="digit-pad")
            reading = _plain_html(present_empty_pad())
        footer = (ASSETS / "footer.html").read_text(encoding="utf-8")
        model = gr.HTML("", html_template=footer, apply_default_css=False, js_on_load=None)
        # In the browser alone: the pad already holds the answer, so nothing is asked of the server here.
        pad.change(None, pad, reading, js=(ASSETS / "show_reading.js").read_text(encoding="utf-8"))
        page.load(
            lambda: _present_model(describe_model()),
            outputs=model,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
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


def _present_model(note: ModelNote) -> str:
    name = escape(note.name)
    linked = f'<a href="{escape(note.url)}">{name}</a>' if note.url else name
    return f"{linked}, {escape(note.accuracy)}" if note.accuracy else linked


def _plain_html(markup: str) -> gr.HTML:
    return gr.HTML(markup, apply_default_css=False, js_on_load=None)
