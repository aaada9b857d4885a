/**
 * Finds the lines of text in ink, without frames around digits, as app/recognition/layout/lines.py and grouping.py do.
 * Ruled lines are not removed: people hardly draw them.
 *
 * @typedef {import("./drawing.js").Ink} Ink
 * @typedef {import("./drawing.js").Box} Box
 * @typedef {import("./components.js").Component} Component
 */
import { around, findComponents } from "./components.js";
import constants from "../ui/constants.js";
import { sum } from "./decoding.js";
import { crop } from "./drawing.js";

const LINES = constants.lines;
const NEAR = [-1, 0, 1];

/** Find the lines of text, from top to bottom. @param {Ink} ink @returns {{ box: Box, ink: Ink }[]} */
export function findLines(ink) {
  const { labels, components } = findComponents(ink, LINES.ink);
  const labelled = { ...ink, values: labels };
  const framing = components.filter((component) => isAround(component, components, labelled));
  const height = findDigitHeight(components.filter((component) => !framing.includes(component)));
  const isFrame = (component) => framing.includes(component) && component.box[3] >= LINES.min_frame * height;
  return group(components.filter((component) => !isFrame(component)), height).map((line) => {
    const [left, top, across, down] = around(line.map(({ box }) => box));
    const box = [left - 1, top - 1, across + 2, down + 2];
    const own = new Set(line.map(({ label }) => label));
    const { values: inside, width } = crop(labelled, box);
    const labelAt = (x, y) => (x >= 0 && x < width && inside[y * width + x]) || 0;
    const isFree = (x, y) => labelAt(x, y) === 0 || own.has(labelAt(x, y));
    const isFar = (x, y) => NEAR.every((dy) => NEAR.every((dx) => isFree(x + dx, y + dy)));
    const keeps = (x, y) => own.has(labelAt(x - box[0], y - box[1])) || isFar(x - box[0], y - box[1]);
    return { box, ink: crop(ink, box, keeps) };
  });
}

/** Return whether a component runs around others. @param {Component} component */
function isAround({ label, area, box: [x, y, width, height] }, components, labelled) {
  const isInside = ([left, top, across, down]) =>
    left > x && top > y && left + across < x + width && top + down < y + height && down >= LINES.min_framed * height;
  const inside = components.map(({ box }) => box).filter(isInside);
  if (inside.length === 0) return false;
  const [beside, above] = [width, height].map((side) => Math.floor(LINES.frame_margin * side));
  const middle = crop(labelled, [x + beside, y + above, width - 2 * beside, height - 2 * above]).values;
  if (middle.filter((each) => each === label).length > LINES.within * area) return false;
  const [left, top, across, down] = around(inside);
  const [right, bottom] = [left + across, top + down];
  if (inside.length === 1 && down > LINES.slash * across) return false;
  /** Return whether the component covers most columns (0) or rows (1) of a box. */
  const covers = (box, side) => {
    const covered = new Set();
    crop(labelled, box).values.forEach((each, index) => {
      if (each === label) covered.add(side === 0 ? index % box[2] : Math.floor(index / box[2]));
    });
    return covered.size >= LINES.covered * box[2 + side];
  };
  return (
    covers([left, y, across, top - y], 0) &&
    covers([left, bottom, across, y + height - bottom], 0) &&
    covers([x, top, left - x, down], 1) &&
    covers([right, top, x + width - right, down], 1)
  );
}

/** Return the height of a digit, in pixels: the median of all, each weighted by its height. */
function findDigitHeight(components) {
  const prefer = (all, isPreferred) => (all.some(isPreferred) ? all.filter(isPreferred) : all);
  const noBars = prefer(components, ({ box }) => box[2] <= LINES.flat * box[3]);
  const chosen = prefer(noBars, ({ box }) => box[3] <= LINES.narrow * box[2]);
  const heights = chosen.map(({ box }) => box[3]).sort((first, second) => first - second);
  return heights.find((_, index) => sum(heights.slice(0, index + 1)) >= sum(heights) / 2);
}

/** Group components into lines of digits of some height, from top to bottom. @param {Component[]} components */
function group(components, height) {
  const middle = ({ box }, side) => 2 * box[side] + box[side + 2];
  const isTall = ({ box }) => box[3] >= LINES.tall * height;
  const tall = components.filter(isTall).sort((first, second) => middle(first, 0) - middle(second, 0));
  const lines = [];
  for (const component of tall) {
    const { box } = component;
    const isFull = box[3] >= LINES.full * height;
    let shares = lines.map(({ full }) => overlap(box, full));
    if (!shares.some(Boolean) && (!isFull || tall.length === 2)) {
      shares = lines.map(({ parts }) => Number(touches(box, parts.at(-1).box, height)));
    }
    const best = shares.indexOf(Math.max(...shares));
    if (!shares.some(Boolean)) lines.push({ parts: [component], full: box });
    else {
      lines[best].parts.push(component);
      if (isFull) lines[best].full = box;
    }
  }
  lines.sort((first, second) => middle(first.parts[0], 1) - middle(second.parts[0], 1));
  for (const component of components.filter((each) => !isTall(each))) {
    const { box } = component;
    const distanceTo = (other) => Math.max(0, gap(box, other.box, 1)) + Math.max(0, gap(box, other.box, 0)) / 3;
    const nearest = tall.reduce((best, other) => (distanceTo(other) < distanceTo(best) ? other : best));
    const [beside, above] = [gap(box, nearest.box, 0), gap(box, nearest.box, 1)];
    const isRuled = box[2] >= Math.max(LINES.ruled * height, LINES.flat * box[3]) && beside < 0 && above > 0;
    if (!isRuled && above <= LINES.distance * height) lines.find(({ parts }) => parts.includes(nearest)).parts.push(component);
  }
  return lines.map(({ parts }) => parts);
}

/** Return the share of both boxes' rows that both have; 0 for neighbours of different lines. */
function overlap(first, second) {
  const common = -gap(first, second, 1);
  if (common < LINES.overlap * Math.min(first[3], second[3])) return 0;
  return common / (first[3] + second[3] - common);
}

const touches = (first, second, height) =>
  gap(first, second, 1) <= LINES.touching * height && gap(first, second, 0) <= LINES.beside * height;

/** Return the distance between the columns (0) or rows (1) of two boxes, below 0 where they overlap. */
const gap = (first, second, side) =>
  Math.max(first[side], second[side]) - Math.min(first[side] + first[side + 2], second[side] + second[side + 2]);
