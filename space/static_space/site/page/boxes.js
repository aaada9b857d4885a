/**
 * Boxes around strokes, and how two of them lie to each other.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Bounds in shares of the pad's side.
 */

/** @param {Bounds[]} all at least one @returns {Bounds} */
export function around(all) {
  return {
    left: Math.min(...all.map(({ left }) => left)),
    top: Math.min(...all.map(({ top }) => top)),
    right: Math.max(...all.map(({ right }) => right)),
    bottom: Math.max(...all.map(({ bottom }) => bottom)),
  };
}

/** @param {Stroke} stroke @param {number} pen its width @returns {Bounds} */
export function boundsOf(stroke, pen) {
  const half = pen / 2;
  return around(stroke.map(([x, y]) => ({ left: x - half, top: y - half, right: x + half, bottom: y + half })));
}

/** @param {Bounds} bounds */
export const widthOf = ({ left, right }) => right - left;

/** @param {Bounds} bounds */
export const heightOf = ({ top, bottom }) => bottom - top;

/** @param {Bounds} bounds */
export const middleOf = ({ top, bottom }) => (top + bottom) / 2;

/** @param {Bounds} bounds */
export const centreOf = ({ left, right }) => (left + right) / 2;

/** How far two boxes overlap from left to right, in widths of the narrower; below 0 they lie apart. */
export function overlapOf(first, second) {
  const shared = Math.min(first.right, second.right) - Math.max(first.left, second.left);
  return shared / Math.min(widthOf(first), widthOf(second));
}

/** How far two boxes lie apart from top to bottom; below 0 they overlap. */
export function gapBetween(first, second) {
  return Math.max(first.top, second.top) - Math.min(first.bottom, second.bottom);
}
