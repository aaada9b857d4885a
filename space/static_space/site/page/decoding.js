/**
 * Decodes the line reader's columns into signs, and joins the opinions of both readers on a digit, as
 * app/recognition/readers/decoding.py does; tests/decoding_cases.json holds cases for both.
 *
 * @typedef {{ kind: number, probabilities: number[], box: number[] }} Sign a class, the probabilities of all classes at
 *   the column where it is most probable, and left, top, right and bottom in pixels of the line reader's input
 * @typedef {{ weights: { line: number, digit: number }, score: [number, number, number] }} Opinions of release.json
 */
import constants from "../ui/constants.js";

/** Number of digits, the first classes of the line reader. */
export const DIGITS = 10;
/** Smaller probabilities count as this one, and larger than 1 - this one as that. */
const MIN_PROBABILITY = 1e-6;
/** Digits that dates and fractions have before and after a slash. */
const AROUND_SLASH = [1, 2, 4];
const THREE_SIGNS = /^[1-9][1/][1-9]$/;
/** Digits in order; more do not raise the factor. */
const ENOUGH = 12;
/** Numbers whose last mark is another one. */
const DECIMAL = [
  [/(?<!\d)\d{1,3}(?:,\d{3})+,\d\d(?!\d)/g, "."],
  [/(?<!\d)\d{1,3}(?:\.\d{3})+\.\d\d(?!\d)/g, ","],
];

/** @param {number[]} values */
export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Return the index of the largest value, of equal ones the first. @param {number[]} values */
export const indexOfLargest = (values) => values.indexOf(Math.max(...values));

/**
 * Return the signs of a line, from left to right: runs of columns with the same most probable class, not `blank`. Of
 * two neighbours that have most of their boxes in common the more probable one is kept.
 * @param {{ probabilities: number[], box: number[] }[]} columns @param {string[]} classes @returns {Sign[]}
 */
export function findSigns(columns, classes) {
  const blank = classes.indexOf("blank");
  const kinds = columns.map(({ probabilities }) => indexOfLargest(probabilities));
  const probability = ({ kind, probabilities }) => probabilities[kind];
  const signs = [];
  for (let start = 0, end; start < kinds.length; start = end) {
    const kind = kinds[start];
    for (end = start; kinds[end] === kind; ) end += 1;
    if (kind === blank) continue;
    const run = columns.slice(start, end).map((column) => ({ kind, ...column }));
    const sign = run.reduce((best, each) => (probability(each) > probability(best) ? each : best));
    const before = signs.at(-1);
    if (!before || overlap(before.box, sign.box) <= constants.line_reader.same_box) signs.push(sign);
    else if (probability(sign) > probability(before)) signs[signs.length - 1] = sign;
  }
  return correctSigns(signs, classes);
}

/**
 * Return the probabilities of a line's digits, ten each, given that some numbers are digits in order, up or down from any
 * digit: by Bayes' theorem more probable than others by a factor that grows tenfold with each digit.
 * @param {number[][]} digits
 */
export function expectOrder(digits) {
  const product = (values) => values.reduce((total, value) => total * value, 1);
  const factor = (constants.line_reader.in_order / (2 * DIGITS)) * 10 ** Math.min(digits.length, ENOUGH);
  const best = product(digits.map((each) => Math.max(...each)));
  for (let first = 0; first < DIGITS; first += 1) {
    for (const step of [1, DIGITS - 1]) {
      const ordered = digits.map((_, index) => (first + step * index) % DIGITS);
      if (!(factor * product(digits.map((each, index) => each[ordered[index]])) > best)) continue;
      const raised = digits.map((each, index) => each.map((value, digit) => value * (digit === ordered[index] ? factor : 1)));
      return raised.map((each) => each.map((value) => value / sum(each)));
    }
  }
  return digits;
}

/** Return signs with marks as their neighbours suggest, unless a sign is far more probable as it is. */
function correctSigns(signs, classes) {
  const { sure_mark: sureMark, sure_slash: sureSlash, rare_slash: rareSlash, tall_slash: tallSlash } = constants.line_reader;
  const leans = ({ box: [left, top, right, bottom] }) => right - left >= constants.line_reader.leaning_slash * (bottom - top);
  const text = signs.map(({ kind }) => classes[kind][0]).join("");
  const likelier = {};
  for (const [number, mark] of DECIMAL) {
    for (const { 0: found, index } of text.matchAll(number)) likelier[index + found.length - 3] = [mark, sureMark];
  }
  for (const { index } of text.matchAll(/\//g)) {
    const around = [text.slice(0, index).match(/\d*$/), text.slice(index + 1).match(/^\d*/)];
    const isPossible = around.every(([digits]) => AROUND_SLASH.includes(digits.length)) && leans(signs[index]);
    if (!isPossible) likelier[index] = ["1", sureMark];
    else if (!text.includes("1")) likelier[index] = ["1", sureSlash];
  }
  if (THREE_SIGNS.test(text) && leans(signs[1])) {
    const [first, middle, last] = signs.map(({ box }) => Math.max(box[3] - box[1], 1));
    const odds = (middle / Math.max(first, last)) ** tallSlash / rareSlash;
    likelier[1] = text[1] === "1" ? ["/", odds] : ["1", 1 / odds];
  }
  return signs.map((sign, index) => {
    if (!(index in likelier)) return sign;
    const [name, sure] = likelier[index];
    const [old, next] = [sign.kind, classes.indexOf(name)];
    const { [old]: own, [next]: other } = sign.probabilities;
    if (old === next || !(own < sure * other)) return sign;
    const probabilities = [...sign.probabilities];
    Object.assign(probabilities, { [next]: own + other, [old]: 0 });
    return { ...sign, kind: next, probabilities };
  });
}

/** Return the share of the area of two boxes that both have. */
function overlap(first, second) {
  const side = (end) => Math.max(0, Math.min(first[end], second[end]) - Math.max(first[end - 2], second[end - 2]));
  const common = side(2) * side(3);
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return common && common / (area(first) + area(second) - common);
}

/** Return the probabilities of the ten digits, given those of both readers. @param {Opinions} opinions */
export function joinProbabilities(line, digit, { weights }) {
  const log = (probability) => Math.log(Math.max(probability, MIN_PROBABILITY));
  const joined = digit.map((probability, index) => weights.line * log(line[index]) + weights.digit * log(probability));
  const shares = joined.map((each) => Math.exp(each - Math.max(...joined)));
  return shares.map((share) => share / sum(shares));
}

/** Return the digit score, given the line reader's probability of a digit and the digit reader's score. */
export function joinScores(line, digit, { score: [constant, lineFactor, digitFactor] }) {
  return 1 / (1 + Math.exp(-(constant + lineFactor * logOdds(line) + digitFactor * logOdds(digit))));
}

function logOdds(probability) {
  const limited = Math.min(Math.max(probability, MIN_PROBABILITY), 1 - MIN_PROBABILITY);
  return Math.log(limited / (1 - limited));
}
