/**
 * Boxes around the digits of a reading, over the drawing or picture. A click on a box chooses its digit; a pen that
 * moves on it draws (pen.js). They are for pointers alone: by keyboard, the digits of the answer are chosen.
 */

import { labelOf } from "./labels.js";

/** Space around the ink, in pixels. */
const AROUND = 4;

/** Fires "choose" with the digit's index when its box is clicked. */
export class DigitBoxes extends EventTarget {
  /** @type {HTMLElement[]} */ #boxes = [];

  /** @param {HTMLElement} root covers the pad */
  constructor(root) {
    super();
    this.root = root;
  }

  /** @param {import("./workspace.js").Digit[]} digits @param {import("./digit_pad.js").Placement | null} placement */
  show(digits, placement) {
    while (this.#boxes.length > digits.length) this.#boxes.pop().remove();
    while (this.#boxes.length < digits.length) this.#add(this.#boxes.length);
    digits.forEach(({ box: [x, y, width, height], accepted, digit }, index) => {
      const { left, top, scale } = placement;
      const box = this.#boxes[index];
      const sides = { width: width * scale + 2 * AROUND, height: height * scale + 2 * AROUND };
      for (const [side, pixels] of Object.entries(sides)) box.style[side] = `${pixels.toFixed(1)}px`;
      // Not by its sides: browsers would count that as a shift of the layout.
      box.style.translate = `${(left + x * scale - AROUND).toFixed(1)}px ${(top + y * scale - AROUND).toFixed(1)}px`;
      box.toggleAttribute("data-refused", !accepted);
      box.dataset.digit = accepted ? labelOf(digit) : "?"; // shown over photographs
    });
  }

  /** @param {number} chosen index */
  choose(chosen) {
    this.#boxes.forEach((box, index) => box.toggleAttribute("data-chosen", index === chosen));
  }

  #add(index) {
    const box = document.createElement("div");
    box.className = "digit-box";
    box.addEventListener("click", () => this.dispatchEvent(new CustomEvent("choose", { detail: index })));
    this.#boxes.push(box);
    this.root.append(box);
  }
}
