/**
 * Reads the digits and marks of ink, as app/recognition/recognizer.py does.
 *
 * @typedef {import("./drawing.js").Ink} Ink
 * @typedef {import("./drawing.js").Box} Box
 * @typedef {{ digit: number, confidence: number, digit_score: number, accepted: boolean, probabilities: number[],
 *   normalised: Float32Array, box: Box }} Digit
 * @typedef {{ mark: string, confidence: number, box: Box }} Mark
 * @typedef {{ read(drawing: Uint8Array): Promise<object>, size: number, threshold: number }} DigitReader
 * @typedef {import("./decoding.js").Opinions & import("./text_line.js").LineReader & { acceptance_threshold: number }}
 *   LineReader
 */
import { around, findComponents, label } from "./components.js";
import constants from "./constants.js";
import { indexOfLargest, joinProbabilities, joinScores } from "./decoding.js";
import { crop, findBox, fitDrawing, round } from "./drawing.js";
import { findLines } from "./lines.js";
import { readTextLine } from "./text_line.js";

/** Share of a component, and of the ink in a box. */
const MOST = 0.5;

/** Return the lines of ink. @param {Ink} ink @param {{ digit: DigitReader, line: LineReader }} readers */
export async function readInk(ink, readers) {
  const { labels, components } = findComponents(ink, 1);
  if (components.length === 0) return [];
  const kept = new Set(components.map((component) => component.label));
  const box = around(components.map((component) => component.box));
  const { probabilities, score, normalised } = await readDigit(
    crop(ink, box, (x, y) => kept.has(labels[y * ink.width + x])),
    readers.digit,
  );
  const whole = makeDigit(probabilities, { digit_score: score, normalised, box }, readers.digit.threshold);
  const isSurelyOne = box[2] <= box[3] && score >= constants.line_reader.sure_score;
  const lines = [];
  for (const found of isSurelyOne ? [] : findLines(ink)) {
    const line = await readSigns(found, readers);
    if (line.length > 0) lines.push(line);
  }
  const scores = lines.flat().flatMap((sign) => sign.digit_score ?? []);
  return scores.length > 1 && Math.min(...scores) > score ? lines : [[whole]];
}

/** @returns {Promise<(Digit | Mark)[]>} of a line, with boxes in the picture */
async function readSigns({ box: place, ink }, { digit, line }) {
  const cut = makeCutter(ink);
  const signs = [];
  for (const { kind, probabilities, box } of await readTextLine(ink, line)) {
    if (kind >= 10) {
      if (line.classes[kind] !== "other") signs.push({ mark: line.classes[kind], confidence: probabilities[kind], box });
      continue;
    }
    const own = cut(box);
    const second = await readDigit(own.ink, digit);
    const first = probabilities.slice(0, 10);
    const isDigit = first.reduce((sum, probability) => sum + probability, 0);
    const digit_score = joinScores(isDigit, second.score, line);
    const joined = joinProbabilities(first, second.probabilities, line);
    const rest = { digit_score, normalised: second.normalised, box: own.box };
    signs.push(makeDigit(joined, rest, line.acceptance_threshold));
  }
  return signs.map((sign) => ({ ...sign, box: move(sign.box, place) }));
}

/** Read ink of any size as one digit. @param {Ink} ink @param {DigitReader} reader */
async function readDigit(ink, { read, size }) {
  const { probabilities, digit_score, seen } = await read(fitDrawing(ink, size).values);
  return { probabilities: [...probabilities], score: digit_score[0], normalised: seen };
}

/** @returns {Digit} */
function makeDigit(probabilities, rest, threshold) {
  const digit = indexOfLargest(probabilities);
  const accepted = rest.digit_score >= threshold;
  return { digit, confidence: probabilities[digit], accepted, probabilities, ...rest };
}

/**
 * Return a function that cuts the ink of the digit in a box out of a line. A component that lies mostly outside of the
 * box belongs to a neighbour, unless it is most of the ink in the box: digits that touch are one component.
 */
function makeCutter(ink) {
  const { labels, components } = label(ink, constants.line_reader.drawn);
  const areas = [0, ...components.map(({ area }) => area)];
  return ([x, y, width, height]) => {
    const by = round(constants.line_reader.box_margin * height);
    const [left, top] = [Math.max(0, x - by), Math.max(0, y - by)];
    const [right, bottom] = [Math.min(ink.width, x + width + by), Math.min(ink.height, y + height + by)];
    const box = [left, top, right - left, bottom - top];
    const inside = areas.map(() => 0);
    crop({ ...ink, values: labels }, box).values.forEach((each) => (inside[each] += 1));
    const drawn = box[2] * box[3] - inside[0];
    const isForeign = (each) => each > 0 && inside[each] < MOST * Math.min(areas[each], drawn);
    const own = crop(ink, box, (x, y) => !isForeign(labels[y * ink.width + x]));
    const inner = findBox(own, constants.line_reader.drawn) ?? [0, 0, box[2], box[3]];
    return { ink: crop(own, inner), box: move(inner, box) };
  };
}

const move = ([x, y, width, height], [left, top]) => [x + left, y + top, width, height];
