/**
 * The answer: the number as it is written, with a button for each digit. Where there is room, each sign stands below its
 * ink.
 *
 * @typedef {import("./signs.js").Sign} Sign
 */
import { digitOf, labelOf } from "./labels.js";
import { isDigit, listSigns, writeSign } from "./signs.js";
import { t } from "./texts.js";

/** Share of the height that lines fill. */
const FILLED = 0.86;
/** Sizes of the smallest letters, and of the smallest that stand below their ink, in pixels. */
const SMALLEST = 18;
const SMALLEST_PLACED = 26;
/** Height of a line, in sizes of its letters. */
const LINE_HEIGHT = 1.12;

/** Fires "choose" with the index of a digit, and "correct" with its index and the right digit, null for none. */
export class AnswerView extends EventTarget {
  /** @type {Sign[]} */ #signs = [];
  /** Middle of the ink of each sign, in pixels; undefined without ink or without a place. */ #middles = [];
  #chosen = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    root.addEventListener("click", ({ target }) => this.#fire("choose", indexOf(target)));
    root.addEventListener("focusin", ({ target }) => this.#fire("choose", indexOf(target)));
    root.addEventListener("keydown", (event) => this.#pressKey(event));
  }

  /**
   * @param {import("./workspace.js").Reading} reading
   * @param {import("./digit_pad.js").Placement | null} placement of the picture, if the signs stand below their ink
   */
  show(reading, placement) {
    const focused = indexOf(document.activeElement);
    const count = reading.digits.length;
    this.#signs = listSigns(reading);
    // New elements: browsers would count moved ones as shifts of the layout.
    this.root.replaceChildren(...this.#signs.map((sign) => makeElement(sign, count)));
    this.#middles = this.#signs.map(
      ({ box }) => (placement && box ? placement.left + (box[0] + box[2] / 2) * placement.scale : undefined),
    );
    this.#layOut();
    this.choose(this.#chosen);
    if (focused !== undefined) this.#button(Math.min(focused, count - 1))?.focus();
  }

  /** @param {number} index of the digit that is shown in detail */
  choose(index) {
    this.#chosen = index;
    for (const button of this.root.querySelectorAll("button")) {
      const isChosen = indexOf(button) === index;
      button.setAttribute("aria-pressed", isChosen);
      button.tabIndex = isChosen ? 0 : -1; // arrow keys reach the others
    }
  }

  /** Set the size of the letters, and their places. */
  #layOut() {
    const { clientWidth, clientHeight: height, style, childNodes } = this.root;
    const width = clientWidth - 1; // which may be rounded up
    const lines = splitLines(this.#signs).map((line) =>
      line.map((at) => ({ element: childNodes[at], middle: this.#middles[at] })),
    );
    const largest = (FILLED * height) / (LINE_HEIGHT * Math.max(1, lines.length));
    const widest = () => Math.max(1, ...lines.map(measure));
    this.root.toggleAttribute("data-placed", true); // wrapped lines would be too short
    style.fontSize = `${largest}px`;
    let size = Math.max(SMALLEST, Math.min(largest, (largest * width) / widest()));
    style.fontSize = `${size}px`;
    // Some browsers draw letters whole pixels wide, so that their widths are not in proportion to the size.
    while (size > SMALLEST && widest() > width) style.fontSize = `${(size -= 0.5)}px`;
    const isPlaced = size >= SMALLEST_PLACED && lines.every((line) => line.some(({ middle }) => middle !== undefined));
    this.root.toggleAttribute("data-placed", isPlaced);
    if (isPlaced) for (const line of lines) place(line, width);
  }

  #button(index) {
    return this.root.querySelector(`[data-index="${index}"]`);
  }

  #fire(type, index, digit) {
    if (index === undefined) return;
    this.dispatchEvent(new CustomEvent(type, { detail: type === "correct" ? { index, digit } : index }));
  }

  #pressKey(event) {
    const index = indexOf(event.target);
    const { key } = event;
    if (index === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) this.#button(index + step)?.focus();
    else if (digitOf(key) !== undefined) this.#fire("correct", index, digitOf(key));
    else if (key === "Delete" || key === "Backspace") this.#fire("correct", index, null);
    else return;
    event.preventDefault();
  }
}

/** Place the elements of a line with their middles below their ink, or as near as they can be side by side. */
function place(line, width) {
  const boxes = line.map(({ element }) => element.getBoundingClientRect());
  const origin = boxes[0].left;
  // The signs keep their order if the shifts from their natural places do not fall: isotonic regression.
  const shifts = boxes.map(({ left, width: own }, at) => {
    const natural = left - origin + own / 2;
    return (line[at].middle ?? natural) - natural;
  });
  const free = width - (boxes.at(-1).right - origin);
  const fitted = fitRising(shifts).map((shift) => Math.max(0, Math.min(shift, free)));
  line.forEach(({ element }, at) => {
    element.style.marginInlineStart = `${(fitted[at] - (fitted[at - 1] ?? 0)).toFixed(1)}px`;
  });
}

/** Return the rising sequence that is nearest to `values`: pool adjacent violators. @param {number[]} values */
function fitRising(values) {
  const pools = [];
  for (const value of values) {
    pools.push([value, 1]);
    while (pools.length > 1 && pools.at(-2)[0] >= pools.at(-1)[0]) {
      const [[mean, count], [last, added]] = pools.splice(-2);
      pools.push([(mean * count + last * added) / (count + added), count + added]);
    }
  }
  return pools.flatMap(([mean, count]) => Array(count).fill(mean));
}

/** Return the positions of the signs of each line, without spaces. @param {Sign[]} signs @returns {number[][]} */
function splitLines(signs) {
  const lines = [[]];
  signs.forEach((sign, at) => {
    if (sign.space === "\n") lines.push([]);
    else if (!sign.space) lines.at(-1).push(at);
  });
  return lines.filter((line) => line.length > 0);
}

function measure(line) {
  return line.at(-1).element.getBoundingClientRect().right - line[0].element.getBoundingClientRect().left;
}

/** @param {Sign} sign @param {number} count of digits in the reading */
function makeElement(sign, count) {
  if (sign.space) return document.createTextNode(sign.space);
  const element = document.createElement(isDigit(sign) ? "button" : "span");
  element.textContent = writeSign(sign);
  if (!isDigit(sign)) return element;
  const { index, accepted, corrected = false, confidence, digit_score: score } = sign;
  Object.assign(element, { type: "button", title: nameDigit(sign, count) }).dataset.index = index;
  element.setAttribute("aria-label", element.title);
  element.toggleAttribute("data-refused", !accepted);
  element.toggleAttribute("data-corrected", corrected);
  element.style.setProperty("--share", (corrected ? 1 : accepted ? confidence : score).toFixed(2));
  return element;
}

/** Return what was read as a digit, with its place and confidence. @param {Sign} sign */
export function nameDigit({ index, digit, confidence, accepted, corrected }, count) {
  const name = count > 1 ? t("digit_of", { index: index + 1, count }) : t("digit");
  if (corrected) return `${name}: ${accepted ? labelOf(digit) : t("no_digit")}, ${t("corrected")}`;
  if (!accepted) return `${name}: ${t("no_digit_like", { digit: labelOf(digit) })}`;
  return `${name}: ${labelOf(digit)}, ${percent(confidence)}`;
}

/** Return a share in percent, with a decimal; 0 and 100 stand for certainty alone. @param {number} share */
export function percent(share) {
  if (share > 0 && share < 0.001) return "<\u00a00.1\u00a0%";
  if (share > 0.999 && share < 1) return ">\u00a099.9\u00a0%";
  return `${Math.round(1000 * share) / 10}\u00a0%`;
}

const indexOf = (element) => {
  const index = element?.closest?.("#answer [data-index]")?.dataset.index;
  return index === undefined ? undefined : Number(index);
};
