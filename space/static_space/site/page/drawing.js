/**
 * Draws the ink of strokes, and fits it into the square drawing that the reader takes. Scales as
 * app/recognition/readers/drawing.py does: browser and server give the reader the same drawing, to one grey level.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {{ values: Uint8Array, width: number, height: number }} Ink row by row, 0 paper to 255 ink
 * @typedef {[x: number, y: number, width: number, height: number]} Box in pixels
 */
import { PICTURE_SIDE, fillSheet, tracePath } from "../ui/ink.js";
import constants from "./constants.js";

const { tiny_ink_pixels: TINY, tiny_ink_fill_share: FILL } = constants.drawing;

/** Draw strokes as in the picture that the app's page sends to its server. @param {Stroke[]} strokes @returns {Ink} */
export function drawInk(strokes) {
  const context = new OffscreenCanvas(PICTURE_SIDE, PICTURE_SIDE).getContext("2d", { willReadFrequently: true });
  fillSheet(context, strokes.map(tracePath));
  const { data } = context.getImageData(0, 0, PICTURE_SIDE, PICTURE_SIDE);
  const values = Uint8Array.from({ length: PICTURE_SIDE ** 2 }, (_, index) => 255 - data[4 * index]);
  return { values, width: PICTURE_SIDE, height: PICTURE_SIDE };
}

/** Return the smallest box around all ink; null without ink. @param {Ink} ink @returns {Box | null} */
export function findBox({ values, width, height }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, index = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, index += 1) {
      if (values[index] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
}

/**
 * Scale the ink in a box and centre it in a drawing.
 * @param {Ink} ink @param {Box} box @param {number} size the drawing's side
 * @returns {Uint8Array} row by row
 */
export function fitDrawing(ink, [x, y, width, height], size) {
  const scaled = scale(fill(width, height, (column, row) => ink.values[(y + row) * ink.width + x + column]), size);
  const [left, top] = [(size - scaled.width) >> 1, (size - scaled.height) >> 1];
  const drawing = new Uint8Array(size * size);
  for (let row = 0; row < scaled.height; row += 1) {
    drawing.set(scaled.values.subarray(row * scaled.width, (row + 1) * scaled.width), (top + row) * size + left);
  }
  return drawing;
}

/** Make ink from a function of x and y. @returns {Ink} */
function fill(width, height, valueAt, Values = Uint8Array) {
  const values = new Values(width * height);
  for (let y = 0, index = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, index += 1) values[index] = valueAt(x, y);
  }
  return { values, width, height };
}

/** Enlarge or shrink a whole number of times; only tiny ink is interpolated. @param {Ink} ink @returns {Ink} */
function scale(ink, size) {
  const longer = Math.max(ink.width, ink.height);
  if (longer > size) return shrink(ink, Math.ceil(longer / size));
  if (longer >= TINY) return enlarge(ink, Math.floor(size / longer));
  const by = Math.round(FILL * size) / longer;
  const [width, height] = [ink.width, ink.height].map((side) => Math.max(1, roundHalfToEven(side * by)));
  return interpolate(ink, width, height);
}

/** Make each pixel a square. @param {Ink} ink @returns {Ink} */
function enlarge({ values, width, height }, times) {
  const valueAt = (x, y) => values[Math.floor(y / times) * width + Math.floor(x / times)];
  return fill(width * times, height * times, valueAt);
}

/** Average squares to pixels, with paper beyond the edges. @param {Ink} ink @returns {Ink} */
function shrink(ink, times) {
  const average = (x, y) => {
    let sum = 0;
    for (let row = y * times; row < Math.min((y + 1) * times, ink.height); row += 1) {
      const end = row * ink.width + Math.min((x + 1) * times, ink.width);
      for (let index = row * ink.width + x * times; index < end; index += 1) sum += ink.values[index];
    }
    return sum / times ** 2;
  };
  const [width, height] = [ink.width, ink.height].map((side) => Math.ceil(side / times));
  return strengthen(fill(width, height, average, Float32Array), ink);
}

/** Enlarge by bilinear interpolation. @param {Ink} ink @returns {Ink} */
function interpolate(ink, width, height) {
  const [columns, rows] = [findNeighbours(ink.width, width), findNeighbours(ink.height, height)];
  const mix = (first, second, share) => first * (1 - share) + second * share;
  const valueAt = (x, y) => {
    const [left, right, across] = columns[x];
    const [top, bottom, down] = rows[y];
    const [above, below] = [top, bottom].map((row) => ink.values.subarray(row * ink.width));
    return mix(mix(above[left], above[right], across), mix(below[left], below[right], across), down);
  };
  return strengthen(fill(width, height, valueAt, Float32Array), ink);
}

/** Return the two source pixels of each target pixel, and the share of the second. */
function findNeighbours(source, target) {
  return Array.from({ length: target }, (_, place) => {
    const at = Math.min(source - 1, Math.max(0, ((place + 0.5) * source) / target - 0.5));
    const first = Math.floor(at);
    return [first, Math.min(first + 1, source - 1), at - first];
  });
}

/** Make the strongest pixel as strong as in `ink`, so that hairlines do not fade. @returns {Ink} */
function strengthen({ values, width, height }, ink) {
  // In single precision, as NumPy: halves, which are frequent, would round differently in double precision.
  const by = Math.fround(largest(ink.values) / Math.max(largest(values), 1e-6));
  const strong = Uint8Array.from(values, (value) => roundHalfToEven(Math.fround(value * by)));
  return { values: strong, width, height };
}

const largest = (values) => values.reduce((most, value) => Math.max(most, value), 0);

/** Round as Python and NumPy do. */
function roundHalfToEven(number) {
  const floor = Math.floor(number);
  return number - floor === 0.5 ? floor + (floor % 2) : Math.round(number);
}
