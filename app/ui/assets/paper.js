/** The pad's canvas: as sharp as the screen, and drawn anew at most once a frame. */
import { drawPaths, drawSheet, takePicture, tracePath } from "./ink.js";

/** @typedef {import("./ink.js").Stroke} Stroke */

export class Paper {
  /** @type {Stroke[]} */ #strokes = [];
  /** The finished strokes' paths, so that a long drawing is not traced anew for every frame. */
  #paths = new WeakMap();
  #frame = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#fitCanvas()).observe(canvas);
  }

  /** @param {Stroke[]} strokes of which the last may have grown */
  show(strokes) {
    this.#strokes = strokes;
    if (strokes.length > 0) this.#paths.delete(strokes.at(-1));
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#redraw());
  }

  /** The picture to be read. */
  takePicture() {
    return takePicture(this.#allPaths());
  }

  /** A picture to keep. @param {number} side in pixels */
  drawSheet(side) {
    return drawSheet(this.#allPaths(), side);
  }

  /** Gives the canvas as many pixels as the screen has there. */
  #fitCanvas() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (side === 0 || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side; // which empties it
    this.#redraw();
  }

  #redraw() {
    this.#frame = 0;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    drawPaths(context, this.#allPaths());
  }

  #allPaths() {
    return this.#strokes.map((stroke) => {
      if (!this.#paths.has(stroke)) this.#paths.set(stroke, tracePath(stroke));
      return this.#paths.get(stroke);
    });
  }
}
