/**
 * Shows a reading: its text, its confidence in words, and one digit in detail. The elements are those of
 * workspace.html; only their content changes, so that the layout stays in place while someone draws.
 *
 * @typedef {import("./workspace.js").Reading} Reading
 */

/** Shown when there is no reading. */
export const EMPTY = makeReading("empty", "The answer appears here.");
export const BUSY = makeReading("empty", "Reading the picture…");
export const FAILED = makeReading("failed", "No answer. Retrying…");

function makeReading(state, sentence) {
  return { text: "", written: "", state, sentence, digits: [], marks: [] };
}

export class ReadingView {
  /** @type {Reading} */ #reading = EMPTY;
  /** Index of the digit with the lowest confidence. */
  leastConfident = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.answer = root.querySelector("#answer");
    this.sentence = root.querySelector(".reading-verdict");
    this.image = root.querySelector(".normalised-image");
    this.caption = root.querySelector(".reading-bars figcaption");
    this.bars = Array.from({ length: 10 }, (_, digit) => makeBar(digit));
    root.querySelector(".reading-bars ol").replaceChildren(...this.bars);
  }

  /** Show a reading; call `choose` next. @param {Reading} reading */
  show(reading) {
    this.#reading = reading;
    this.root.dataset.state = reading.state;
    const lengths = reading.written.split("\n").map((line) => line.length);
    this.answer.style.setProperty("--length", Math.max(1, ...lengths));
    this.answer.style.setProperty("--lines", lengths.length);
    setText(this.answer, reading.written);
    setText(this.sentence, reading.sentence);
    const confidences = reading.digits.map((digit) => digit.confidence);
    this.leastConfident = Math.max(0, confidences.indexOf(Math.min(...confidences)));
  }

  /** Show a digit in detail. @param {number} index */
  choose(index) {
    const { digits } = this.#reading;
    const digit = digits[index];
    this.root.toggleAttribute("data-refused", digit?.accepted === false);
    this.image.hidden = !digit;
    if (digit) this.image.src = `data:image/png;base64,${digit.seen}`;
    this.bars.forEach((bar, value) => fillBar(bar, value, digit));
    const lowest = index === this.leastConfident ? ", the lowest" : "";
    const ofNumber = `Confidence: digit ${index + 1} of ${digits.length}${lowest}`;
    setText(this.caption, digits.length < 2 ? "Confidence, in percent" : ofNumber);
  }
}

/** Set the text only if it changes: screen readers announce each assignment. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function makeBar(digit) {
  const bar = document.createElement("li");
  for (const className of ["reading-share", "reading-column", "reading-digit"]) {
    bar.append(Object.assign(document.createElement("span"), { className }));
  }
  bar.lastChild.textContent = digit;
  return bar;
}

/** @param {HTMLLIElement} bar @param {number} value of the bar @param {object | undefined} digit of the reading */
function fillBar(bar, value, digit) {
  const [share, column] = bar.children;
  // The probabilities assume a digit; the digit score says how probable that is.
  const probability = digit ? digit.probabilities[value] * (digit.accepted ? 1 : digit.digit_score) : 0;
  share.textContent = digit ? Math.round(100 * probability) : "\u00a0";
  column.style.setProperty("--share", probability.toFixed(3));
  bar.toggleAttribute("data-best", value === digit?.digit);
  bar.ariaLabel = digit ? `${value}: ${share.textContent} percent` : null;
}
