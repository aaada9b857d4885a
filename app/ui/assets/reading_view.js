/**
 * Shows a reading: the answer, how sure it is, and one digit of it in detail. The parts are those of desk.html;
 * they stay and only what is in them changes, so nothing jumps while one draws.
 *
 * @typedef {import("./desk.js").Reading} Reading
 * @typedef {import("./desk.js").Digit} Digit
 */

const HOW_SURE = "How sure, in percent";

/** What is shown when there is no reading: nothing to read, not yet, or no answer. */
export const EMPTY = makeReading("empty", "The answer appears here.");
export const BUSY = makeReading("empty", "Reading the picture…");
export const FAILED = makeReading("failed", "No answer just now. It is asked for again.");

/** @returns {Reading} */
function makeReading(state, sentence) {
  return { text: "", state, sentence, digits: [] };
}

export class ReadingView {
  /** @type {Reading} */ #reading = EMPTY;
  /** Index of the digit that is least sure. */
  leastSure = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.answer = root.querySelector("#answer");
    this.verdict = root.querySelector(".reading-verdict");
    this.seen = root.querySelector(".reading-seen-ink");
    this.caption = root.querySelector(".reading-bars figcaption");
    this.bars = Array.from({ length: 10 }, (_, digit) => makeBar(digit));
    root.querySelector(".reading-bars ol").replaceChildren(...this.bars);
  }

  /** @param {Reading} reading of which then one digit is chosen */
  show(reading) {
    this.#reading = reading;
    this.root.dataset.state = reading.state;
    this.answer.style.setProperty("--length", Math.max(1, reading.text.length));
    setText(this.answer, reading.text);
    setText(this.verdict, reading.sentence);
    const confidences = reading.digits.map((digit) => digit.confidence);
    this.leastSure = Math.max(0, confidences.indexOf(Math.min(...confidences)));
  }

  /** Shows a digit in detail. @param {number} index */
  choose(index) {
    const digit = this.#reading.digits[index];
    this.root.toggleAttribute("data-refused", digit?.accepted === false);
    this.seen.hidden = !digit;
    if (digit) this.seen.src = `data:image/png;base64,${digit.seen}`;
    this.bars.forEach((bar, value) => fillBar(bar, value, digit));
    setText(this.caption, this.#describe(index));
  }

  #describe(index) {
    const count = this.#reading.digits.length;
    if (count < 2) return HOW_SURE;
    return `How sure: digit ${index + 1} of ${count}${index === this.leastSure ? ", the least sure" : ""}`;
  }
}

/** What is spoken when it changes must not change for nothing. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function makeBar(digit) {
  const bar = document.createElement("li");
  const parts = ["reading-share", "reading-column", "reading-digit"].map((name) => {
    const part = document.createElement("span");
    part.className = name;
    return part;
  });
  parts[2].textContent = digit;
  bar.append(...parts);
  return bar;
}

/** @param {HTMLLIElement} bar @param {number} value it stands for @param {Digit | undefined} digit */
function fillBar(bar, value, digit) {
  const [share, column] = bar.children;
  const probability = digit ? digit.probabilities[value] : 0;
  share.textContent = digit ? Math.round(100 * probability) : "\u00a0";
  column.style.setProperty("--share", probability.toFixed(3));
  bar.toggleAttribute("data-best", value === digit?.digit);
  if (digit) bar.setAttribute("aria-label", `${value}: ${share.textContent} percent`);
  else bar.removeAttribute("aria-label");
}
