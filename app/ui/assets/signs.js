/**
 * The signs of a reading in the order in which they are written, and corrections of its digits.
 *
 * @typedef {import("./workspace.js").Reading} Reading
 * @typedef {import("./workspace.js").Digit} Digit
 * @typedef {import("./workspace.js").Mark} Mark
 * @typedef {(Digit & { index: number }) | Mark | { space: " " | "\n" }} Sign a digit has its index in the reading
 * @typedef {import("./ink.js").Picture} Picture
 */

import { allLabels, labelOf } from "./labels.js";

/** Overlap of two boxes, as intersection over union, from which on they hold the same digit. */
const SAME = 0.5;
const REFUSED = "x";
const UNCHANGED = ".";
/** Letters that stand for the digits in a link: none that browsers escape, and neither of those above. */
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwyz-_~";

/** Return the signs of a reading, those that are not accepted as digits too. @param {Reading} reading @returns {Sign[]} */
export function listSigns({ written, digits, marks }) {
  const nextDigits = digits.map((digit, index) => ({ ...digit, index }));
  const nextMarks = [...marks];
  const signs = [];
  let line = 0;
  const takeRefused = (last) => {
    while (nextDigits[0]?.accepted === false && nextDigits[0].line <= last) signs.push(nextDigits.shift());
  };
  for (const letter of written) {
    if (letter === "\n") takeRefused(line++);
    if (letter.trim() === "") signs.push({ space: letter });
    else if (allLabels().includes(letter)) {
      takeRefused(Infinity);
      signs.push(nextDigits.shift() ?? { mark: letter });
    } else {
      while (nextMarks.length > 0 && nextMarks[0].mark !== letter) nextMarks.shift(); // of a line that is left out
      signs.push(nextMarks.shift() ?? { mark: letter });
    }
  }
  takeRefused(Infinity);
  return signs;
}

/** Return whether a sign is a digit, accepted or not. @param {Sign} sign */
export const isDigit = (sign) => sign.digit !== undefined;

/** Return the text of a sign. @param {Sign} sign */
export const writeSign = ({ space, mark, accepted, digit }) => space ?? mark ?? (accepted ? labelOf(digit) : "");

/** Return a reading with changed digits, and its text. @param {Reading} reading @param {(digit: Digit) => Digit} change */
export function changeDigits(reading, change) {
  const signs = listSigns(reading).map((sign) => (isDigit(sign) ? change(sign) : sign));
  const digits = signs.filter(isDigit).sort((one, other) => one.index - other.index);
  return { ...reading, ...write(signs), digits: digits.map(({ index, ...digit }) => digit) };
}

/** Corrections of digits, which stay with their ink while the drawing grows. Fires "change" when the user makes one. */
export class Corrections extends EventTarget {
  /** @type {{ box: number[], digit: number | null }[]} */ #made = [];
  /** Corrections as of `encode`, for the next reading. */ #pending = "";
  /** Digits of the newest reading, corrected. @type {Digit[]} */ #digits = [];

  clear() {
    this.#made = [];
    this.#pending = "";
  }

  /** Correct a digit. @param {Digit} read by the reader @param {Picture} picture @param {number | null} digit or none */
  set(read, picture, digit) {
    this.#set(read, picture, digit);
    this.dispatchEvent(new Event("change"));
  }

  #set(read, picture, digit) {
    const box = toSheet(read.box, picture);
    this.#made = this.#made.filter((made) => overlap(made.box, box) < SAME);
    if (digit !== (read.accepted ? read.digit : null)) this.#made.push({ box, digit });
  }

  /** Return a reading with its corrected digits and text. @param {Reading} reading @param {Picture | null} picture */
  apply(reading, picture) {
    if (picture && this.#pending.length === reading.digits.length) this.#decode(reading, picture);
    const isCorrected = picture && this.#made.length > 0;
    const corrected = isCorrected ? changeDigits(reading, (digit) => this.#correct(digit, picture)) : reading;
    this.#digits = corrected.digits;
    return corrected;
  }

  /** Return the corrections in the newest reading for `expect`: a letter for each digit, "" without any. */
  encode() {
    const digits = this.#digits;
    const letters = digits.map(({ corrected, accepted, digit }) => {
      if (!corrected) return UNCHANGED;
      return accepted ? LETTERS[digit] : REFUSED;
    });
    return digits.some(({ corrected }) => corrected) ? letters.join("") : this.#pending;
  }

  /** Apply corrections, as of `encode`, to the next reading with as many digits. @param {string} letters */
  expect(letters) {
    this.#pending = letters;
  }

  #decode({ digits }, picture) {
    [...this.#pending].forEach((letter, index) => {
      const digit = letter === REFUSED ? null : LETTERS.indexOf(letter);
      if (digit === null || digit in allLabels()) this.#set(digits[index], picture, digit);
    });
    this.#pending = "";
  }

  #correct(sign, picture) {
    const box = toSheet(sign.box, picture);
    const made = this.#made.find((each) => overlap(each.box, box) >= SAME);
    if (!made) return sign;
    return { ...sign, digit: made.digit ?? sign.digit, accepted: made.digit !== null, corrected: true };
  }
}

/** Return the text of signs, without the lines that have no accepted digit. @param {Sign[]} signs */
function write(signs) {
  const lines = [[]];
  for (const sign of signs) {
    if (sign.space === "\n") lines.push([]);
    else lines.at(-1).push(sign);
  }
  const legible = lines.filter((line) => line.some(({ accepted }) => accepted));
  const join = (line) => line.map(writeSign).join("").trim();
  return {
    text: legible.map((line) => join(line.filter(isDigit))).join("\n"),
    written: legible.map(join).join("\n"),
  };
}

/** Convert from pixels of a picture to the sheet; a photograph is a sheet of its own. */
function toSheet([x, y, width, height], { left = 0, top = 0, unit = 1 }) {
  return [(x - left) / unit, (y - top) / unit, width / unit, height / unit];
}

function overlap([x, y, width, height], [otherX, otherY, otherWidth, otherHeight]) {
  const across = Math.min(x + width, otherX + otherWidth) - Math.max(x, otherX);
  const down = Math.min(y + height, otherY + otherHeight) - Math.max(y, otherY);
  const shared = Math.max(0, across) * Math.max(0, down);
  return shared / (width * height + otherWidth * otherHeight - shared);
}
