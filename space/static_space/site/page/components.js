/**
 * Groups strokes into connected components, and components into lines of text, with the constants of
 * app/recognition/layout. The server finds components in pixels; here the strokes are known.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Bounds in shares of the pad's side
 * @typedef {{ strokes: Stroke[], lines: Stroke[], bounds: Bounds }} Component strokes that touch; lines are the same
 *   with points at even distances
 */
import { PEN_WIDTH, interpolate, passesNear } from "../ui/ink.js";
import constants from "./constants.js";

const LAYOUT = constants.layout;
/** Minimum distance between two points of a component's lines, in shares of the pad's side; the maximum is twice it. */
const SPACING = PEN_WIDTH / 4;
/** Maximum number of components to read, the largest ones; more are scribble. */
const MAX_COMPONENTS = 60;
/** Tall strokes that touch and overlap less than this, in widths of the narrower, are two digits side by side. */
const MIN_OVERLAP = 0.3;

export const widthOf = ({ left, right }) => right - left;
export const heightOf = ({ top, bottom }) => bottom - top;
const middleOf = ({ top, bottom }) => (top + bottom) / 2;
const centreOf = ({ left, right }) => (left + right) / 2;

/** Return the bounds around all bounds. @param {Bounds[]} all at least one @returns {Bounds} */
export function around(all) {
  return {
    left: Math.min(...all.map(({ left }) => left)),
    top: Math.min(...all.map(({ top }) => top)),
    right: Math.max(...all.map(({ right }) => right)),
    bottom: Math.max(...all.map(({ bottom }) => bottom)),
  };
}

/** Return the horizontal overlap in widths of the narrower; it is negative for bounds that lie apart. */
export function overlapOf(first, second) {
  const shared = Math.min(first.right, second.right) - Math.max(first.left, second.left);
  return shared / Math.min(widthOf(first), widthOf(second));
}

/** Join components into one. @param {Component[]} components at least one @returns {Component} */
export const join = (components) => ({
  strokes: components.flatMap(({ strokes }) => strokes),
  lines: components.flatMap(({ lines }) => lines),
  bounds: around(components.map(({ bounds }) => bounds)),
});

/** Return the largest components, at most MAX_COMPONENTS. @param {Stroke[]} strokes @returns {Component[]} */
export function findComponents(strokes) {
  const single = strokes.map((stroke) => ({ strokes: [stroke], lines: [resample(stroke)], bounds: boundsOf(stroke) }));
  const height = typicalHeight(single);
  const components = merge(single, (first, second) => areConnected(first, second, height));
  const area = ({ bounds }) => heightOf(bounds) * widthOf(bounds);
  return components.sort((first, second) => area(second) - area(first)).slice(0, MAX_COMPONENTS);
}

/** Return the median height of the tall components, taken as a digit's height. @param {Component[]} components */
export function typicalHeight(components) {
  const heights = components.map(({ bounds }) => heightOf(bounds)).sort((first, second) => first - second);
  const tall = heights.filter((height) => height >= LAYOUT.tall_share_of_tallest * heights.at(-1));
  return (tall[(tall.length - 1) >> 1] + tall[tall.length >> 1]) / 2;
}

/** Return whether components are several digits of similar height. @param {Component[]} components */
export function areSeveral(components) {
  const height = typicalHeight(components);
  const digits = merge(components, (first, second) => isOneDigit(first.bounds, second.bounds, height));
  const heights = digits.map(({ bounds }) => heightOf(bounds));
  return heights.filter((each) => each >= LAYOUT.tall_share_of_tallest * Math.max(...heights)).length > 1;
}

/** Split components into lines, top to bottom, each from left to right, without marks far from all lines. */
export function splitLines(components, height) {
  const isTall = ({ bounds }) => heightOf(bounds) >= LAYOUT.tall_share_of_tallest * height;
  const byMiddle = (first, second) => middleOf(first.bounds) - middleOf(second.bounds);
  const lines = [];
  for (const component of components.filter(isTall).sort(byMiddle)) {
    const span = lines.length > 0 ? join(lines.at(-1)).bounds : null;
    const middle = middleOf(component.bounds);
    if (span && span.top <= middle && middle < span.bottom) lines.at(-1).push(component);
    else lines.push([component]);
  }
  const spans = lines.map((line) => join(line).bounds);
  for (const component of components.filter((each) => !isTall(each))) {
    const middle = middleOf(component.bounds);
    const distances = spans.map(({ top, bottom }) => Math.max(top - middle, middle - bottom));
    const nearest = Math.min(...distances);
    if (nearest <= LAYOUT.mark_distance_from_line * height) lines[distances.indexOf(nearest)].push(component);
  }
  return lines.map((line) => line.sort((first, second) => centreOf(first.bounds) - centreOf(second.bounds)));
}

/** Join components until no two belong together. */
function merge(components, belong) {
  const merged = [];
  for (let component of components) {
    for (let index; (index = merged.findIndex((other) => belong(other, component))) >= 0; ) {
      component = join([...merged.splice(index, 1), component]);
    }
    merged.push(component);
  }
  return merged;
}

function areConnected(first, second, height) {
  const overlap = overlapOf(first.bounds, second.bounds);
  if (overlap < 0 || gapBetween(first.bounds, second.bounds) > 0) return false;
  const areTall = [first, second].every(({ bounds }) => heightOf(bounds) >= LAYOUT.separate_digit_height * height);
  if (areTall && overlap < MIN_OVERLAP) return false;
  return first.lines.some((line) => second.lines.some((other) => touch(line, other)));
}

function isOneDigit(first, second, height) {
  if (overlapOf(first, second) < LAYOUT.same_digit_overlap_share) return false;
  const gap = gapBetween(first, second);
  const lower = Math.min(heightOf(first), heightOf(second));
  const areTwoLines = gap >= 0 && lower >= LAYOUT.separate_digit_height * height;
  return gap <= LAYOUT.same_digit_gap * height && !areTwoLines;
}

/** Return the vertical distance; it is negative for bounds that overlap. */
const gapBetween = (first, second) => Math.max(first.top, second.top) - Math.min(first.bottom, second.bottom);

/** Return the bounds of a stroke's ink. @param {Stroke} stroke @returns {Bounds} */
function boundsOf(stroke) {
  const half = PEN_WIDTH / 2;
  return around(stroke.map(([x, y]) => ({ left: x - half, top: y - half, right: x + half, bottom: y + half })));
}

/** Return whether the ink of two resampled strokes touches. @param {Stroke} first @param {Stroke} second */
const touch = (first, second) =>
  first.some((point) => passesNear(second, point, PEN_WIDTH)) ||
  second.some((point) => passesNear(first, point, PEN_WIDTH));

/** Drop points near the one before, except the last, and fill long gaps. @param {Stroke} stroke @returns {Stroke} */
function resample(stroke) {
  const points = [stroke[0]];
  for (const point of stroke.slice(1)) {
    const [x, y] = points.at(-1);
    const isFar = Math.hypot(point[0] - x, point[1] - y) >= SPACING;
    if (isFar || point === stroke.at(-1)) points.push(...interpolate([x, y], point));
  }
  return points;
}
