/**
 * Reads strokes: of all ways to put neighbouring pieces together to digits, finds the most probable, as
 * app/recognition/number.py does, whose costs these are. A piece is never cut: digits that touch within one stroke are
 * read as one.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {import("./litert_reader.js").Answer} Answer
 * @typedef {import("./drawing.js").Box} Box
 * @typedef {import("./pieces.js").Piece} Piece
 * @typedef {{ answer: Answer, box: Box }} ReadInk
 * @typedef {{ cost: number, digits: (ReadInk & { piece: Piece })[] }} Chain what is read so far, and its cost.
 */
import { around, heightOf, overlapOf, widthOf } from "./boxes.js";
import { areSeveral, findPieces, join, splitLines, typicalHeight } from "./pieces.js";

/** Of one digit: a 4 in two strokes, or a 5 whose bar lies apart. */
const MOST_PIECES = 3;
/** Until then all ways are tried: scribble must not keep the page busy. */
const MOST_READINGS = 120;
/** Of a digit's height: no digit is wider. */
const WIDEST = 1.45;
/** Of a digit's height: no digit is taller. */
const TALLEST = 1.6;
/** Of a digit's height: two pieces so tall beside each other are two digits. */
const TALL = 0.9;
/** Of a digit's height: what is lower alone is a point, a comma or a dash. */
const MARK = 0.3;
/** Of a digit's height below its top: points, commas and dashes lie lower. */
const HIGH = 0.4;
/** Of a digit's height: a bar is at least so wide. */
const BAR = 0.25;

// Costs, as negative logarithms of probability: what the reader, who sees each digit in its frame, cannot know.
/** For each height of paper between the parts of one digit. */
const GAP = 2;
/** For taking digits for one that stand apart. */
const TALL_APART = 2;
/** For each width of the narrower of two digits that stand above each other, but for those that lean. */
const OVERLAP = 6;
const LEANING = 0.3;
/** For each height by which a digit is wider than high. */
const WIDE = 2;
/** For each height by which a digit is lower than half of the others. */
const SMALL = 4;
/** For leaving out a mark so high that it may be the bar of a 5. */
const BAR_LOST = 1.5;
/** For taking something for no digit. */
const NO_DIGIT = 1.5;

/**
 * @param {Stroke[]} strokes at least one
 * @param {(strokes: Stroke[]) => Promise<ReadInk | null>} read gives null where there is no ink to be seen
 * @returns {Promise<ReadInk[]>} line by line, from left to right
 */
export async function readStrokes(strokes, read) {
  const pieces = findPieces(strokes);
  if (!areSeveral(pieces)) return [await read(strokes)].filter(Boolean);
  const height = typicalHeight(pieces);
  const limited = limit(read);
  const found = [];
  for (const line of splitLines(pieces, height)) found.push(...(await readLine(line, height, limited)));
  return found;
}

/** Reads only what must be read once the most readings are used up. */
function limit(read) {
  let left = MOST_READINGS;
  return {
    read(strokes) {
      left -= 1;
      return read(strokes);
    },
    get usedUp() {
      return left <= 0;
    },
  };
}

/** @param {Piece[]} line from left to right */
async function readLine(line, height, limited) {
  const tall = line.filter(({ bounds }) => heightOf(bounds) > HIGH * height);
  const top = Math.min(...tall.map(({ bounds }) => bounds.top));
  /** @type {Chain[]} */ const chains = [{ cost: 0, digits: [] }];
  for (let last = 0; last < line.length; last += 1) {
    const ways = [];
    for (let first = last; first > Math.max(-1, last - MOST_PIECES); first -= 1) {
      const way = await extend(chains[first], line.slice(first, last + 1), { height, top, limited });
      if (way) ways.push(way);
    }
    chains.push(ways.reduce((best, way) => (way.cost < best.cost ? way : best)));
  }
  return chains.at(-1).digits;
}

/**
 * The chain with one more digit, or mark, of these pieces; null if there is none.
 * @param {Chain} chain @param {Piece[]} pieces
 * @returns {Promise<Chain | null>}
 */
async function extend(chain, pieces, { height, top, limited }) {
  const piece = join(pieces);
  const { bounds } = piece;
  const alone = pieces.length === 1;
  if (alone && heightOf(bounds) < MARK * height) {
    const isBar = bounds.bottom < top + HIGH * height && widthOf(bounds) > Math.max(2 * heightOf(bounds), BAR * height);
    return { cost: chain.cost + (isBar ? BAR_LOST : 0), digits: chain.digits };
  }
  const tooLarge = widthOf(bounds) > WIDEST * height || heightOf(bounds) > TALLEST * height;
  if (!alone && (tooLarge || limited.usedUp)) return null;
  const found = await limited.read(piece.strokes);
  if (found === null) return { cost: chain.cost, digits: chain.digits };
  const cost =
    costOf(found.answer) +
    costOfGaps(pieces, height) +
    OVERLAP * Math.max(0, overlapWithLast(chain, piece) - LEANING) +
    WIDE * Math.max(0, widthOf(bounds) / height - 1) +
    SMALL * Math.max(0, 0.5 - heightOf(bounds) / height);
  return { cost: chain.cost + cost, digits: [...chain.digits, { ...found, piece }] };
}

/** @param {Answer} answer */
function costOf({ probabilities, digitScore }) {
  const digit = -Math.log(Math.max(...probabilities) * digitScore + 1e-9);
  return Math.min(digit, NO_DIGIT - Math.log(1 - digitScore + 1e-9));
}

function overlapWithLast(chain, piece) {
  const before = chain.digits.at(-1);
  return before ? overlapOf(before.piece.bounds, piece.bounds) : 0;
}

/** What it costs that pieces lie apart, from left to right. @param {Piece[]} pieces */
function costOfGaps(pieces, height) {
  let [{ bounds: before }, cost] = [pieces[0], 0];
  for (const { bounds } of pieces.slice(1)) {
    if (bounds.left >= before.right) {
      cost += (GAP * (bounds.left - before.right)) / height;
      if (Math.min(heightOf(bounds), heightOf(before)) >= TALL * height) cost += TALL_APART;
    }
    before = around([before, bounds]);
  }
  return cost;
}
