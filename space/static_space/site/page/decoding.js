/**
 * Decodes the line reader's columns into signs, and joins the opinions of both readers on a digit, as
 * app/recognition/readers/decoding.py does; tests/decoding_cases.json holds cases for both.
 *
 * @typedef {{ kind: number, probabilities: number[], box: number[] }} Sign a class, the probabilities of all classes at
 *   the column where it is most probable, and left, top, right and bottom in pixels of the line reader's input
 * @typedef {{ weights: { line: number, digit: number }, score: [number, number, number] }} Opinions of release.json
 */

/** Smaller probabilities count as this one, and larger than 1 - this one as that. */
const MIN_PROBABILITY = 1e-6;

/** Return the index of the largest value, of equal ones the first. @param {number[]} values */
export const indexOfLargest = (values) => values.indexOf(Math.max(...values));

/**
 * Return the signs of a line, from left to right: runs of columns with the same most probable class, not `blank`.
 * @param {{ probabilities: number[], box: number[] }[]} columns @param {number} blank @returns {Sign[]}
 */
export function findSigns(columns, blank) {
  const signs = [];
  let before = blank;
  for (const { probabilities, box } of columns) {
    const kind = indexOfLargest(probabilities);
    if (kind !== before && kind !== blank) signs.push({ kind, probabilities, box });
    else if (kind !== blank && probabilities[kind] > signs.at(-1).probabilities[kind]) {
      signs[signs.length - 1] = { kind, probabilities, box };
    }
    before = kind;
  }
  return signs;
}

/** Return the probabilities of the ten digits, given those of both readers. @param {Opinions} opinions */
export function joinProbabilities(line, digit, { weights }) {
  const log = (probability) => Math.log(Math.max(probability, MIN_PROBABILITY));
  const joined = digit.map((probability, index) => weights.line * log(line[index]) + weights.digit * log(probability));
  const shares = joined.map((each) => Math.exp(each - Math.max(...joined)));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** Return the digit score, given the line reader's probability of a digit and the digit reader's score. */
export function joinScores(line, digit, { score: [constant, lineFactor, digitFactor] }) {
  return 1 / (1 + Math.exp(-(constant + lineFactor * logOdds(line) + digitFactor * logOdds(digit))));
}

function logOdds(probability) {
  const limited = Math.min(Math.max(probability, MIN_PROBABILITY), 1 - MIN_PROBABILITY);
  return Math.log(limited / (1 - limited));
}
