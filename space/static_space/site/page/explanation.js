/**
 * Explains a digit, as app/recognition/explanation/ does: covers its ink part by part, and reads the rest.
 *
 * @typedef {import("../ui/workspace.js").Digit} Digit
 * @typedef {import("../ui/workspace.js").Explanation} Explanation
 * @typedef {(ink: Uint8Array) => Promise<Digit>} ReadDigit reads ink of SIDE x SIDE pixels, 0 paper to 255 ink
 */
import constants from "../ui/constants.js";
import { decodeInk } from "../ui/eraser.js";

const SIDE = 28;
/** The reader crops to ink from this level of 255 on. Covered ink is faded to just above it: the crop stays. */
const FRAME_LEVEL = 26;
const FADED = 31;
/** Side of the window that covers ink, and its steps, in pixels; windows with less ink than one pixel are left out. */
const WINDOW = 6;
const STEP = 3;
const MIN_INK = 255;
const MIN_PROBABILITY = 1e-7;
/** Weights of a Gaussian filter with a standard deviation of one pixel, from its middle. */
const GAUSSIAN = [0, 1, 2, 3, 4].map((distance) => Math.exp(-(distance ** 2) / 2));
/** Sides of ink below this, in pixels, have no thirds; parts with a smaller share of the ink are not tried. */
const MIN_SIDE = 9;
const MIN_SHARE = 0.02;
const ROWS = ["the top third", "the middle third of its height", "the bottom third"];
const COLUMNS = ["the left third", "the middle third of its width", "the right third"];
const NINTHS = ["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"];
/** Red, green and blue of the heat map. */
const NEUTRAL = [172, 168, 160];
const FOR = [208, 84, 0];
const AGAINST = [30, 92, 180];
const MIN_RANGE = 1;

const ALL = [0, SIDE];
const PIXELS = Array.from({ length: SIDE * SIDE }, (_, index) => index);
const isIn = ([rows, columns], index) => {
  const [row, column] = [Math.floor(index / SIDE), index % SIDE];
  return row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1];
};
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** @param {Digit} digit @param {ReadDigit} read @returns {Promise<Explanation>} */
export async function explainDigit(digit, read) {
  const ink = await decodeInk(digit.seen);
  const ranked = digit.probabilities.map((share, value) => [share, value]).sort(([one], [other]) => other - one);
  const [share, runnerUp] = ranked[1];
  const heat = drawHeat(ink, await measureHeat(ink, digit.digit, read));
  return { digit, runner_up: runnerUp, share, heat, change: await findChange(ink, digit.digit, read) };
}

/** Return by how much the log-odds of the digit fall when the ink around each pixel is covered. */
async function measureHeat(ink, digit, read) {
  const whole = logOdds(await read(ink), digit);
  const [total, windows] = [new Float32Array(ink.length), new Float32Array(ink.length)];
  const starts = Array.from({ length: Math.ceil((SIDE - STEP + WINDOW) / STEP) }, (_, step) => STEP - WINDOW + STEP * step);
  const spans = starts.filter((start) => start < SIDE).map((start) => [Math.max(0, start), start + WINDOW]);
  for (const window of spans.flatMap((rows) => spans.map((columns) => [rows, columns]))) {
    const inside = PIXELS.filter((index) => isIn(window, index));
    let fall = 0;
    if (sum(inside.map((index) => ink[index])) >= MIN_INK) {
      const covered = ink.slice();
      for (const index of inside) covered[index] = Math.min(ink[index], FADED);
      fall = whole - logOdds(await read(covered), digit);
    }
    for (const index of inside) {
      total[index] += fall;
      windows[index] += 1;
    }
  }
  const smooth = blur(blur(total.map((value, index) => value / windows[index]), 1), SIDE);
  return smooth.map((value, index) => (ink[index] >= FRAME_LEVEL ? value : 0));
}

function logOdds({ probabilities }, digit) {
  const others = sum(probabilities) - probabilities[digit];
  return Math.log(Math.max(probabilities[digit], MIN_PROBABILITY) / Math.max(others, MIN_PROBABILITY));
}

/** Smooth rows (`stride` 1) or columns (`stride` SIDE); beyond the border the values are mirrored. */
function blur(values, stride) {
  return values.map((_, index) => {
    const place = Math.floor(index / stride) % SIDE;
    let [total, weights] = [0, 0];
    for (let distance = 1 - GAUSSIAN.length; distance < GAUSSIAN.length; distance += 1) {
      const mirrored = SIDE - 1 - Math.abs(SIDE - 1 - Math.abs(place + distance));
      const weight = GAUSSIAN[Math.abs(distance)];
      total += weight * values[index + (mirrored - place) * stride];
      weights += weight;
    }
    return total / weights;
  });
}

/** Return a heat map as a PNG in base64: orange ink supports the digit, blue contradicts it, grey neither. */
function drawHeat(ink, heat) {
  const range = Math.max(MIN_RANGE, ...heat.map(Math.abs));
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  for (const index of PIXELS) {
    const [share, pen] = [heat[index] / range, heat[index] > 0 ? FOR : AGAINST];
    const colour = NEUTRAL.map((level, channel) => level + Math.abs(share) * (pen[channel] - level));
    image.data.set([...colour.map((level) => 255 + (ink[index] / 255) * (level - 255)), 255], 4 * index);
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}

/** Leave out single parts of the ink, the smallest first, until another digit is read. */
async function findChange(ink, digit, read) {
  const whole = await read(ink);
  if (whole.digit !== digit) return { kind: "shifted", part: "", digit: whole.digit };
  let refused = null;
  for (const { part, rest } of leaveOut(ink)) {
    const { accepted, digit: other, confidence } = await read(rest);
    if (accepted && (!whole.accepted || other !== digit)) {
      return { kind: confidence < constants.wording.medium_confidence ? "probably" : "read", part, digit: other };
    }
    if (whole.accepted && !accepted) refused ??= { kind: "refused", part, digit };
  }
  return refused ?? { kind: whole.accepted ? "same" : "still_refused", part: "", digit };
}

/** Return each part's name, and the ink without it. */
function leaveOut(ink) {
  const [rows, columns] = [(index) => Math.floor(index / SIDE), (index) => index % SIDE].map((place) => findThirds(ink, place));
  const ninths = rows.length && columns.length ? rows.flatMap((row) => columns.map((column) => [row, column])) : [];
  const windows = [
    ...rows.map((row, third) => [ROWS[third], [row, ALL]]),
    ...columns.map((column, third) => [COLUMNS[third], [ALL, column]]),
    ...ninths.map((window, ninth) => [`the ink at the ${NINTHS[ninth]}`, window]),
  ];
  return windows
    .map(([part, window]) => {
      const rest = ink.map((value, index) => (isIn(window, index) ? 0 : value));
      return { part, rest, share: 1 - sum(rest) / sum(ink) };
    })
    .filter(({ share, rest }) => share >= MIN_SHARE && sum(rest) > 0)
    .sort((one, other) => one.share - other.share);
}

/** Return the thirds of the span with ink, of rows or columns; none for a narrow span. */
function findThirds(ink, placeOf) {
  const places = PIXELS.filter((index) => ink[index] >= FRAME_LEVEL).map(placeOf);
  const [start, end] = [Math.min(...places), Math.max(...places) + 1];
  if (!(end - start >= MIN_SIDE)) return [];
  const cuts = [0, 1, 2, 3].map((third) => start + Math.round(((end - start) * third) / 3));
  return [0, 1, 2].map((third) => [cuts[third], cuts[third + 1]]);
}
