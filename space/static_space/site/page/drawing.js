/**
 * Draws the ink of strokes, and fits it into the square drawing that the reader takes. Scales as fit_drawing of
 * app/recognition/readers/digit_reader.py does: browser and server give the reader the same drawing, to one grey level.
 * The server's smooth enlargement of tiny ink is left out: only dots are so small.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {{ values: Uint8Array, width: number, height: number }} Ink row by row, 0 paper to 255 ink
 * @typedef {[x: number, y: number, width: number, height: number]} Box in pixels
 */
import { PICTURE_SIDE, fillSheet, tracePath } from "../ui/ink.js";

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

/** Scale the ink in a box and centre it in a drawing of size x size. @returns {Uint8Array} row by row */
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

/** Enlarge or shrink a whole number of times, to at most `size` pixels. @param {Ink} ink @returns {Ink} */
function scale(ink, size) {
  const { values, width, height } = ink;
  const longer = Math.max(width, height);
  if (longer > size) return shrink(ink, Math.ceil(longer / size));
  const times = Math.floor(size / longer);
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

/** Make the strongest pixel as strong as in `ink`, so that hairlines do not fade. @returns {Ink} */
function strengthen({ values, width, height }, ink) {
  // In single precision, as NumPy: frequent halves would be rounded differently in double precision.
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
