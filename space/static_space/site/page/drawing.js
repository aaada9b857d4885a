/**
 * Draws the ink of strokes, and scales ink for the readers as app/recognition/readers/digit_reader.py does: browser and
 * server give the readers the same ink, to one grey level.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {{ values: Uint8Array, width: number, height: number }} Ink row by row, 0 paper to 255 ink
 * @typedef {[x: number, y: number, width: number, height: number]} Box in pixels
 */
import { fillPicture, layOut } from "../ui/ink.js";

const { fround } = Math;
/** Longer side of ink, in pixels, that would show as squares in the normalised image, and is enlarged smoothly. */
const TINY_PIXELS = 20;
/** Share of the drawing's side that tiny ink is enlarged to. */
const TINY_FILL = 0.9;

/** Draw strokes as in the picture that the app's page sends to its server. @param {Stroke[]} strokes @returns {Ink} */
export function drawInk(strokes) {
  const layout = layOut(strokes);
  const { width, height } = layout;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  fillPicture(context, strokes, layout);
  const { data } = context.getImageData(0, 0, width, height);
  return makeInk(width, height, (x, y) => 255 - data[4 * (y * width + x)]);
}

/** Make ink from a function of x and y. @returns {Ink} */
export function makeInk(width, height, valueAt, Values = Uint8Array) {
  const values = new Values(width * height);
  for (let y = 0, index = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, index += 1) values[index] = valueAt(x, y);
  }
  return { values, width, height };
}

/** Return the ink in a box, of the pixels that `keeps` keeps, and paper elsewhere and beyond the ink. @returns {Ink} */
export function crop({ values, width, height }, [left, top, across, down], keeps = () => true) {
  const valueAt = (column, row) => {
    const [x, y] = [left + column, top + row];
    const value = x >= 0 && x < width && y >= 0 && y < height ? values[y * width + x] : 0;
    return value > 0 && keeps(x, y) ? value : 0;
  };
  return makeInk(across, down, valueAt, values.constructor);
}

/** Return the smallest box around ink of a least level; null without any. @param {Ink} ink @returns {Box | null} */
export function findBox({ values, width }, level = 1) {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  values.forEach((value, index) => {
    if (value < level) return;
    const [x, y] = [index % width, Math.floor(index / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), y];
  });
  return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
}

/** Scale ink and centre it in a drawing of size x size. @param {Ink} ink @returns {Ink} */
export function fitDrawing(ink, size) {
  const scaled = scaleToFit(ink, size);
  return crop(scaled, [-((size - scaled.width) >> 1), -((size - scaled.height) >> 1), size, size]);
}

function scaleToFit(ink, size) {
  const { values, width, height } = ink;
  const longer = Math.max(width, height);
  if (longer < TINY_PIXELS) {
    const by = round(TINY_FILL * size) / longer;
    return resize(ink, ...[width, height].map((side) => Math.max(1, round(side * by))));
  }
  const times = Math.floor(size / longer);
  if (times > 0) {
    const valueAt = (x, y) => values[Math.floor(y / times) * width + Math.floor(x / times)];
    return makeInk(width * times, height * times, valueAt);
  }
  const square = Math.ceil(longer / size);
  const sides = [width, height].map((side) => Math.ceil(side / square));
  // A side shorter than a square is not padded: all of its squares would have the same share of paper.
  const padded = [width, height].map((side, index) => (side > square ? sides[index] * square : side));
  return resize(crop(ink, [0, 0, ...padded]), ...sides);
}

/**
 * Resize ink, with its strongest pixel as strong as before: thin lines do not fade. Pixels are averaged by area, or
 * interpolated linearly when the ink is enlarged. @param {Ink} ink @returns {Ink}
 */
export function resize({ values, width, height }, newWidth, newHeight) {
  const [across, down] = [weigh(width, newWidth), weigh(height, newHeight)];
  // In single precision, as OpenCV and NumPy: halves are frequent, and are rounded differently in double precision.
  const sum = (weights, valueAt) =>
    weights.reduce((total, [index, weight]) => fround(total + fround(fround(weight) * valueAt(index))), 0);
  const rows = (x, y) => sum(across[x], (column) => values[y * width + column]);
  const narrow = makeInk(newWidth, height, rows, Float32Array).values;
  const columns = (x, y) => sum(down[y], (row) => narrow[row * newWidth + x]);
  const scaled = makeInk(newWidth, newHeight, columns, Float32Array).values;
  const largest = (all) => all.reduce((most, value) => Math.max(most, value), 0);
  const by = fround(largest(values) / Math.max(largest(scaled), 1e-6));
  return makeInk(newWidth, newHeight, (x, y) => round(fround(scaled[y * newWidth + x] * by)));
}

/** Return the old pixels that each new pixel of a side is made of, and their weights. */
function weigh(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, index) => {
    if (scale < 1) {
      const place = Math.min(Math.max((index + 0.5) * scale - 0.5, 0), from - 1);
      const [first, share] = [Math.floor(place), place % 1];
      return share ? [[first, 1 - share], [first + 1, share]] : [[first, 1]];
    }
    const [start, end] = [index * scale, Math.min((index + 1) * scale, from)];
    const [first, length] = [Math.floor(start), Math.ceil(end) - Math.floor(start)];
    const weightOf = (pixel) => (Math.min(pixel + 1, end) - Math.max(pixel, start)) / scale;
    return Array.from({ length }, (_, step) => [first + step, weightOf(first + step)]);
  });
}

/** Round as Python and NumPy do, halves to even numbers. */
export function round(number) {
  const floor = Math.floor(number);
  return number - floor === 0.5 ? floor + (floor % 2) : Math.round(number);
}
