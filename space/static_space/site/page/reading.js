/**
 * Makes of what was read what the page shows.
 *
 * @typedef {import("../ui/workspace.js").Digit} Digit
 * @typedef {import("../ui/workspace.js").Reading} Reading
 * @typedef {import("./number.js").ReadInk} ReadInk
 */
import { drawSeen } from "./seen.js";
import { sayReading } from "./wording.js";

/** Decimals of probabilities: the page shows percents. */
const DECIMALS = 5;

/** @param {ReadInk[]} found @param {number} threshold the least digit score of an accepted digit @returns {Reading} */
export function makeReading(found, threshold) {
  const digits = found.map((each) => makeDigit(each, threshold));
  const text = digits.map(({ digit, accepted }) => (accepted ? digit : "")).join("");
  return { text, state: stateOf(digits), sentence: sayReading(digits, text), digits };
}

/** @param {ReadInk} found @returns {Digit} */
function makeDigit({ answer, box }, threshold) {
  const probabilities = Array.from(answer.probabilities, round);
  const digit = answer.probabilities.indexOf(Math.max(...answer.probabilities));
  return {
    digit,
    confidence: probabilities[digit],
    digit_score: round(answer.digitScore),
    accepted: answer.digitScore >= threshold,
    probabilities,
    box,
    seen: drawSeen(answer.seen),
  };
}

/** @param {Digit[]} digits */
function stateOf(digits) {
  if (digits.length === 0) return "empty";
  return digits.every(({ accepted }) => accepted) ? "read" : "doubtful";
}

/** @param {number} share */
function round(share) {
  return Number(share.toFixed(DECIMALS));
}
