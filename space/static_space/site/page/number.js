/**
 * Reads numbers: finds the most probable way to group neighbouring components into digits, with the costs of
 * app/recognition/readers/number.py. A component is never cut, so digits joined in one stroke are read as one.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {import("./components.js").Component} Component
 * @typedef {{ prediction: import("./litert_reader.js").Prediction, box: import("./drawing.js").Box }} ReadInk
 * @typedef {(strokes: Stroke[]) => Promise<ReadInk | null>} Read resolves to null for strokes without ink
 * @typedef {{ cost: number, digits: (ReadInk & { component: Component })[] }} Chain digits read so far, and their cost
 */
import { areSeveral, around, findComponents, heightOf, join, overlapOf, splitLines } from "./components.js";
import { typicalHeight, widthOf } from "./components.js";
import constants from "./constants.js";

const { number: NUMBER, costs: COSTS } = constants;
/** Maximum number of components of a digit, such as a 4 in two strokes or a 5 with its bar apart. */
const MAX_COMPONENTS = 3;
/** Number of reads after which components are not joined, so that scribble does not block the page. */
const MAX_READS = 120;

/** Read strokes, line by line. @param {Stroke[]} strokes not empty @param {Read} read @returns {Promise<ReadInk[]>} */
export async function readStrokes(strokes, read) {
  const components = findComponents(strokes);
  if (!areSeveral(components)) return [await read(strokes)].filter(Boolean);
  const search = { read, readsLeft: MAX_READS, height: typicalHeight(components) };
  const found = [];
  for (const line of splitLines(components, search.height)) found.push(...(await readLine(line, search)));
  return found;
}

/** @param {Component[]} line from left to right */
async function readLine(line, search) {
  const tall = line.filter(({ bounds }) => heightOf(bounds) > NUMBER.high_mark_depth * search.height);
  const top = Math.min(...tall.map(({ bounds }) => bounds.top));
  /** The best chain of the first components, by their count. @type {Chain[]} */
  const chains = [{ cost: 0, digits: [] }];
  for (let last = 0; last < line.length; last += 1) {
    const ways = [];
    for (let first = last; first > Math.max(-1, last - MAX_COMPONENTS); first -= 1) {
      const way = await extend(chains[first], line.slice(first, last + 1), { search, top });
      if (way) ways.push(way);
    }
    chains.push(ways.reduce((best, way) => (way.cost < best.cost ? way : best)));
  }
  return chains.at(-1).digits;
}

/** Return the chain with these components as one digit or mark; null if they are neither. @param {Chain} chain */
async function extend(chain, components, { search, top }) {
  const { height } = search;
  const component = join(components);
  const { bounds } = component;
  const isSingle = components.length === 1;
  if (isSingle && heightOf(bounds) < NUMBER.mark_height * height) {
    return { ...chain, cost: chain.cost + costOfMark(bounds, { height, top }) };
  }
  const isTooLarge = widthOf(bounds) > NUMBER.max_width * height || heightOf(bounds) > NUMBER.max_height * height;
  if (!isSingle && (isTooLarge || search.readsLeft <= 0)) return null;
  search.readsLeft -= 1;
  const found = await search.read(component.strokes);
  if (found === null) return chain;
  const overlap = chain.digits.length ? overlapOf(chain.digits.at(-1).component.bounds, bounds) : 0;
  const cost =
    costOfDigit(found.prediction) +
    costOfGaps(components, height) +
    COSTS.overlap_per_width * Math.max(0, overlap - COSTS.free_overlap_share) +
    COSTS.excess_width_per_height * Math.max(0, widthOf(bounds) / height - 1) +
    COSTS.missing_height_per_height * Math.max(0, 0.5 - heightOf(bounds) / height);
  return { cost: chain.cost + cost, digits: [...chain.digits, { ...found, component }] };
}

/** Return the cost of leaving out a mark: 0 for a point, comma or dash, not for a high bar, possibly that of a 5. */
function costOfMark(bounds, { height, top }) {
  const isHigh = bounds.bottom < top + NUMBER.high_mark_depth * height;
  const isBar = widthOf(bounds) > Math.max(2 * heightOf(bounds), NUMBER.bar_width * height);
  return isHigh && isBar ? COSTS.lost_bar : 0;
}

function costOfDigit({ probabilities, digitScore }) {
  const digit = -Math.log(Math.max(...probabilities) * digitScore + 1e-9);
  return Math.min(digit, COSTS.not_a_digit - Math.log(1 - digitScore + 1e-9));
}

/** Return the cost of the gaps between components, from left to right. @param {Component[]} components */
function costOfGaps(components, height) {
  let [{ bounds: before }, cost] = [components[0], 0];
  for (const { bounds } of components.slice(1)) {
    if (bounds.left >= before.right) {
      cost += (COSTS.gap_per_height * (bounds.left - before.right)) / height;
      const lower = Math.min(heightOf(bounds), heightOf(before));
      if (lower >= NUMBER.full_height * height) cost += COSTS.full_height_parts_apart;
    }
    before = around([before, bounds]);
  }
  return cost;
}
