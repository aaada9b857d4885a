/**
 * Turns the lines that were read into the reading that the page shows.
 *
 * @typedef {import("../ui/workspace.js").Digit} Digit
 * @typedef {import("../ui/workspace.js").Reading} Reading
 * @typedef {(import("./recognizer.js").Digit | import("./recognizer.js").Mark)[]} Line
 */
import { median } from "./text_line.js";

/** Decimals of probabilities, which the page shows in percent. */
const DECIMALS = 7;
/** Side of the normalised image, in pixels. */
const NORMALISED_SIDE = 28;
/** Gap, in heights of a digit, from which on a space is written. */
const WIDE_GAP = 1.5;

/** @param {Line[]} lines @param {{ model?: string, labels?: string }} reader its sha256, and the signs of its digits @returns {Reading} */
export function makeReading(lines, { model, labels = "0123456789" } = {}) {
  const names = [...labels];
  const legible = [];
  const signs = lines.flatMap((line) => {
    const number = legible.length;
    if (line.some(({ accepted }) => accepted)) legible.push(line);
    return line.map((sign) => ({ ...sign, line: number }));
  });
  const digits = signs.filter(isDigit).map((sign) => ({ ...makeDigit(sign), model }));
  const text = legible.map((line) => line.map(({ digit, accepted }) => (accepted ? names[digit] : "")).join("")).join("\n");
  const written = legible.map((line) => write(line, names)).join("\n");
  const marks = signs.filter((sign) => !isDigit(sign)).map((mark) => ({ ...mark, confidence: round(mark.confidence) }));
  return { text, written, digits, marks, labels };
}

const isDigit = ({ digit }) => digit !== undefined;

/** @returns {Digit} */
function makeDigit({ normalised, ...digit }) {
  const [confidence, digit_score] = [digit.confidence, digit.digit_score].map(round);
  const probabilities = digit.probabilities.map(round);
  return { ...digit, confidence, digit_score, probabilities, seen: encodeNormalised(normalised) };
}

const round = (share) => Number(share.toFixed(DECIMALS));

/** Return a line with its marks, and a space in every wide gap. @param {Line} line @param {string[]} names */
function write(line, names) {
  const height = median(line.filter(({ accepted }) => accepted).map(({ box }) => box[3]));
  const parts = line.map(({ box, digit, accepted, mark }, index) => {
    const [left, , width] = line[index - 1]?.box ?? [Infinity, 0, 0];
    const gap = box[0] - left - width > WIDE_GAP * height ? " " : "";
    return gap + (mark ?? (accepted ? names[digit] : ""));
  });
  return parts.join("").replace(/ +/g, " ").trim();
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
