/**
 * Fits ink into the square drawing that the reader takes, as app/recognition/drawing.py does for the server: cut to
 * the box of the ink, then enlarged or, by averaging squares, shrunk a whole number of times, and laid into the
 * middle. Both give the reader the same drawing, to a grey level.
 *
 * @typedef {{ values: Uint8Array, width: number, height: number }} Ink row by row, 0 paper to 255 ink.
 * @typedef {[x: number, y: number, width: number, height: number]} Box in pixels.
 * @typedef {[index: number, weight: number][]} Shares of which source pixels one target pixel is made.
 */

/** Of the drawing's side: what the longer side of tiny ink fills. */
const FILL = 0.9;
/** Pixels on the longer side of what the reader sees: smaller ink is tiny, and enlarged smoothly. */
const SEEN = 20;

/**
 * The smallest box around all ink; null when there is none.
 * @param {Ink} ink
 * @returns {Box | null}
 */
export function findBox({ values, width, height }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, index = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, index += 1) {
      if (values[index] === 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
}

/**
 * @param {Ink} ink
 * @param {Box} box around the ink
 * @param {number} size of the drawing's side
 * @returns {Uint8Array} row by row
 */
export function fitDrawing(ink, box, size) {
  const scaled = scale(cut(ink, box), size);
  const [left, top] = [(size - scaled.width) >> 1, (size - scaled.height) >> 1];
  const drawing = new Uint8Array(size * size);
  for (let y = 0; y < scaled.height; y += 1) {
    const row = scaled.values.subarray(y * scaled.width, (y + 1) * scaled.width);
    drawing.set(row, (top + y) * size + left);
  }
  return drawing;
}

/** @param {Ink} ink @param {Box} box @returns {Ink} */
function cut(ink, [x, y, width, height]) {
  const values = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const start = (y + row) * ink.width + x;
    values.set(ink.values.subarray(start, start + width), row * width);
  }
  return { values, width, height };
}

/** @param {Ink} ink @param {number} size @returns {Ink} */
function scale(ink, size) {
  const longer = Math.max(ink.width, ink.height);
  if (longer > size) return shrink(ink, Math.ceil(longer / size));
  if (longer >= SEEN) return enlarge(ink, Math.floor(size / longer));
  const by = Math.round(FILL * size) / longer;
  const [width, height] = [ink.width, ink.height].map((side) => Math.max(1, roundToEven(side * by)));
  return enlargeSmoothly(ink, width, height);
}

/** Each pixel becomes a square. @param {Ink} ink @returns {Ink} */
function enlarge(ink, times) {
  const [width, height] = [ink.width * times, ink.height * times];
  const values = new Uint8Array(width * height);
  for (let y = 0, index = 0; y < height; y += 1) {
    const row = Math.floor(y / times) * ink.width;
    for (let x = 0; x < width; x += 1, index += 1) values[index] = ink.values[row + Math.floor(x / times)];
  }
  return { values, width, height };
}

/** Each square becomes a pixel, its mean; there is paper beyond the edges. @returns {Ink} */
function shrink(ink, times) {
  const [width, height] = [ink.width, ink.height].map((side) => Math.ceil(side / times));
  const means = new Float32Array(width * height);
  for (let y = 0, index = 0; y < ink.height; y += 1) {
    const row = Math.floor(y / times) * width;
    for (let x = 0; x < ink.width; x += 1, index += 1) means[row + Math.floor(x / times)] += ink.values[index];
  }
  return strengthen({ values: means.map((sum) => sum / times ** 2), width, height }, ink);
}

/** Columns first, then rows. @returns {Ink} */
function enlargeSmoothly(ink, width, height) {
  const widened = new Float32Array(width * ink.height);
  blend(ink.width, width).forEach((shares, x) => {
    for (let y = 0; y < ink.height; y += 1) widened[y * width + x] = sum(shares, ink.values, y * ink.width, 1);
  });
  const scaled = new Float32Array(width * height);
  blend(ink.height, height).forEach((shares, y) => {
    for (let x = 0; x < width; x += 1) scaled[y * width + x] = sum(shares, widened, x, width);
  });
  return strengthen({ values: scaled, width, height }, ink);
}

/** Makes the strongest pixel as strong as before; a hair-thin line would fade away otherwise. @returns {Ink} */
function strengthen({ values, width, height }, ink) {
  // In single precision, as NumPy reckons: halves, which are many, would else go the other way.
  const by = Math.fround(largest(ink.values) / Math.max(largest(values), 1e-6));
  const strong = Uint8Array.from(values, (value) => roundToEven(Math.fround(value * by)));
  return { values: strong, width, height };
}

/** Each target pixel lies between two of the source. @returns {Shares[]} */
function blend(source, target) {
  return Array.from({ length: target }, (_, place) => {
    const at = Math.min(source - 1, Math.max(0, ((place + 0.5) * source) / target - 0.5));
    const index = Math.floor(at);
    return [[index, 1 - (at - index)], [Math.min(index + 1, source - 1), at - index]];
  });
}

/** Of a row or a column that begins at `start`. @param {Shares} shares @param {ArrayLike<number>} values */
function sum(shares, values, start, step) {
  let total = 0;
  for (const [index, weight] of shares) total += weight * values[start + index * step];
  return total;
}

/** @param {ArrayLike<number>} values */
function largest(values) {
  let most = 0;
  for (let index = 0; index < values.length; index += 1) most = Math.max(most, values[index]);
  return most;
}

/** Halves to the even number, as Python rounds. */
function roundToEven(number) {
  const [floor, rest] = [Math.floor(number), number - Math.floor(number)];
  return rest === 0.5 ? floor + (floor % 2) : Math.round(number);
}
