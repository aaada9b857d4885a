/**
 * Turns the predictions of the digit reader into the reading that the page shows.
 *
 * @typedef {import("../ui/workspace.js").Digit} Digit
 * @typedef {import("../ui/workspace.js").Reading} Reading
 * @typedef {import("./number.js").ReadInk} ReadInk
 */
import constants from "./constants.js";

/** Decimals of probabilities, which the page shows in percent. */
const DECIMALS = 5;
/** Side of the normalised image, in pixels. */
const NORMALISED_SIDE = 28;

/** @param {ReadInk[]} found @param {number} threshold of the release, for digit_score @returns {Reading} */
export function makeReading(found, threshold) {
  const accepted = findAccepted(found.map(({ prediction }) => prediction.digitScore), threshold);
  const digits = found.map((each, index) => makeDigit(each, accepted[index]));
  const text = digits.map(({ digit, accepted }) => (accepted ? digit : "")).join("");
  return { text, state: findState(digits), sentence: describeReading(digits, text), digits };
}

/**
 * Return which digits are accepted: those whose score is at least the threshold. Where these are the majority, the ink
 * is a number, and the prior log-odds of a digit in a number are added to all scores, as on the server.
 * @param {number[]} scores 0..1, of the reader @returns {boolean[]}
 */
export function findAccepted(scores, threshold) {
  const accepted = scores.map((score) => score >= threshold);
  if (2 * accepted.filter(Boolean).length <= scores.length) return accepted;
  return scores.map((score) => logOdds(score) + constants.number.prior_log_odds >= logOdds(threshold));
}

const logOdds = (probability) => Math.log(probability / (1 - probability));

/** @param {ReadInk} found @param {boolean} accepted @returns {Digit} */
function makeDigit({ prediction, box }, accepted) {
  const probabilities = Array.from(prediction.probabilities, round);
  const digit = prediction.probabilities.indexOf(Math.max(...prediction.probabilities));
  return {
    digit,
    confidence: probabilities[digit],
    digit_score: round(prediction.digitScore),
    accepted,
    probabilities,
    box,
    seen: encodeNormalised(prediction.normalised),
  };
}

const round = (share) => Number(share.toFixed(DECIMALS));

function findState(digits) {
  if (digits.length === 0) return "empty";
  return digits.every(({ accepted }) => accepted) ? "read" : "doubtful";
}

/** Return a normalised image, 0 paper to 1 ink, as a PNG in base64: black ink on transparent paper. */
function encodeNormalised(normalised) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = NORMALISED_SIDE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(NORMALISED_SIDE, NORMALISED_SIDE);
  normalised.forEach((ink, index) => (image.data[4 * index + 3] = 255 * ink)); // rounds and clamps
  context.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}

/** Return a sentence as app/recognition/explanation/wording.py does. @param {Digit[]} digits @param {string} text */
function describeReading(digits, text) {
  if (digits.length === 0) return "No digit found";
  if (digits.length === 1) return describeDigit(digits[0]);
  if (text === "") return `Not digits; closest: ${digits.map(({ digit }) => digit).join("")}`;
  if (!digits.every(({ accepted }) => accepted)) return `${text}; the rest is not a digit`;
  const least = Math.min(...digits.map(({ confidence }) => confidence));
  return least >= constants.wording.high_confidence ? `${text}, high confidence` : `Probably ${text}`;
}

function describeDigit({ digit, confidence, accepted, probabilities }) {
  if (!accepted) return `Not a digit; closest: ${digit}`;
  if (confidence >= constants.wording.high_confidence) return `${digit}, high confidence`;
  if (confidence >= constants.wording.medium_confidence) return `Probably ${digit}`;
  const others = probabilities.map((probability, value) => (value === digit ? 0 : probability));
  return `${digit} or ${others.indexOf(Math.max(...others))}`;
}
