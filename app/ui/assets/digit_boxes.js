/**
 * The boxes of the digits that were found, over the drawing or picture, each with a button on top that chooses
 * its digit. The pen draws through all but the buttons, and a pen that moves on a button draws as well (pen.js).
 *
 * @typedef {import("./desk.js").Digit} Digit
 * @typedef {import("./ink.js").Frame} Frame
 */

/** Below this share of the pad's height from its upper edge a button has room on top of its box. */
const ROOM_ABOVE = 0.085;

/** Fires "choose" with the digit's index when its button is pressed. */
export class DigitBoxes extends EventTarget {
  /** @type {HTMLElement[]} */ #boxes = [];

  /** @param {HTMLElement} root covers the pad */
  constructor(root) {
    super();
    this.root = root;
  }

  /** @param {Digit[]} digits @param {Frame | null} frame in whose pixels their boxes are */
  show(digits, frame) {
    // Boxes are kept from one reading to the next, so that the keyboard does not lose its place.
    while (this.#boxes.length > digits.length) this.#boxes.pop().remove();
    while (this.#boxes.length < digits.length) this.#add(this.#boxes.length);
    digits.forEach((digit, index) => fillBox(this.#boxes[index], digit, {
      label: describe(digit, index, digits.length),
      frame,
    }));
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
}

/** @param {HTMLElement} box @param {Digit} digit @param {{ label: string, frame: Frame }} options */
function fillBox(box, digit, { label, frame }) {
  const [x, y, width, height] = digit.box;
  const top = (y - frame.top) / frame.span;
  const places = { left: (x - frame.left) / frame.span, top, width: width / frame.span, height: height / frame.span };
  for (const [side, share] of Object.entries(places)) box.style[side] = `${(100 * share).toFixed(2)}%`;
  box.toggleAttribute("data-high", top < ROOM_ABOVE);
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
