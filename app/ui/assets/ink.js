/**
 * Draws strokes as ink: on the pad, and in the picture that is read.
 *
 * @typedef {[x: number, y: number]} Point in shares of the pad's side: 0, 0 is the upper left corner
 * @typedef {Point[]} Stroke
 * @typedef {{ left: number, top: number, span: number }} Frame the pad's upper left corner and side, in pixels of the
 *   picture that is read
 * @typedef {Frame & { url: string, transparent?: boolean }} Picture to read, as a data URL
 */

/** Width of the pen in shares of the pad's side. */
export const PEN_WIDTH = 0.05;
/** The pen of the picture to read is thinner for small digits: as in MNIST, a ninth of their height. */
const PEN_SHARE = 0.11;
/** Width of the thinnest pen: two pixels of the picture to read. */
const THINNEST = 0.01;
/** Minimum distance between two points, in shares of the pad's side. */
export const MIN_STEP = 0.002;
/** Side of the picture to read, in pixels, on every screen. */
export const PICTURE_SIDE = 256;
/** Blank paper around the pad, in shares of the picture's side: ink at the edge could be mistaken for a border. */
const MARGIN = 1 / 16;
/** Position of the pad in the picture to read. @type {Frame} */
export const FRAME = {
  left: MARGIN * PICTURE_SIDE,
  top: MARGIN * PICTURE_SIDE,
  span: (1 - 2 * MARGIN) * PICTURE_SIDE,
};

/** The ink on the pad's canvas: drawn in the screen's resolution, at most once per frame. */
export class Ink {
  /** @type {Stroke[]} */ #strokes = [];
  #frame = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  /** @param {Stroke[]} strokes */
  show(strokes) {
    this.#strokes = strokes;
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#redraw());
  }

  /** Return the drawing as a picture to read. @returns {Picture} */
  takePicture() {
    const canvas = makeSquare(PICTURE_SIDE);
    fillPicture(canvas.getContext("2d"), this.#strokes);
    return { url: canvas.toDataURL("image/png"), ...FRAME };
  }

  /** Return the drawing as it looks as a PNG, black on white. @param {number} side in pixels */
  toDataURL(side) {
    const canvas = makeSquare(side);
    fillSheet(canvas.getContext("2d"), this.#strokes.map(tracePath));
    return canvas.toDataURL("image/png");
  }

  #resize() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (side === 0 || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side; // this clears it
    this.#redraw();
  }

  #redraw() {
    this.#frame = 0;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    drawPaths(context, this.#strokes.map(tracePath));
  }
}

/** Return a stroke as a smooth line: quadratic curves between the midpoints of its points. @param {Stroke} stroke */
export function tracePath(stroke) {
  const path = new Path2D();
  const [first, ...rest] = stroke;
  path.moveTo(...first);
  rest.forEach(([x, y], index) => {
    const [nextX, nextY] = rest[index + 1] ?? [x, y];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  });
  if (rest.length === 0) path.lineTo(first[0] + MIN_STEP / 10, first[1]); // with round caps, a dot
  return path;
}

/** Draw strokes over a square canvas except its margin, in pixels. @param {Iterable<Path2D>} paths */
export function drawPaths(context, paths, { margin = 0, lineWidth = PEN_WIDTH } = {}) {
  const side = context.canvas.width - 2 * margin;
  context.setTransform(side, 0, 0, side, margin, margin);
  Object.assign(context, { lineWidth, lineCap: "round", lineJoin: "round" });
  for (const path of paths) context.stroke(path);
}

/** Draw strokes, black on white, over a square canvas with a blank margin. @param {Iterable<Path2D>} paths */
export function fillSheet(context, paths, lineWidth = PEN_WIDTH) {
  const side = context.canvas.width;
  context.save();
  context.fillStyle = "white";
  context.fillRect(0, 0, side, side);
  const margin = MARGIN * side;
  context.beginPath();
  context.rect(margin, margin, side - 2 * margin, side - 2 * margin);
  context.clip(); // ink beyond the pad's edge is not visible on the pad either
  drawPaths(context, paths, { margin, lineWidth });
  context.restore();
}

/** Draw the picture to read, with a pen as thick as suits the tallest stroke. @param {Stroke[]} strokes */
export function fillPicture(context, strokes) {
  const heights = strokes.map((stroke) => {
    const rows = stroke.map(([, y]) => y);
    return Math.max(...rows) - Math.min(...rows);
  });
  const lineWidth = Math.min(PEN_WIDTH, Math.max(THINNEST, PEN_SHARE * Math.max(...heights, 0)));
  fillSheet(context, strokes.map(tracePath), lineWidth);
}

/** Return whether a stroke passes within `radius` of a point. @param {Stroke} stroke @param {Point} point */
export function passesNear(stroke, point, radius = PEN_WIDTH / 2) {
  return stroke.some((end, index) => distanceToLine(point, stroke[index - 1] ?? end, end) <= radius);
}

/** Return the points from a start to an end, without the start, in steps that skip no stroke. */
export function interpolate([startX, startY], [endX, endY]) {
  const [dx, dy] = [endX - startX, endY - startY];
  const count = Math.max(1, Math.ceil(Math.hypot(dx, dy) / (PEN_WIDTH / 2)));
  return Array.from({ length: count }, (_, step) => {
    const share = (step + 1) / count;
    return [startX + share * dx, startY + share * dy];
  });
}

function makeSquare(side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  return canvas;
}

function distanceToLine([x, y], [startX, startY], [endX, endY]) {
  const [dx, dy] = [endX - startX, endY - startY];
  const squaredLength = dx ** 2 + dy ** 2;
  const share = squaredLength && ((x - startX) * dx + (y - startY) * dy) / squaredLength;
  const nearest = Math.min(1, Math.max(0, share));
  return Math.hypot(x - startX - nearest * dx, y - startY - nearest * dy);
}
