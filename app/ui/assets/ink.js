/**
 * Draws strokes as ink: on the pad, and in the picture that is read.
 *
 * @typedef {[x: number, y: number]} Point in heights of the pad: 0, 0 is the upper left corner of the sheet
 * @typedef {Point[]} Stroke
 * @typedef {{ left: number, top: number, unit: number }} Frame the sheet's upper left corner, and the pad's height, in
 *   pixels of the picture that is read
 * @typedef {Frame & { width: number, height: number, lineWidth: number }} Layout of the picture to read
 * @typedef {Partial<Frame> & { url: string, width: number, height: number, strokes?: Stroke[], transparent?: boolean }}
 *   Picture to read, as a data URL; a drawing has its strokes and the position of the sheet in it
 */

/** Width of the pen for large digits, in heights of the pad. */
export const PEN_WIDTH = 0.05;
/** The pen is thinner for small digits: as in MNIST, a ninth of their height. */
const PEN_SHARE = 0.11;
/** Width of the thinnest pen: two pixels of the picture to read. */
const THINNEST = 0.01;
/** Minimum distance between two points, in heights of the pad. */
export const MIN_STEP = 0.002;
/** The pad's height in the picture to read, on every screen, and the blank paper around it, in pixels. */
const UNIT = 224;
const MARGIN = 16;
const PICTURE_HEIGHT = UNIT + 2 * MARGIN;
/** Share of the way to the pen's new width in each frame. */
const EASING = 0.2;

/** The ink on the pad's canvas: drawn in the screen's resolution, at most once per frame. */
export class Ink {
  /** @type {Stroke[]} */ #strokes = [];
  #frame = 0;
  #lineWidth = PEN_WIDTH;
  #isDrawing = false;
  /** Left edge of the view, in heights of the pad. */ #offset = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  /** Width of the pen on the screen, in heights of the pad. */
  get lineWidth() {
    return this.#lineWidth;
  }

  /**
   * Show strokes from `offset` on. The pen's width follows their size while no stroke is being drawn.
   * @param {Stroke[]} strokes
   */
  show(strokes, { offset = 0, isDrawing = false } = {}) {
    this.#strokes = strokes;
    this.#isDrawing = isDrawing;
    this.#offset = offset;
    if (strokes.length === 0) this.#lineWidth = PEN_WIDTH;
    this.#requestFrame();
  }

  /** Return the drawing as a picture to read, which is drawn when it is needed. @returns {Picture} */
  takePicture() {
    const strokes = structuredClone(this.#strokes);
    const layout = layOut(strokes);
    const draw = () => {
      const canvas = makeCanvas(layout.width, layout.height);
      fillPicture(canvas.getContext("2d"), strokes, layout);
      return canvas.toDataURL("image/png");
    };
    return { ...layout, strokes, get url() { return draw(); } };
  }

  /** Return the drawing as a PNG, black on white, with the pad's height in pixels. */
  toDataURL(unit) {
    const by = unit / UNIT;
    const { width, height, left, top, lineWidth } = layOut(this.#strokes);
    const canvas = makeCanvas(Math.round(by * width), Math.round(by * height));
    fillPicture(canvas.getContext("2d"), this.#strokes, { left: by * left, top: by * top, unit, lineWidth });
    return canvas.toDataURL("image/png");
  }

  #requestFrame() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#redraw());
  }

  #resize() {
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((side) =>
      Math.round(side * window.devicePixelRatio),
    );
    if (width === 0 || (width === this.canvas.width && height === this.canvas.height)) return;
    Object.assign(this.canvas, { width, height }); // this clears it
    this.#redraw();
  }

  #redraw() {
    this.#frame = 0;
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!this.#isDrawing && this.#strokes.length > 0) this.#easePen();
    drawPaths(context, this.#strokes.map(tracePath), {
      left: -this.#offset * height,
      unit: height,
      lineWidth: this.#lineWidth,
    });
  }

  #easePen() {
    const difference = findPenWidth(this.#strokes) - this.#lineWidth;
    const isNear = Math.abs(difference) < THINNEST / 20;
    this.#lineWidth += difference * (isNear || this.reducedMotion.matches ? 1 : EASING);
    if (!isNear) this.#requestFrame();
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

/** Draw strokes. @param {Iterable<Path2D>} paths */
export function drawPaths(context, paths, { left = 0, top = 0, unit, lineWidth = PEN_WIDTH }) {
  context.setTransform(unit, 0, 0, unit, left, top);
  Object.assign(context, { lineWidth, lineCap: "round", lineJoin: "round" });
  for (const path of paths) context.stroke(path);
}

/** Return the smallest box around strokes. @param {Stroke[]} strokes @returns {[number, number, number, number]} */
export function findBounds(strokes) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of strokes.flat()) {
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return [left, top, right, bottom];
}

/** Return the width of the pen that suits the tallest stroke. @param {Stroke[]} strokes */
function findPenWidth(strokes) {
  const heights = strokes.map((stroke) => {
    const [, top, , bottom] = findBounds([stroke]);
    return bottom - top;
  });
  return Math.min(PEN_WIDTH, Math.max(THINNEST, PEN_SHARE * Math.max(...heights, 0)));
}

/** Lay out the picture to read: as high as the pad, as wide as the ink, at least square. @returns {Layout} */
export function layOut(strokes) {
  const [start, , end] = strokes.length > 0 ? findBounds(strokes) : [0, 0, 1, 1];
  const width = Math.max(PICTURE_HEIGHT, Math.ceil((end - start) * UNIT) + 2 * MARGIN);
  const left = Math.round(width / 2 - ((start + end) / 2) * UNIT);
  return { width, height: PICTURE_HEIGHT, left, top: MARGIN, unit: UNIT, lineWidth: findPenWidth(strokes) };
}

/** Draw strokes, black on white, over a whole canvas. @param {Stroke[]} strokes @param {Layout} layout */
export function fillPicture(context, strokes, { left, top, unit, lineWidth }) {
  const { width } = context.canvas;
  context.fillStyle = "white";
  context.fillRect(0, 0, width, context.canvas.height);
  context.beginPath();
  context.rect(0, top, width, unit);
  context.clip(); // ink above and below the pad is not visible on the pad either
  drawPaths(context, strokes.map(tracePath), { left, top, unit, lineWidth });
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

function makeCanvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function distanceToLine([x, y], [startX, startY], [endX, endY]) {
  const [dx, dy] = [endX - startX, endY - startY];
  const squaredLength = dx ** 2 + dy ** 2;
  const share = squaredLength && ((x - startX) * dx + (y - startY) * dy) / squaredLength;
  const nearest = Math.min(1, Math.max(0, share));
  return Math.hypot(x - startX - nearest * dx, y - startY - nearest * dy);
}
