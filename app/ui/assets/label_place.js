/**
 * Where the label of a digit's box has room without covering other digits, or their labels.
 *
 * @typedef {{ left: number, top: number, width: number, height: number }} Area in shares of the pad's side
 */

/** Side of the largest label, with the space around it, on the smallest pad. */
const LARGEST = 0.085;
/** Less room than this is not enough for a label that can be read. */
const SMALLEST = 0.028;

/**
 * Above the box; below it, or else in its corner, where there is no room.
 * @param {Area} area of the box @param {Area[]} others all boxes, with or without this one
 * @returns {{ place: "above" | "below" | "corner", room: number }} the room for its side
 */
export function placeLabel(area, others) {
  const middle = middleOf(area);
  const beside = others.filter((other) => other !== area && isSameLine(other, area));
  const stacked = others.filter((other) => isSameColumn(other, area));
  const higher = stacked.filter((other) => middleOf(other).y < area.top);
  const lower = stacked.filter((other) => middleOf(other).y > area.top + area.height);
  const room = Math.min(LARGEST, ...beside.map((other) => Math.abs(middleOf(other).x - middle.x)));
  const above = area.top - Math.max(0, ...higher.map((other) => other.top + other.height));
  const below = lower.length > 0 ? 0 : 1 - area.top - area.height; // the lines below have their labels there
  if (above >= SMALLEST) return { place: "above", room: Math.min(room, above) };
  if (below >= SMALLEST) return { place: "below", room: Math.min(room, below) };
  return { place: "corner", room: SMALLEST };
}

function middleOf({ left, top, width, height }) {
  return { x: left + width / 2, y: top + height / 2 };
}

function isSameLine(one, other) {
  return Math.abs(middleOf(one).y - middleOf(other).y) < Math.max(one.height, other.height) / 2;
}

/** A label may be wider than its box. */
function isSameColumn(one, other) {
  return Math.abs(middleOf(one).x - middleOf(other).x) < (one.width + Math.max(LARGEST, other.width)) / 2;
}
