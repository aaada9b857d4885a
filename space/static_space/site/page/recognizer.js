/**
 * Reads the digits and marks of ink, as app/recognition/recognizer.py and readers/second_opinion.py do.
 *
 * @typedef {import("./drawing.js").Ink} Ink
 * @typedef {import("./drawing.js").Box} Box
 * @typedef {{ digit: number, confidence: number, digit_score: number, accepted: boolean, probabilities: number[],
 *   normalised: Float32Array, embedding: Float32Array, box: Box }} Digit
 * @typedef {{ mark: string, confidence: number, box: Box }} Mark
 * @typedef {Awaited<ReturnType<typeof import("./litert_readers.js").openReaders>>} Readers
 */
import { around, findComponents, label } from "./components.js";
import constants from "../ui/constants.js";
import { DIGITS, expectOrder, indexOfLargest, joinProbabilities, joinScores, sum } from "./decoding.js";
import { crop, findBox, fitDrawing, round } from "./drawing.js";
import { findLines } from "./lines.js";
import { median, readTextLine } from "./text_line.js";

const LINE = constants.line_reader;
/** Share of a component, and of the ink in a box. */
const MOST = 0.5;

/** Return the lines of ink. @param {Ink} ink @param {Readers} readers @returns {Promise<(Digit | Mark)[][]>} */
export async function readInk(ink, readers) {
  const { labels, components } = findComponents(ink, 1);
  if (components.length === 0) return [];
  const kept = new Set(components.map((component) => component.label));
  const box = around(components.map((component) => component.box));
  const own = crop(ink, box, (x, y) => kept.has(labels[y * ink.width + x]));
  const { threshold } = readers.digit;
  const whole = judge({ ...(await readDigit(own, readers.digit)), box }, threshold);
  if (readers.digit.labels !== "0123456789") return [[whole]];
  const isSurelyOne = components.length <= LINE.few && box[2] <= box[3] && whole.digit_score >= LINE.sure_score;
  const lines = [];
  const signs = [];
  for (const found of isSurelyOne ? [] : findLines(ink)) {
    const placed = await readTextLine(found.ink, readers.line);
    const line = await readSigns(leaveOutSmall(placed, readers.line), found, readers);
    if (line.length > 0) lines.push(line);
    signs.push(...placed);
  }
  const digits = lines.flat().filter(({ digit }) => digit !== undefined);
  const count = signs.filter(({ kind }) => kind < DIGITS).length;
  const others = signs.filter(({ kind }) => isOther(kind, readers.line)).length;
  const certainty = ({ digit_score, confidence }) => digit_score * confidence;
  const certainties = digits.map(certainty).sort((first, second) => second - first);
  const mean = sum(certainties.slice(0, count)) / count; // without other ink, which is least certain
  const areSeveral = count > 1 && others <= count;
  const least = count <= LINE.few ? certainty(whole) : 0;
  if (areSeveral && mean > Math.max(least, LINE.certain_number)) return lines;
  const isPossible = signs.some(({ probabilities }) => probabilities[whole.digit] >= LINE.possible);
  return [[{ ...whole, accepted: whole.accepted && (isPossible || whole.digit_score >= LINE.sure_score) }]];
}

/** Read ink as one digit. @param {Ink} ink @param {Readers} readers @returns {Promise<Digit[][]>} one line of it */
export async function readOne(ink, { digit }) {
  return [[judge({ ...(await readDigit(ink, digit)), box: [0, 0, ink.width, ink.height] }, digit.threshold)]];
}

const isOther = (kind, { classes }) => classes[kind] === "other";

/** Return the signs of a line without other ink that is small, or that no digit is beside. */
function leaveOutSmall(signs, line) {
  const heights = signs.filter(({ kind }) => kind < DIGITS).map(({ box }) => box[3]);
  const least = heights.length > 0 ? LINE.unread_height * median(heights) : Infinity;
  return signs.filter(({ kind, box }) => !isOther(kind, line) || box[3] >= least);
}

/** Return the signs of a line, with boxes in the picture; other ink is a digit that is not accepted. */
async function readSigns(signs, { box: place, ink }, { digit, line }) {
  const cut = makeCutter(ink);
  const found = [];
  for (const { kind, probabilities, box } of signs) {
    if (kind < DIGITS || isOther(kind, line)) {
      const own = cut(box);
      const second = await readDigit(own.ink, digit);
      const first = probabilities.slice(0, DIGITS);
      const joined = joinProbabilities(first, second.probabilities, line);
      const digit_score = joinScores(sum(first), second.digit_score, line);
      const both = { ...second, probabilities: joined, digit_score, box: move(own.box, place) };
      found.push(judge(both, kind < DIGITS ? line.acceptance_threshold : Infinity));
    } else {
      found.push({ mark: line.classes[kind], confidence: probabilities[kind], box: move(box, place) });
    }
  }
  const digits = found.filter(({ digit }) => digit !== undefined);
  const expected = expectOrder(digits.map(({ probabilities }) => probabilities));
  digits.forEach((each, index) => Object.assign(each, choose(expected[index])));
  return found;
}

/** Read ink of any size as one digit. @param {Ink} ink */
async function readDigit(ink, { read, size }) {
  const { probabilities, digit_score, seen, embedding } = await read(fitDrawing(ink, size).values);
  return { probabilities: [...probabilities], digit_score: digit_score[0], normalised: seen, embedding };
}

/** @returns {Digit} */
function judge(prediction, threshold) {
  return { ...prediction, ...choose(prediction.probabilities), accepted: prediction.digit_score >= threshold };
}

/** Return the most probable digit with its probability. */
function choose(probabilities) {
  const digit = indexOfLargest(probabilities);
  return { digit, confidence: probabilities[digit], probabilities };
}

/**
 * Return a function that cuts the ink of the digit in a box, which is enlarged a little, out of a line. A component
 * that lies mostly outside of the box belongs to a neighbour, unless it is most of the ink in the box: digits that
 * touch are one component.
 */
function makeCutter(ink) {
  const { labels, components } = label(ink, LINE.drawn);
  const areas = [0, ...components.map(({ area }) => area)];
  return ([x, y, width, height]) => {
    const by = round(LINE.box_margin * height);
    const [left, top] = [Math.max(0, x - by), Math.max(0, y - by)];
    const [right, bottom] = [Math.min(ink.width, x + width + by), Math.min(ink.height, y + height + by)];
    const box = [left, top, right - left, bottom - top];
    const inside = areas.map(() => 0);
    crop({ ...ink, values: labels }, box).values.forEach((each) => (inside[each] += 1));
    const drawn = box[2] * box[3] - inside[0];
    const isForeign = (each) => each > 0 && inside[each] < MOST * Math.min(areas[each], drawn);
    const own = crop(ink, box, (column, row) => !isForeign(labels[row * ink.width + column]));
    const inner = findBox(own, LINE.drawn) ?? [0, 0, box[2], box[3]];
    return { ink: crop(own, inner), box: move(inner, box) };
  };
}

const move = ([x, y, width, height], [left, top]) => [x + left, y + top, width, height];
