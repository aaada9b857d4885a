/**
 * From strokes to pieces, and from pieces to lines of digits. A piece is what is surely of one digit: strokes that
 * touch. The rules and their numbers are those of app/recognition/lines.py; only the pieces are found otherwise, since
 * here the strokes are known.
 *
 * @typedef {import("../ui/ink.js").Point} Point
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {import("./boxes.js").Bounds} Bounds
 * @typedef {{ strokes: Stroke[], lines: Stroke[], bounds: Bounds }} Piece lines are its strokes with fewer points.
 */
import { PEN_WIDTH, passesNear } from "../ui/ink.js";
import { around, boundsOf, centreOf, gapBetween, heightOf, middleOf, overlapOf } from "./boxes.js";

/** Of the pad's side: points nearer to each other say nothing of where strokes touch. */
const SPACING = PEN_WIDTH / 4;
/** The largest; more of them are scribble. */
const MOST_PIECES = 60;
/** Of a digit's height: strokes so tall that touch side by side are two digits that touch. */
const WHOLE = 0.7;
/** Of the narrower: what overlaps less from left to right stands side by side. */
const ASIDE = 0.3;
/** Of the narrower: strokes that overlap so much from left to right are one digit. */
const OVERLAP = 0.5;
/** Of a digit's height: strokes of one digit are not further apart from top to bottom. */
const GAP = 0.3;
/** Of the tallest: lower pieces say nothing of a digit's height. */
const TALL = 0.5;
/** Of a digit's height: a mark so far above or below a line still belongs to it. */
const NEAR = 0.45;

/** @param {Piece[]} pieces at least one @returns {Piece} */
export const join = (pieces) => ({
  strokes: pieces.flatMap(({ strokes }) => strokes),
  lines: pieces.flatMap(({ lines }) => lines),
  bounds: around(pieces.map(({ bounds }) => bounds)),
});

/** @param {Stroke[]} strokes @returns {Piece[]} */
export function findPieces(strokes) {
  const single = strokes.map((stroke) => ({
    strokes: [stroke],
    lines: [thinOut(stroke)],
    bounds: boundsOf(stroke, PEN_WIDTH),
  }));
  const height = typicalHeight(single);
  const pieces = merge(single, (first, second) => isOnePiece(first, second, height));
  const area = ({ bounds }) => heightOf(bounds) * (bounds.right - bounds.left);
  return pieces.sort((first, second) => area(second) - area(first)).slice(0, MOST_PIECES);
}

/** The height of a digit, given pieces of digits and marks, at least one. @param {Piece[]} pieces */
export function typicalHeight(pieces) {
  const heights = pieces.map(({ bounds }) => heightOf(bounds)).sort((first, second) => first - second);
  const tall = heights.filter((height) => height >= TALL * heights.at(-1));
  return (tall[(tall.length - 1) >> 1] + tall[tall.length >> 1]) / 2;
}

/** Whether there are several digits: of comparable height, and not strokes of one. @param {Piece[]} pieces */
export function areSeveral(pieces) {
  const height = typicalHeight(pieces);
  const heights = merge(pieces, (first, second) => isOneDigit(first.bounds, second.bounds, height)).map(
    ({ bounds }) => heightOf(bounds),
  );
  return heights.filter((each) => each >= TALL * Math.max(...heights)).length > 1;
}

/** Lines of pieces, from top to bottom, each from left to right. @param {Piece[]} pieces @returns {Piece[][]} */
export function splitLines(pieces, height) {
  const isTall = ({ bounds }) => heightOf(bounds) >= TALL * height;
  const lines = [];
  for (const piece of pieces.filter(isTall).sort(byMiddle)) {
    const span = lines.length > 0 ? join(lines.at(-1)).bounds : null;
    const middle = middleOf(piece.bounds);
    if (span && span.top <= middle && middle < span.bottom) lines.at(-1).push(piece);
    else lines.push([piece]);
  }
  const spans = lines.map((line) => join(line).bounds);
  for (const piece of pieces.filter((each) => !isTall(each))) {
    const middle = middleOf(piece.bounds);
    const distances = spans.map(({ top, bottom }) => Math.max(top - middle, middle - bottom));
    const nearest = Math.min(...distances);
    if (nearest <= NEAR * height) lines[distances.indexOf(nearest)].push(piece);
  }
  return lines.map((line) => line.sort((first, second) => centreOf(first.bounds) - centreOf(second.bounds)));
}

const byMiddle = (first, second) => middleOf(first.bounds) - middleOf(second.bounds);

/**
 * Joins pieces until no two belong together.
 * @param {Piece[]} pieces
 * @param {(first: Piece, second: Piece) => boolean} belong
 */
function merge(pieces, belong) {
  const merged = [];
  for (let piece of pieces) {
    for (let index; (index = merged.findIndex((other) => belong(other, piece))) >= 0; ) {
      piece = join([...merged.splice(index, 1), piece]);
    }
    merged.push(piece);
  }
  return merged;
}

/** @param {Piece} first @param {Piece} second */
function isOnePiece(first, second, height) {
  if (overlapOf(first.bounds, second.bounds) < 0 || gapBetween(first.bounds, second.bounds) > 0) return false;
  const tall = [first, second].every(({ bounds }) => heightOf(bounds) >= WHOLE * height);
  if (tall && overlapOf(first.bounds, second.bounds) < ASIDE) return false;
  return first.lines.some((line) => second.lines.some((other) => touch(line, other)));
}

/** @param {Bounds} first @param {Bounds} second */
function isOneDigit(first, second, height) {
  if (overlapOf(first, second) < OVERLAP) return false;
  const gap = gapBetween(first, second);
  const areTwo = gap >= 0 && Math.min(heightOf(first), heightOf(second)) >= WHOLE * height; // one under the other
  return gap <= GAP * height && !areTwo;
}

/** Whether the ink of two strokes meets. @param {Stroke} first @param {Stroke} second */
function touch(first, second) {
  return (
    first.some((point) => passesNear(second, point, PEN_WIDTH)) ||
    second.some((point) => passesNear(first, point, PEN_WIDTH)) ||
    segmentsOf(first).some((segment) => segmentsOf(second).some((other) => cross(...segment, ...other)))
  );
}

/** Leaves out points that are near to the one before, but never the last. @param {Stroke} stroke @returns {Stroke} */
function thinOut(stroke) {
  const kept = [stroke[0]];
  for (const point of stroke.slice(1)) {
    const [x, y] = kept.at(-1);
    if (point === stroke.at(-1) || Math.hypot(point[0] - x, point[1] - y) >= SPACING) kept.push(point);
  }
  return kept;
}

/** @param {Stroke} stroke @returns {[Point, Point][]} */
const segmentsOf = (stroke) => stroke.slice(1).map((end, index) => [stroke[index], end]);

/** Whether two straight lines cross. */
function cross(start, end, otherStart, otherEnd) {
  const side = (from, to, [x, y]) => Math.sign((to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]));
  return (
    side(start, end, otherStart) !== side(start, end, otherEnd) &&
    side(otherStart, otherEnd, start) !== side(otherStart, otherEnd, end)
  );
}
