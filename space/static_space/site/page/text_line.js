/**
 * Reads one line of ink, if need be again in the band of its digits, as app/recognition/readers/text_line.py and
 * line_reader.py do.
 *
 * @typedef {import("./drawing.js").Ink} Ink
 * @typedef {import("./drawing.js").Box} Box
 * @typedef {import("./decoding.js").Sign} Sign
 * @typedef {{ probabilities: Float32Array, boxes: Float32Array }} Outputs
 * @typedef {{ read(tile: Uint8Array): Promise<Outputs>, classes: string[] }} LineReader
 */
import constants from "../ui/constants.js";
import { DIGITS, findSigns, sum } from "./decoding.js";
import { crop, findBox, makeInk, resize, round } from "./drawing.js";

const LINE = constants.line_reader;

/** Return the signs from left to right, with boxes in the line. @param {Ink} ink @param {LineReader} reader */
export async function readTextLine(ink, reader) {
  let band = scale(ink);
  let signs = await readBand(band, reader);
  const digits = signs.filter(({ kind }) => kind < DIGITS);
  const heights = digits.map(({ box }) => box[3] - box[1]);
  if (median(heights) < LINE.small_digit) {
    const narrower = scale(ink, findBand(digits.map(({ box }) => band.place(box))));
    if (narrower) [band, signs] = [narrower, await readBand(narrower, reader)];
  }
  return signs.map((sign) => ({ ...sign, box: toPixels(band.place(sign.box), ink) }));
}

/** Scale the rows of a line between a first row at each column and a height, by default all. @param {Ink} ink */
function scale(ink, { topAt = () => 0, height = ink.height } = {}) {
  const shifted = makeInk(ink.width, height, (x, y) => ink.values[(topAt(x) + y) * ink.width + x] ?? 0);
  const box = findBox(shifted, LINE.drawn);
  if (!box) return null;
  const inner = LINE.height - 2 * LINE.margin;
  const by = inner / box[3];
  const cut = crop(shifted, box);
  const columns = shortenGaps(cut, round(LINE.gap * box[3]));
  const close = makeInk(columns.length, box[3], (x, y) => cut.values[y * cut.width + columns[x]]);
  const scaled = resize(close, Math.max(1, round(by * close.width)), inner);
  const line = crop(scaled, [-LINE.margin, -LINE.margin, scaled.width + 2 * LINE.margin, LINE.height]);
  /** Return a box of the reader's in the line: left, top, right, bottom. */
  function place(sides) {
    const [left, top, right, bottom] = sides.map((side) => (side - LINE.margin) / by);
    const middle = Math.min(Math.max(round((left + right) / 2), 0), columns.length - 1);
    const column = box[0] + columns[middle];
    const [moved, first] = [column - middle, topAt(column) + box[1]];
    return [moved + left, first + top, moved + right, first + bottom];
  }
  return { line, place };
}

/** Return the indices of columns, of which the first is drawn, with `most` in each gap. @param {Ink} ink */
function shortenGaps({ values, width, height }, most) {
  const columns = [];
  let last = 0;
  for (let column = 0; column < width; column += 1) {
    for (let row = 0; row < height && last < column; row += 1) if (values[row * width + column] >= LINE.drawn) last = column;
    if (column - last <= most) columns.push(column);
  }
  return columns;
}

/** Read a scaled line in tiles; a column in two tiles is taken from the one where it is farther from the edge. */
async function readBand({ line }, { read, classes }) {
  const { tile_width: width, stride } = LINE;
  const tiles = 1 + Math.max(0, Math.ceil((line.width - width) / stride));
  const columns = [];
  for (let tile = 0; tile < tiles; tile += 1) {
    const left = tile * stride;
    const { probabilities, boxes } = await read(crop(line, [left, 0, width, LINE.height]).values);
    const count = boxes.length / 4;
    const edge = Math.round(((1 - stride / width) * count) / 2);
    for (let column = tile ? edge : 0; column < (tile === tiles - 1 ? count : count - edge); column += 1) {
      const box = [...boxes.subarray(4 * column, 4 * column + 4)].map((side, index) => side + (index % 2 ? 0 : left));
      const own = probabilities.subarray(column * classes.length, (column + 1) * classes.length);
      columns.push({ probabilities: [...own], box });
    }
  }
  return findSigns(columns, classes);
}

/** Return the band of the digits: its first row at each column, and its height. @param {number[][]} boxes */
function findBand(boxes) {
  const mean = (values) => sum(values) / values.length;
  const across = boxes.map(([left, , right]) => (left + right) / 2);
  const centre = mean(across);
  const down = boxes.map(([, top, , bottom]) => (top + bottom) / 2);
  const spread = mean(across.map((x) => (x - centre) ** 2));
  const rise = mean(across.map((x, index) => (x - centre) * down[index]));
  const slope = spread ? Math.min(Math.max(rise / spread, -LINE.max_slope), LINE.max_slope) : 0;
  const level = (side) => boxes.map((box, index) => box[side] - slope * (across[index] - centre));
  const [tops, bottoms] = [level(1), level(3)];
  const reach = LINE.uneven * median(boxes.map((box) => box[3] - box[1]));
  const first = Math.max(Math.min(...tops), median(tops) - reach);
  const last = Math.min(Math.max(...bottoms), median(bottoms) + reach);
  const margin = LINE.band_margin * (last - first);
  return {
    topAt: (x) => round(first - margin + slope * (x - centre)),
    height: Math.max(1, round(last - first + 2 * margin)),
  };
}

/** Return the median; NaN of no values. @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((first, second) => first - second);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Return a box in whole pixels inside the line, at least one wide and high. @returns {Box} */
function toPixels([left, top, right, bottom], { width, height }) {
  const limit = (side, most) => Math.min(Math.max(round(side), 0), most);
  const [x, y] = [limit(left, width - 1), limit(top, height - 1)];
  return [x, y, Math.max(1, limit(right, width) - x), Math.max(1, limit(bottom, height) - y)];
}
