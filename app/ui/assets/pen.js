/**
 * Follows one pen, finger or mouse over the paper. Other pointers are ignored, so that a resting palm does not draw.
 *
 * @typedef {import("./ink.js").Point} Point
 */

/** A pen pressed on a button clicks it if it moves less than this, in pixels; otherwise it draws. */
const CLICK_SLACK = 6;

export class Pen {
  #pointerId = null;
  /** Event of the pen's press. @type {PointerEvent | null} */ #start = null;
  #drawing = false;

  /**
   * @param {HTMLCanvasElement} canvas @param {HTMLElement} paper holds the canvas, and the buttons over it
   * @param {{ press(point: Point): void, move(points: Point[]): void, lift(): void }} handler
   */
  constructor(canvas, paper, handler) {
    this.canvas = canvas;
    this.handler = handler;
    paper.addEventListener("pointerdown", (event) => this.#press(event));
    paper.addEventListener("pointermove", (event) => this.#move(event));
    paper.addEventListener("pointerup", (event) => this.#lift(event));
    paper.addEventListener("pointercancel", (event) => this.#lift(event));
    canvas.addEventListener("lostpointercapture", (event) => this.#lift(event));
    // A long press would open a menu or a magnifier during a stroke.
    paper.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  }

  /** End the stroke, even if the pen is still down. */
  drop() {
    this.#pointerId = null;
    this.#drawing = false;
  }

  #press(event) {
    if (event.button !== 0) return;
    this.#lift(event); // the pen may have been lifted outside of the window
    if (this.#pointerId !== null) return;
    this.#pointerId = event.pointerId;
    this.#start = event;
    this.#capture(event.target);
    if (event.target === this.canvas) this.#begin();
  }

  /** Send the pen's events to `element`. If a busy browser refuses, strokes go on while the pen is over the paper. */
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
    this.handler.press(this.#pointAt(this.#start));
  }

  #move(event) {
    if (event.pointerId !== this.#pointerId) return;
    if (!this.#drawing) {
      const { clientX, clientY } = this.#start;
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) < CLICK_SLACK) return;
      this.#begin();
    }
    const events = event.getCoalescedEvents?.() ?? [];
    this.handler.move((events.length > 0 ? events : [event]).map((each) => this.#pointAt(each)));
  }

  #lift(event) {
    if (event.pointerId !== this.#pointerId) return;
    const drawing = this.#drawing;
    this.drop();
    if (drawing) this.handler.lift();
  }

  #pointAt({ clientX, clientY }) {
    const area = this.canvas.getBoundingClientRect();
    return [(clientX - area.left) / area.height, (clientY - area.top) / area.height];
  }
}
