/** Sentences on readings, as in app/recognition/explanation/wording.py, in the reader's language. */
import constants from "./constants.js";
import { labelOf } from "./labels.js";
import { t } from "./texts.js";

const { high_confidence: HIGH, medium_confidence: MEDIUM } = constants.wording;

/** @typedef {import("./workspace.js").Reading} Reading @typedef {import("./workspace.js").Digit} Digit */

/** Return "empty", "failed", "read", or "doubtful" if a sign is not accepted. @param {Reading} reading */
export function findState({ failure, digits }) {
  if (failure) return "failed";
  if (digits.length === 0) return "empty";
  return digits.every(({ accepted, corrected }) => accepted || corrected) ? "read" : "doubtful";
}

/** @param {Reading} reading @returns {string} */
export function describeReading({ failure, sideways, digits, written }) {
  const text = written.replaceAll("\n", " ");
  if (failure) return t(failure);
  if (sideways) return t("sideways");
  if (digits.length === 0) return t("none_found");
  if (digits.some(({ corrected }) => corrected)) return text ? t("corrected_to", { text }) : t("corrected_to_none");
  if (digits.length === 1) return describeDigit(digits[0]);
  if (text === "") return t("not_digits");
  const count = digits.filter(({ accepted }) => !accepted).length;
  if (count > 0) return t(count === 1 ? "one_left_out" : "some_left_out", { text, count });
  const least = Math.min(...digits.map(({ confidence }) => confidence));
  return t(least >= HIGH ? "high" : "probably", { text });
}

/** @param {Digit} digit */
function describeDigit({ digit, confidence, accepted, probabilities }) {
  if (!accepted) return t("not_digit_like", { digit: labelOf(digit) });
  if (confidence >= HIGH) return t("high", { text: labelOf(digit) });
  if (confidence >= MEDIUM) return t("probably", { text: labelOf(digit) });
  const others = probabilities.map((probability, value) => (value === digit ? 0 : probability));
  return t("either", { digit: labelOf(digit), other: labelOf(others.indexOf(Math.max(...others))) });
}
