/**
 * The boxes of the digits that were found, over the drawing or picture, each with a button beside it that chooses
 * its digit. The pen draws through all but the buttons, and a pen that moves on a button draws as well (pen.js).
 *
 * @typedef {import("./desk.js").Digit} Digit
 * @typedef {import("./ink.js").Frame} Frame
 * @typedef {import("./label_place.js").Area} Area
 */
import { placeLabel } from "./label_place.js";

/** Fires "choose" with the digit's index when its button is pressed. */
export class DigitBoxes extends EventTarget {
  /** @type {HTMLElement[]} */ #boxes = [];

  /** @param {HTMLElement} root covers the pad @param {HTMLCanvasElement} canvas of the pad */
  constructor(root, canvas) {
    super();
    this.root = root;
    this.canvas = canvas;
  }

  /** @param {Digit[]} digits @param {Frame | null} frame in whose pixels their boxes are */
  show(digits, frame) {
    // Boxes are kept from one reading to the next, so that the keyboard does not lose its place.
    while (this.#boxes.length > digits.length) this.#removeLast();
    while (this.#boxes.length < digits.length) this.#add(this.#boxes.length);
    const areas = digits.map(({ box }) => toShares(box, frame));
    digits.forEach((digit, index) => {
      placeBox(this.#boxes[index], areas[index], areas);
      fillBox(this.#boxes[index], digit, describe(digit, index, digits.length));
    });
  }

  /** @param {number} chosen index */
  choose(chosen) {
    this.#boxes.forEach((box, index) => {
      box.toggleAttribute("data-chosen", index === chosen);
      box.firstElementChild.setAttribute("aria-pressed", index === chosen);
    });
  }

  #add(index) {
    const [box, button] = [document.createElement("div"), document.createElement("button")];
    box.className = "digit-box";
    button.type = "button";
    button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("choose", { detail: index })));
    box.append(button);
    this.#boxes.push(box);
    this.root.append(box);
  }

  #removeLast() {
    const box = this.#boxes.pop();
    if (box.contains(document.activeElement)) this.canvas.focus({ preventScroll: true });
    box.remove();
  }
}

/** @param {Digit["box"]} box @param {Frame} frame @returns {Area} */
function toShares([x, y, width, height], { left, top, span }) {
  return { left: (x - left) / span, top: (y - top) / span, width: width / span, height: height / span };
}

/** @param {HTMLElement} box @param {Area} area @param {Area[]} others */
function placeBox(box, area, others) {
  for (const [side, share] of Object.entries(area)) box.style[side] = `${(100 * share).toFixed(2)}%`;
  const { place, room } = placeLabel(area, others);
  box.dataset.label = place;
  box.style.setProperty("--room", room.toFixed(4));
}

/** @param {HTMLElement} box @param {Digit} digit @param {string} label */
function fillBox(box, digit, label) {
  box.toggleAttribute("data-refused", !digit.accepted);
  const button = box.firstElementChild;
  button.textContent = digit.accepted ? digit.digit : "?";
  button.setAttribute("aria-label", label);
}

/** @param {Digit} digit */
function describe({ digit, confidence, accepted }, index, count) {
  const name = `${digit === 8 ? "an" : "a"} ${digit}`;
  const said = accepted ? `${name}, ${Math.round(100 * confidence)} %` : `no digit, most like ${name}`;
  return `Digit ${index + 1} of ${count}: ${said}`;
}
