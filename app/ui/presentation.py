"""What the page says of a reading: the answer, how sure it is, and what the reader saw, as HTML."""

import io
from base64 import b64encode
from html import escape

import numpy as np
from PIL import Image

from app.recognition.reading import Digit, Reading

# Above these probabilities the sentence says "surely", or names one digit only.
SURELY = 0.97
MOST_LIKELY = 0.75

HOW_SURE = "How sure, in percent"
ORDINALS = ("1st", "2nd", "3rd")


def present_reading(reading: Reading) -> str:
    """The reading's markup. One digit is shown with its bars; of several, the least sure one."""
    if not reading.digits:
        return present_empty_pad()
    position, shown = min(enumerate(reading.digits), key=lambda item: item[1].confidence)
    accepted = all(digit.accepted for digit in reading.digits)
    return _render(
        "read" if accepted else "doubtful",
        answer=reading.text,
        verdict=_verdict(reading),
        shown=shown,
        caption=_caption(len(reading.digits), position=position),
    )


def present_empty_pad() -> str:
    """What stands where the reading will be."""
    return _render("empty", verdict="The answer appears here while you draw.")


def present_failure(message: str) -> str:
    """A quiet sentence in place of a reading."""
    return _render("failed", verdict=message)


def _render(
    state: str, *, verdict: str, answer: str = "", shown: Digit | None = None, caption: str = HOW_SURE
) -> str:
    """Every state has the same parts of the same size, so that nothing jumps while one draws."""
    return (
        f'<section class="reading" data-state="{escape(state)}" aria-label="Reading">'
        '<div class="reading-said" aria-live="polite">'
        f'<p id="answer" style="--length: {max(1, len(answer))}">{escape(answer)}</p>'
        f'<p class="reading-verdict">{escape(verdict)}</p></div>'
        f'<figure class="reading-seen">{_seen(shown)}<figcaption>What it saw</figcaption></figure>'
        f'<figure class="reading-bars"><ol>{_bars(shown)}</ol>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        "</section>"
    )


def _verdict(reading: Reading) -> str:
    """One plain sentence of how sure the reader is."""
    if len(reading.digits) > 1:
        return _verdict_of_several(reading)
    [digit] = reading.digits
    first, second = np.argsort(digit.probabilities)[::-1][:2]
    if not digit.accepted:
        return f"This does not look like a digit. The closest is {_a(int(first))}."
    if digit.confidence >= SURELY:
        return f"Surely {_a(int(first))}."
    if digit.confidence >= MOST_LIKELY:
        return f"Most likely {_a(int(first))}."
    return f"{_a(int(first)).capitalize()}, or perhaps {_a(int(second))}."


def _verdict_of_several(reading: Reading) -> str:
    left_out = sum(not digit.accepted for digit in reading.digits)
    if not reading.text:
        return "This does not look like digits."
    if left_out:
        return "Part of this does not look like a digit."
    sure = min(digit.confidence for digit in reading.digits) >= SURELY
    return f"{'Surely' if sure else 'Most likely'} {reading.text}."


def _a(digit: int) -> str:
    return f"{'an' if digit == 8 else 'a'} {digit}"


def _caption(count: int, *, position: int) -> str:
    if count == 1:
        return HOW_SURE
    ordinal = ORDINALS[position] if position < len(ORDINALS) else f"{position + 1}th"
    return f"{HOW_SURE}, of the least sure digit: the {ordinal} of {count}"


def _bars(shown: Digit | None) -> str:
    return "".join(_bar(digit, shown=shown) for digit in range(10))


def _bar(digit: int, *, shown: Digit | None) -> str:
    share = shown.probabilities[digit] if shown else 0.0
    best = " data-best" if shown and digit == shown.digit else ""
    percent = f"{100 * share:.0f}" if shown else "&nbsp;"
    spoken = f' aria-label="{digit}: {percent} percent"' if shown else ""
    return (
        f'<li{best}{spoken}><span class="reading-share">{percent}</span>'
        f'<span class="reading-column" style="--share: {share:.3f}" aria-hidden="true"></span>'
        f'<span class="reading-digit">{digit}</span></li>'
    )


def _seen(shown: Digit | None) -> str:
    if shown is None:
        return '<div class="reading-seen-frame"></div>'
    return (
        f'<div class="reading-seen-frame"><img src="{_picture_url(shown)}" width="28" height="28" '
        'decoding="sync" alt="The drawing as the reader saw it, 28 by 28 pixels"></div>'
    )


def _picture_url(digit: Digit) -> str:
    """What the network looked at as a data URL: black ink on nothing, so that it suits any paper."""
    ink = np.rint(255 * np.clip(digit.seen, 0, 1)).astype(np.uint8)
    png = io.BytesIO()
    Image.fromarray(np.dstack([np.zeros_like(ink), ink])).save(png, format="PNG")
    return "data:image/png;base64," + b64encode(png.getvalue()).decode("ascii")
