/**
 * Shows a reading: its text, its confidence in words, and one digit in detail. The elements are those of
 * workspace.html; only their content changes, so that the layout stays in place while someone draws.
 *
 * @typedef {import("./workspace.js").Reading} Reading
 * @typedef {import("./workspace.js").Digit} Digit
 */
import { AnswerView, nameDigit, percent } from "./answer.js";
import { allLabels, labelOf } from "./labels.js";
import { t } from "./texts.js";
import { describeReading, findState } from "./wording.js";

/** Number of bars in a row. */
const MOST_IN_ROW = 13;

/** Shown when nothing has been read. @type {Reading} */
export const EMPTY = { text: "", written: "", digits: [], marks: [] };

/** Fires "choose" and "correct" as AnswerView does. */
export class ReadingView extends EventTarget {
  /** @type {Reading} */ #reading = EMPTY;
  #chosen = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.answer = new AnswerView(root.querySelector("#answer"));
    this.sentence = root.querySelector(".reading-verdict");
    this.image = root.querySelector(".normalised-image");
    this.title = root.querySelector(".choice-title");
    this.refuse = root.querySelector("[data-action=refuse]");
    this.makeBars();
    this.refuse.addEventListener("click", () => this.#correct(null));
    for (const type of ["choose", "correct"]) this.answer.addEventListener(type, ({ detail }) => this.#fire(type, detail));
  }

  /** Make a bar for each digit that the model reads. */
  makeBars() {
    this.bars = allLabels().map((label, digit) => this.#makeBar(label, digit));
    const row = this.root.querySelector(".reading-bars");
    row.replaceChildren(...this.bars);
    row.style.setProperty("--bars", Math.min(this.bars.length, MOST_IN_ROW));
  }

  /** Index of the digit with the lowest confidence; one that is not accepted comes first. */
  get leastConfident() {
    const certainties = this.#reading.digits.map(({ accepted, corrected, confidence }) =>
      corrected ? 2 : accepted ? confidence : confidence - 1,
    );
    return Math.max(0, certainties.indexOf(Math.min(...certainties)));
  }

  /**
   * Show a reading; call `choose` next.
   * @param {Reading} reading @param {import("./digit_pad.js").Placement | null} placement see AnswerView
   * @param {boolean} isResting whether the pen rests; until then the answer is preliminary
   */
  show(reading, placement, isResting) {
    this.#reading = reading;
    this.root.dataset.state = findState(reading);
    // The digits move into their places once, when the pen rests.
    this.root.toggleAttribute("data-settling", isResting && this.root.hasAttribute("data-preliminary"));
    this.root.toggleAttribute("data-preliminary", !isResting);
    this.root.toggleAttribute("data-old", false);
    this.answer.show(reading, placement);
    setText(this.sentence, isResting ? describeReading(reading) : "");
  }

  /** Mark the answer as old, and tell why. @param {string} sentence */
  showDelay(sentence) {
    this.root.toggleAttribute("data-old", true);
    setText(this.sentence, sentence);
  }

  /** Show a digit in detail. @param {number} index */
  choose(index) {
    this.#chosen = index;
    const { digits } = this.#reading;
    const digit = digits[index];
    this.root.toggleAttribute("data-refused", digit?.accepted === false);
    this.answer.choose(index);
    this.image.hidden = !digit;
    if (digit && !this.image.src.endsWith(digit.seen)) this.image.src = `data:image/png;base64,${digit.seen}`;
    this.showErased(null);
    this.refuse.disabled = !digit?.accepted;
  }

  /** Show what the chosen digit is read as without some of its ink, or the digit itself. @param {Digit | null} erased */
  showErased(erased) {
    const { digits } = this.#reading;
    const digit = erased ?? digits[this.#chosen];
    this.bars.forEach((bar, value) => fillBar(bar, value, digit));
    const title = digit ? nameDigit({ ...digit, index: this.#chosen }, digits.length) : "";
    setText(this.title, erased ? t("without_ink", { title }) : title);
  }

  #correct(digit) {
    this.#fire("correct", { index: this.#chosen, digit });
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #makeBar(label, digit) {
    const bar = document.createElement("button");
    bar.type = "button";
    for (const className of ["bar-share", "bar-column", "bar-digit"]) {
      bar.append(Object.assign(document.createElement("span"), { className }));
    }
    bar.lastChild.textContent = label;
    bar.addEventListener("click", () => this.#correct(digit));
    return bar;
  }
}

/** Set the text only if it changes: screen readers announce each assignment. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLButtonElement} bar @param {number} value of the bar @param {object | undefined} digit of the reading */
function fillBar(bar, value, digit) {
  const [share, column] = bar.children;
  // The probabilities assume a digit; the digit score says how probable that is.
  const probability = digit ? digit.probabilities[value] * (digit.accepted ? 1 : digit.digit_score) : 0;
  setText(share, probability >= 0.005 ? formatShare(probability) : "\u00a0");
  column.style.setProperty("--share", probability.toFixed(3));
  const isChosen = digit?.accepted === true && value === digit.digit;
  bar.toggleAttribute("data-best", value === digit?.digit);
  bar.setAttribute("aria-pressed", isChosen);
  bar.disabled = !digit;
  bar.title = digit ? t("correct_to", { digit: labelOf(value) }) : "";
  bar.setAttribute("aria-label", digit ? `${labelOf(value)}: ${percent(probability)}` : labelOf(value));
}

/** Return a share in percent for a bar: 100 would be certainty. */
function formatShare(share) {
  return Math.min(99.9, 100 * share).toFixed(share < 0.99 ? 0 : 1);
}
