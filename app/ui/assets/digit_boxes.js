/**
 * Boxes around the digits of a reading, over the drawing or picture, each with a button that chooses its digit. The
 * pen draws through the boxes, and a pen that moves on a button draws as well (pen.js).
 *
 * @typedef {{ left: number, top: number, width: number, height: number }} Area in shares of the pad's side
 */

/** Side of the largest label with the space around it, on the smallest pad, in shares of the pad's side. */
const LARGEST_LABEL = 0.085;
/** Side of the smallest legible label. */
const SMALLEST_LABEL = 0.028;

/** Fires "choose" with the digit's index when its button is pressed. */
export class DigitBoxes extends EventTarget {
  /** @type {HTMLElement[]} */ #boxes = [];

  /** @param {HTMLElement} root covers the pad @param {HTMLCanvasElement} canvas of the pad */
  constructor(root, canvas) {
    super();
    this.root = root;
    this.canvas = canvas;
  }

  /** @param {import("./workspace.js").Digit[]} digits @param {import("./ink.js").Frame | null} frame of their boxes */
  show(digits, frame) {
    // Boxes are reused, so that a button keeps the keyboard focus.
    while (this.#boxes.length > digits.length) this.#removeLast();
    while (this.#boxes.length < digits.length) this.#add(this.#boxes.length);
    const areas = digits.map(({ box }) => toArea(box, frame));
    digits.forEach((digit, index) => {
      const box = this.#boxes[index];
      for (const [side, share] of Object.entries(areas[index])) box.style[side] = `${(100 * share).toFixed(2)}%`;
      const { place, room } = placeLabel(areas[index], areas);
      box.dataset.label = place;
      box.style.setProperty("--room", room.toFixed(4));
      box.toggleAttribute("data-refused", !digit.accepted);
      box.firstElementChild.textContent = digit.accepted ? digit.digit : "?";
      box.firstElementChild.setAttribute("aria-label", describe(digit, index, digits.length));
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

/** Convert from pixels of the picture. @returns {Area} */
function toArea([x, y, width, height], { left, top, span }) {
  return { left: (x - left) / span, top: (y - top) / span, width: width / span, height: height / span };
}

/**
 * Place a label where it covers no other digit or label: above its box, else below it, else in its corner.
 * @param {Area} area of the box @param {Area[]} all boxes, with this one
 * @returns {{ place: "above" | "below" | "corner", room: number }} with the room for the label's side
 */
function placeLabel(area, all) {
  const [x] = middleOf(area);
  const inLine = all.filter((other) => other !== area && isSameLine(other, area));
  const inColumn = all.filter((other) => isSameColumn(other, area));
  const higher = inColumn.filter((other) => middleOf(other)[1] < area.top);
  const lower = inColumn.some((other) => middleOf(other)[1] > area.top + area.height);
  const room = Math.min(LARGEST_LABEL, ...inLine.map((other) => Math.abs(middleOf(other)[0] - x)));
  const above = area.top - Math.max(0, ...higher.map((other) => other.top + other.height));
  const below = lower ? 0 : 1 - area.top - area.height; // the lines below have their labels there
  if (above >= SMALLEST_LABEL) return { place: "above", room: Math.min(room, above) };
  if (below >= SMALLEST_LABEL) return { place: "below", room: Math.min(room, below) };
  return { place: "corner", room: SMALLEST_LABEL };
}

const middleOf = ({ left, top, width, height }) => [left + width / 2, top + height / 2];

const isSameLine = (one, other) =>
  Math.abs(middleOf(one)[1] - middleOf(other)[1]) < Math.max(one.height, other.height) / 2;

/** A label may be wider than its box. */
function isSameColumn(one, other) {
  const reach = (one.width + Math.max(LARGEST_LABEL, other.width)) / 2;
  return Math.abs(middleOf(one)[0] - middleOf(other)[0]) < reach;
}

function describe({ digit, confidence, accepted }, index, count) {
  const name = `${digit === 8 ? "an" : "a"} ${digit}`;
  const reading = accepted ? `${name}, ${Math.round(100 * confidence)} %` : `not a digit, closest to ${name}`;
  return `Digit ${index + 1} of ${count}: ${reading}`;
}
