/**
 * What the reader thinks of a digit or a number, in the sentences of app/recognition/wording.py.
 *
 * @typedef {import("../ui/workspace.js").Digit} Digit
 */

/** From these probabilities on a sentence says "surely", or names one digit only. */
const SURELY = 0.97;
const MOST_LIKELY = 0.75;

/** @param {Digit[]} digits @param {string} text that they make */
export function sayReading(digits, text) {
  if (digits.length === 0) return "No digit was found.";
  if (digits.length === 1) return sayDigit(digits[0]);
  if (text === "") return "This does not look like digits.";
  if (!digits.every(({ accepted }) => accepted)) return "Part of this does not look like a digit.";
  const sure = Math.min(...digits.map(({ confidence }) => confidence)) >= SURELY;
  return `${sure ? "Surely" : "Most likely"} ${text}.`;
}

/** @param {Digit} digit */
function sayDigit({ digit, confidence, accepted, probabilities }) {
  const name = withArticle(digit);
  if (!accepted) return `This does not look like a digit. The closest is ${name}.`;
  if (confidence >= SURELY) return `Surely ${name}.`;
  if (confidence >= MOST_LIKELY) return `Most likely ${name}.`;
  const rival = probabilities.indexOf(Math.max(...probabilities.toSpliced(digit, 1, 0)));
  return `${name[0].toUpperCase()}${name.slice(1)}, or perhaps ${withArticle(rival)}.`;
}

function withArticle(digit) {
  return `${digit === 8 ? "an" : "a"} ${digit}`;
}
