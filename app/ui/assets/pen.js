/**
 * Follows one pen, finger or mouse over the paper. One at a time, so that a resting palm does not draw.
 *
 * @typedef {import("./ink.js").Point} Point
 * @typedef {{ press(point: Point): void, move(points: Point[]): void, lift(): void }} Hand
 */

/** A pen that is put down on a button and moves less than this, in pixels, presses it; else it draws. */
const CLICK_SLACK = 6;

export class Pen {
  #pointerId = null;
  /** Where the pen was put down. @type {PointerEvent | null} */ #start = null;
  #drawing = false;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} paper holds the canvas, and the buttons that lie over it
   * @param {Hand} hand
   */
  constructor(canvas, paper, hand) {
    this.canvas = canvas;
    this.hand = hand;
    paper.addEventListener("pointerdown", (event) => this.#press(event));
    paper.addEventListener("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel"]) {
      paper.addEventListener(type, (event) => this.#lift(event));
    }
    canvas.addEventListener("lostpointercapture", (event) => this.#lift(event));
    // A long press would open a menu or a magnifier in the middle of a stroke.
    paper.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  }

  /** Ends a stroke that is under way, though the pen is still down. */
  drop() {
    this.#pointerId = null;
    this.#drawing = false;
  }

  #press(event) {
    if (event.button !== 0) return;
    this.#lift(event); // of a pen that was lifted where it could not be heard
    if (this.#pointerId !== null) return;
    this.#pointerId = event.pointerId;
    this.#start = event;
    this.#capture(event.target);
    if (event.target === this.canvas) this.#begin();
  }

  /**
   * Has an element hear of the pen wherever it goes. Browsers refuse that for a pen that they do not know, as busy ones do
   * of one just put down; the stroke then goes on while the pen is over the paper.
   * @param {Element} element
   */
  #capture(element) {
    try {
      element.setPointerCapture(this.#pointerId);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  #begin() {
    this.#drawing = true;
    this.#capture(this.canvas);
    this.hand.press(this.#pointAt(this.#start));
  }

  #move(event) {
    if (event.pointerId !== this.#pointerId) return;
    if (!this.#drawing) {
      const { clientX, clientY } = this.#start;
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) < CLICK_SLACK) return;
      this.#begin();
    }
    const events = event.getCoalescedEvents?.() ?? [];
    this.hand.move((events.length > 0 ? events : [event]).map((each) => this.#pointAt(each)));
  }

  #lift(event) {
    if (event.pointerId !== this.#pointerId) return;
    const drawing = this.#drawing;
    this.drop();
    if (drawing) this.hand.lift();
  }

  /** @returns {Point} */
  #pointAt(event) {
    const area = this.canvas.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  }
}
