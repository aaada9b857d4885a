/**
 * Lets the pointer erase ink of a normalised image, and has the rest read: which digit it would be without that ink.
 *
 * @typedef {import("./workspace.js").Digit} Digit
 */

/** Side of the normalised image, and radius of the eraser, in its pixels. */
const SIDE = 28;
const RADIUS = 3.5;
/**
 * Erased ink is faded to this level of 255: less would change the part of the picture to which the reader crops, and
 * with it the size of the rest.
 */
const FADED = 31;

export class Eraser {
  /** Ink of the whole digit, 0 to 255; null while the eraser is off. @type {Uint8Array | null} */ #ink = null;
  /** @type {Digit | null} */ #opened = null;
  #reading = false;
  /** @type {Uint8Array | null} */ #next = null;

  /**
   * @param {HTMLElement} root holds the image, and a canvas over it
   * @param {(ink: Uint8Array) => Promise<Digit | undefined>} read reads ink of SIDE x SIDE pixels
   * @param {(digit: Digit | null) => void} show receives what the rest is read as, or null when nothing is erased
   */
  constructor(root, read, show) {
    Object.assign(this, { root, read, show });
    this.canvas = root.querySelector("canvas");
    Object.assign(this.canvas, { width: SIDE, height: SIDE });
    this.canvas.addEventListener("pointermove", (event) => this.#erase(event));
    for (const type of ["pointerleave", "pointercancel"]) this.canvas.addEventListener(type, () => this.#restore());
  }

  /** Start to erase ink of a digit, or stop. @param {Digit | null} digit */
  async open(digit) {
    this.#ink = null;
    this.#restore();
    this.canvas.hidden = true;
    this.#opened = digit;
    if (!digit) return;
    const ink = await decodeInk(digit.seen);
    if (digit !== this.#opened) return;
    this.#ink = ink;
    this.canvas.hidden = false;
  }

  #erase({ clientX, clientY }) {
    if (!this.#ink) return;
    const area = this.canvas.getBoundingClientRect();
    const [x, y] = [((clientX - area.left) / area.width) * SIDE, ((clientY - area.top) / area.height) * SIDE];
    const isErased = (index) => Math.hypot((index % SIDE) + 0.5 - x, Math.floor(index / SIDE) + 0.5 - y) < RADIUS;
    const rest = this.#ink.map((ink, index) => (isErased(index) ? Math.min(ink, FADED) : ink));
    this.canvas.toggleAttribute("data-erasing", true);
    drawInk(this.canvas, rest);
    this.#next = rest;
    if (!this.#reading) this.#readNext();
  }

  /** Read the newest ink, one request after the other. */
  async #readNext() {
    this.#reading = true;
    while (this.#next) {
      const ink = this.#next;
      this.#next = null;
      const digit = await this.read(ink).catch(reportError);
      if (digit && this.canvas.hasAttribute("data-erasing")) this.show(digit);
    }
    this.#reading = false;
  }

  #restore() {
    this.#next = null;
    if (!this.canvas.toggleAttribute("data-erasing", false) && this.#ink) this.show(null);
  }
}

/** Return the ink of a normalised image, a PNG in base64 whose opacity is its ink. @returns {Promise<Uint8Array>} */
export async function decodeInk(seen) {
  const image = new Image();
  image.src = `data:image/png;base64,${seen}`;
  await image.decode();
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, SIDE, SIDE).data.filter((_, index) => index % 4 === 3);
}

/** Draw ink in black, on transparent paper or on white. @param {HTMLCanvasElement} canvas of SIDE x SIDE pixels */
function drawInk(canvas, ink, { paper = false } = {}) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  ink.forEach((value, index) => {
    if (paper) image.data.set([255 - value, 255 - value, 255 - value, 255], 4 * index);
    else image.data[4 * index + 3] = value;
  });
  context.putImageData(image, 0, 0);
}

/** Return ink as a picture, black on white. @param {Uint8Array} ink of SIDE x SIDE pixels @returns {string} data URL */
export function encodeInk(ink) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  drawInk(canvas, ink, { paper: true });
  return canvas.toDataURL("image/png");
}
