/**
 * Strokes as ink: how a drawing looks on the pad, and the picture of it that is read.
 *
 * @typedef {[x: number, y: number]} Point in shares of the pad's side: 0, 0 is the upper left corner.
 * @typedef {Point[]} Stroke
 * @typedef {{ left: number, top: number, span: number }} Frame where the pad lies in what is read: its upper left
 *   corner and its side, in pixels of that.
 * @typedef {Frame & { url: string, transparent?: boolean }} Picture what is read, as a data URL, and whether anything
 *   shows through it.
 */

/** Width of the pen as a share of the pad's side: a tenth of a digit's height, as MNIST's pens are, where two or
 * three digits share the pad. */
export const PEN_WIDTH = 0.05;
/** Points closer than this share of the side add nothing to be seen. */
export const SMALLEST_STEP = 0.002;
/** Side of the picture to be read, in pixels, whatever the size and density of the screen. */
export const PICTURE_SIDE = 256;
/** Blank paper around the pad, as a share of the picture: ink at a picture's edge may pass for a frame. */
const MARGIN = 1 / 16;
/** Where the pad lies in the picture to be read. @type {Frame} */
export const FRAME = {
  left: MARGIN * PICTURE_SIDE,
  top: MARGIN * PICTURE_SIDE,
  span: (1 - 2 * MARGIN) * PICTURE_SIDE,
};

/**
 * The stroke as a smooth line: quadratic curves between the midpoints of its points.
 * @param {Stroke} stroke
 */
export function tracePath(stroke) {
  const path = new Path2D();
  const [first, ...rest] = stroke;
  path.moveTo(...first);
  rest.forEach(([x, y], index) => {
    const [nextX, nextY] = rest[index + 1] ?? [x, y];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  });
  if (rest.length === 0) path.lineTo(first[0] + SMALLEST_STEP / 10, first[1]); // with round caps, a dot
  return path;
}

/**
 * Draws strokes over a whole square canvas but its margin, in the context's own colour.
 * @param {CanvasRenderingContext2D} context
 * @param {Iterable<Path2D>} paths
 * @param {number} margin in pixels
 */
export function drawPaths(context, paths, margin = 0) {
  const side = context.canvas.width - 2 * margin;
  context.setTransform(side, 0, 0, side, margin, margin);
  Object.assign(context, { lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round" });
  for (const path of paths) context.stroke(path);
}

/**
 * A drawing, black on white, with blank paper around the pad.
 * @param {Iterable<Path2D>} paths
 * @param {number} side in pixels
 */
export function drawSheet(paths, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  fillSheet(canvas.getContext("2d"), paths);
  return canvas;
}

/**
 * Draws a sheet over the whole of a square canvas.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Iterable<Path2D>} paths
 */
export function fillSheet(context, paths) {
  const side = context.canvas.width;
  context.save();
  context.fillStyle = "white";
  context.fillRect(0, 0, side, side);
  const margin = MARGIN * side;
  context.beginPath();
  context.rect(margin, margin, side - 2 * margin, side - 2 * margin);
  context.clip(); // what went over the pad's edge is not seen on the pad either
  drawPaths(context, paths, margin);
  context.restore();
}

/**
 * The picture of a drawing that is sent to be read.
 * @param {Iterable<Path2D>} paths
 * @returns {Picture}
 */
export function takePicture(paths) {
  return { url: drawSheet(paths, PICTURE_SIDE).toDataURL("image/png"), ...FRAME };
}

/**
 * Whether a stroke passes within `radius` of a point.
 * @param {Stroke} stroke
 * @param {Point} point
 */
export function passesNear(stroke, point, radius = PEN_WIDTH / 2) {
  return stroke.some((end, index) => distanceToLine(point, stroke[index - 1] ?? end, end) <= radius);
}

/**
 * The way from a point to another in steps so small that no stroke fits between two.
 * @param {Point} start @param {Point} end
 * @returns {Point[]} without the start
 */
export function fillWay([startX, startY], [endX, endY]) {
  const [alongX, alongY] = [endX - startX, endY - startY];
  const count = Math.max(1, Math.ceil(Math.hypot(alongX, alongY) / (PEN_WIDTH / 2)));
  return Array.from({ length: count }, (_, step) => {
    const share = (step + 1) / count;
    return [startX + share * alongX, startY + share * alongY];
  });
}

/** @param {Point} point @param {Point} start @param {Point} end */
function distanceToLine([x, y], [startX, startY], [endX, endY]) {
  const [alongX, alongY] = [endX - startX, endY - startY];
  const length = alongX ** 2 + alongY ** 2;
  const share = length && ((x - startX) * alongX + (y - startY) * alongY) / length;
  const nearest = Math.min(1, Math.max(0, share));
  return Math.hypot(x - startX - nearest * alongX, y - startY - nearest * alongY);
}
