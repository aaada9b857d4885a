/**
 * Extracts the ink of a picture, as app/recognition/image/ does: the contrast to the paper, whose level is even or
 * follows uneven light, of the channel that differs most.
 *
 * @typedef {import("./drawing.js").Ink} Ink
 * @typedef {{ data: Uint8ClampedArray, width: number, height: number }} Pixels red, green, blue and opacity
 */
import { makeInk } from "./drawing.js";

/** The paper is looked for in the outer fifth on each side, in a grid of so many pixels a side. */
const MARGIN = 5;
const SAMPLES = 64;
/** Levels that differ less from the paper are paper; uneven light must explain so many more of the pixels. */
const SAME_LEVEL = 20;
const MIN_EXPLAINED = 0.15;
/** Share of the margin at exactly the paper's level that no photograph has. */
const CLEAN_SHARE = 0.5;
/** The median filter that finds the light spans a third of the shorter side of the reduced picture. */
const BLUR_SHARE = 3;
/** Darker paper has too few levels to be strengthened. */
const MIN_REFLECTION = 40;
/** Less contrast is a stain; fainter ink, in shares of the strongest, is dirt if there is more of it than this ratio. */
const MIN_CONTRAST = 24;
const FAINT_SHARE = 0.1;
const MAX_FAINT_RATIO = 0.5;
const PIXELS_PER_OUTLIER = 20_000;
/** A picture with a smaller share of opaque pixels is a transparent drawing. */
const MAX_DRAWN_SHARE = 0.6;
const CHANNELS = [0, 1, 2];

/** @param {Pixels} pixels @returns {Ink} */
export function extractInk(pixels) {
  const { data, width, height } = pixels;
  const opaque = Array.from({ length: width * height }, (_, index) => data[4 * index + 3] > 127).filter(Boolean).length;
  if (opaque < MAX_DRAWN_SHARE * width * height) {
    return clean(makeInk(width, height, (x, y) => data[4 * (y * width + x) + 3]));
  }
  const paperAt = estimatePaper(pixels);
  const [darker, lighter] = [0, 1].map(() => new Uint8Array(width * height));
  for (let y = 0, index = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, index += 1) {
      for (const channel of CHANNELS) {
        const paper = paperAt(x, y, channel);
        const difference = data[4 * index + channel] - paper.level;
        // Light multiplies, so dark ink is relative to the paper's level.
        const dark = paper.isEven ? -difference : (-255 * difference) / Math.max(paper.level, MIN_REFLECTION);
        darker[index] = Math.max(darker[index], Math.min(255, Math.max(0, dark)));
        lighter[index] = Math.max(lighter[index], Math.max(0, difference));
      }
    }
  }
  const power = (values) => values.reduce((total, value) => total + value * value, 0);
  return clean({ values: power(darker) >= power(lighter) ? darker : lighter, width, height });
}

/** Return a function of the paper's level at a pixel. */
function estimatePaper(pixels) {
  const small = reduce(pixels);
  const { columns, rows, levels } = small;
  const [left, top] = [Math.floor(columns / MARGIN), Math.floor(rows / MARGIN)];
  const isOuter = (x, y) => x < left || y < top || x >= columns - left || y >= rows - top;
  const outer = levels.filter((_, index) => isOuter(index % columns, Math.floor(index / columns)));
  const level = CHANNELS.map((channel) => median(outer.map((colour) => colour[channel])));
  const same = outer.flat().filter((value, index) => value === level[index % 3]).length;
  const even = (_x, _y, channel) => ({ level: level[channel], isEven: true });
  if (same >= CLEAN_SHARE * 3 * outer.length) return even;
  const light = blur(small);
  const shareOfPaper = (paperAt) =>
    levels.filter((colour, index) => CHANNELS.every((channel) => Math.abs(colour[channel] - paperAt(index)[channel]) < SAME_LEVEL))
      .length / levels.length;
  if (shareOfPaper((index) => light[index]) < shareOfPaper(() => level) + MIN_EXPLAINED) return even;
  return (x, y, channel) => ({ level: interpolate(light, small, [x / small.step, y / small.step], channel), isEven: false });
}

/** Return the picture in a grid of about SAMPLES pixels on its shorter side: every so many pixels. */
function reduce({ data, width, height }) {
  const step = 1 + Math.floor(Math.min(width, height) / SAMPLES);
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const levels = Array.from({ length: columns * rows }, (_, index) => {
    const at = 4 * (Math.floor(index / columns) * step * width + (index % columns) * step);
    return CHANNELS.map((channel) => data[at + channel]);
  });
  return { step, columns, rows, levels };
}

/** Return the medians around each pixel of a reduced picture. */
function blur({ columns, rows, levels }) {
  const reach = Math.max(1, Math.floor(Math.min(columns, rows) / BLUR_SHARE / 2));
  return levels.map((_, index) => {
    const [x, y] = [index % columns, Math.floor(index / columns)];
    const around = [];
    for (let row = Math.max(0, y - reach); row <= Math.min(rows - 1, y + reach); row += 2) {
      for (let column = Math.max(0, x - reach); column <= Math.min(columns - 1, x + reach); column += 2) {
        around.push(levels[row * columns + column]);
      }
    }
    return CHANNELS.map((channel) => median(around.map((colour) => colour[channel])));
  });
}

/** Return a level between four pixels of a reduced picture. */
function interpolate(levels, { columns, rows }, [x, y], channel) {
  const [left, top] = [Math.min(Math.floor(x), columns - 1), Math.min(Math.floor(y), rows - 1)];
  const [right, bottom] = [Math.min(left + 1, columns - 1), Math.min(top + 1, rows - 1)];
  const [across, down] = [x - left, y - top];
  const at = (column, row) => levels[row * columns + column][channel];
  const upper = at(left, top) * (1 - across) + at(right, top) * across;
  const lower = at(left, bottom) * (1 - across) + at(right, bottom) * across;
  return upper * (1 - down) + lower * down;
}

function median(values) {
  return Uint8Array.from(values).sort()[values.length >> 1];
}

/** Remove ink that is too faint to have been drawn, and scale the strongest to 255. @param {Ink} ink @returns {Ink} */
function clean({ values, width, height }) {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value] += 1;
  const atLeast = new Uint32Array(257);
  for (let level = 255; level >= 0; level -= 1) atLeast[level] = atLeast[level + 1] + counts[level];
  let peak = 255;
  while (peak > 0 && atLeast[peak] <= Math.floor(values.length / PIXELS_PER_OUTLIER)) peak -= 1;
  if (peak < MIN_CONTRAST) return { values: new Uint8Array(values.length), width, height };
  const floor = Math.round(FAINT_SHARE * peak);
  const isDirty = atLeast[1] - atLeast[floor] > MAX_FAINT_RATIO * atLeast[floor];
  const strengthen = (value) => (isDirty && value < floor ? 0 : Math.min(255, Math.round((value * 255) / peak)));
  return { values: values.map(strengthen), width, height };
}
