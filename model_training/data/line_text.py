"""Numbers as people write them: amounts, dates, telephone numbers, readings of meters and others.

A text holds digits and the marks `.,-/:%$€£`. A space is a wide gap, `=` two strokes that close an amount,
`?` a sign that is no part of a number, `o` a letter in a word that looks like a digit.
"""

import numpy as np

_LONGEST = 24  # digits
_CURRENCIES = ("$", "$", "€", "£")
# Written after an amount.
_TAILS = (".", ".-", "-", ",-", ".--", "=", "=", " -", ".=", " =", "--", ",", "?", " ?")


def write_text(generator: np.random.Generator) -> str:
    """Return a random text."""
    kind = generator.choice(len(_KINDS), p=_SHARES)
    return _KINDS[kind][1](generator)


def _digits(generator: np.random.Generator, count: int, *, plain: float = 0.15) -> str:
    """Return random digits; a share `plain` of the texts has many zeros and ones."""
    weights = np.ones(10)
    if generator.random() < plain:
        weights[0], weights[1] = generator.uniform(1, 12, 2)
    return "".join(map(str, generator.choice(10, count, p=weights / weights.sum())))


def _number(generator: np.random.Generator, most: int) -> str:
    """Return a number without leading zeros, of 1 to `most` digits; some are round."""
    digits = _digits(generator, int(generator.integers(1, most + 1)))
    first = str(generator.integers(1, 10))
    if generator.random() < 0.3:
        kept = int(generator.integers(0, len(digits) + 1))
        digits = digits[:kept] + "0" * (len(digits) - kept)
    return first + digits[1:]


def _any_length(generator: np.random.Generator) -> str:
    return _digits(generator, int(generator.integers(2, 8 if generator.random() < 0.8 else _LONGEST + 1)))


def _grouped(generator: np.random.Generator) -> str:
    """Return digits in groups, such as an account's."""
    size, count = int(generator.integers(2, 5)), int(generator.integers(2, 6))
    gap = str(generator.choice([" ", "-", ".", ""]))
    return gap.join(_digits(generator, size) for _ in range(count))[: _LONGEST + 6]


def _amount(generator: np.random.Generator) -> str:
    whole = _number(generator, 8)
    thousand, decimal = generator.choice([".", ","], 2, replace=False)
    if generator.random() < 0.65:
        gap = thousand if generator.random() < 0.85 else generator.choice(["-", " "])
        start = len(whole) % 3 or 3
        parts = [whole[:start], *(whole[i : i + 3] for i in range(start, len(whole), 3))]
        whole = gap.join(parts)
    if generator.random() < 0.3:
        whole += decimal + ("00" if generator.random() < 0.4 else _digits(generator, 2))
    if generator.random() < 0.4:
        whole += str(generator.choice(_TAILS))
    elif generator.random() < 0.3:
        whole = str(generator.choice(_CURRENCIES)) + whole
    elif generator.random() < 0.1:
        whole += str(generator.choice(_CURRENCIES))
    return whole


def _date(generator: np.random.Generator) -> str:
    day, month = generator.integers(1, 32), generator.integers(1, 13)
    year = generator.integers(1900, 2035)
    mark = generator.choice(["/", "/", "/", ".", "-"])
    style = generator.integers(5)
    if style == 0:
        return f"{year}{mark}{month:02d}{mark}{day:02d}"
    first, second = (day, month) if generator.random() < 0.5 else (month, day)
    short = f"{first}{mark}{second}" if generator.random() < 0.7 else f"{first:02d}{mark}{second:02d}"
    if style <= 2:
        return short
    return f"{short}{mark}{year % 100:02d}" if style == 3 else f"{short}{mark}{year}"


def _telephone(generator: np.random.Generator) -> str:
    style = generator.integers(5)
    mark = str(generator.choice(["-", "-", "-", ".", " "]))
    groups = ((3, 4), (3, 3, 4), (1, 3, 4), (4, 7), (3, 2, 2, 2))[style]
    parts = [_digits(generator, count, plain=0.05) for count in groups]
    return mark.join(parts)


def _time(generator: np.random.Generator) -> str:
    return f"{generator.integers(24)}:{generator.integers(60):02d}"


def _decimal(generator: np.random.Generator) -> str:
    mark = "." if generator.random() < 0.7 else ","
    sign = "-" if generator.random() < 0.2 else ""
    return sign + _number(generator, 3) + mark + _digits(generator, int(generator.integers(1, 4)))


def _other(generator: np.random.Generator) -> str:
    """Return a negative number, a share, a fraction, or a number beside a word."""
    style = generator.choice([0, 1, 1, 1, 2, 2, 2, 3, 4])
    if style == 0:
        return "-" + _number(generator, 4)
    if style == 1:
        return _number(generator, 3) + "%"
    if style == 2:
        return f"{_number(generator, 2)}/{_number(generator, 2)}"
    word = _word(generator, 4)
    gap = " " if generator.random() < 0.7 else ""
    return word + gap + _number(generator, 5) if style == 3 else _number(generator, 5) + gap + word


def _code(generator: np.random.Generator) -> str:
    """Return a year, a postal code, a meter reading, or digits in their order."""
    style = generator.integers(4)
    if style == 0:
        return str(generator.integers(1850, 2050))
    if style == 1:
        return _digits(generator, 5)
    if style == 2:
        return _digits(generator, 8)[int(generator.integers(4)) :].rjust(6, "0")
    start, count = generator.integers(10), generator.integers(3, 11)
    order = "".join(str((start + i) % 10) for i in range(count))
    return order if generator.random() < 0.5 else order[::-1]


def _words(generator: np.random.Generator) -> str:
    return " ".join(_word(generator, 7) for _ in range(generator.integers(1, 4)))


def _word(generator: np.random.Generator, most: int) -> str:
    """Return a word of up to `most` letters; those that look like a digit stand between others."""
    letters = ["?"] * int(generator.integers(1, most + 1))
    for index in range(1, len(letters) - 1):
        if letters[index - 1] == "?" and generator.random() < 0.3:
            letters[index] = "o"
    return "".join(letters)


def _single(generator: np.random.Generator) -> str:
    return _digits(generator, 1)


_KINDS = (
    (0.24, _any_length),
    (0.06, _grouped),
    (0.25, _amount),
    (0.09, _date),
    (0.08, _telephone),
    (0.03, _time),
    (0.05, _decimal),
    (0.08, _other),
    (0.05, _code),
    (0.04, _words),
    (0.03, _single),
)
_SHARES = np.array([share for share, _ in _KINDS])
