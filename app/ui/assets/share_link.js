/**
 * Links that hold a drawing: its strokes, packed, in the part of the address that is never sent to a server.
 *
 * A version byte, then for each stroke the number of its points and each point as its distance from the one
 * before, in steps of the pad's side; numbers as LEB128, signs folded in (zigzag); all of it in base64url.
 *
 * @typedef {import("./ink.js").Stroke} Stroke
 */

const VERSION = 1;
const KEY = "drawing=";
/** Steps a side: a quarter of a pixel of the picture that is read. */
const STEPS = 1000;
/** Points nearer to each other than this, in steps, are not worth their two bytes. */
const SPACING = 6;
/** How far a stroke may run over the pad's edge, in steps. */
const OVERSHOOT = 250;
/** Longest packed drawing, in bytes: links beyond 8,000 letters get lost on their way. */
const MOST_BYTES = 6000;

/** A link cannot be made or holds no drawing; the message is for people. */
export class LinkError extends Error {}

/**
 * The fragment of a link, without "#".
 * @param {Stroke[]} strokes
 */
export function packDrawing(strokes) {
  const bytes = [VERSION];
  let [lastX, lastY] = [0, 0];
  for (const stroke of strokes) {
    const points = thinOut(stroke.map((point) => point.map(toSteps)));
    writeNumber(bytes, points.length);
    for (const [x, y] of points) {
      writeSigned(bytes, x - lastX);
      writeSigned(bytes, y - lastY);
      [lastX, lastY] = [x, y];
    }
  }
  if (bytes.length > MOST_BYTES) throw new LinkError("This drawing is too long for a link.");
  const base64 = btoa(String.fromCharCode(...bytes));
  return KEY + base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The drawing in a link's fragment, or null when the fragment is about something else.
 * @param {string} fragment with or without "#"
 * @returns {Stroke[] | null}
 */
export function unpackDrawing(fragment) {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith(KEY)) return null;
  try {
    return readStrokes(decode(text.slice(KEY.length)));
  } catch (error) {
    throw new LinkError("This link holds no drawing that can be opened.", { cause: error });
  }
}

/** @param {string} text */
function decode(text) {
  if (text.length > (4 / 3) * MOST_BYTES) throw new RangeError("the link is too long");
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

/** @param {Uint8Array} bytes */
function readStrokes(bytes) {
  const reader = { bytes, at: 1 };
  if (bytes[0] !== VERSION) throw new RangeError(`version ${bytes[0]} is not known`);
  const strokes = [];
  let [x, y] = [0, 0];
  while (reader.at < bytes.length) {
    const stroke = [];
    for (let left = readNumber(reader); left > 0; left -= 1) {
      x += readSigned(reader);
      y += readSigned(reader);
      stroke.push([toShare(x), toShare(y)]);
    }
    if (stroke.length === 0) throw new RangeError("a stroke has no points");
    strokes.push(stroke);
  }
  if (strokes.length === 0) throw new RangeError("there are no strokes");
  return strokes;
}

/** Leaves out points that are very near to the one before, but never the last. */
function thinOut(points) {
  const kept = [points[0]];
  points.slice(1).forEach(([x, y], index) => {
    const [lastX, lastY] = kept.at(-1);
    const isLast = index === points.length - 2;
    if (isLast || Math.hypot(x - lastX, y - lastY) >= SPACING) kept.push([x, y]);
  });
  return kept;
}

function toSteps(share) {
  return Math.min(STEPS + OVERSHOOT, Math.max(-OVERSHOOT, Math.round(share * STEPS)));
}

function toShare(steps) {
  if (steps < -OVERSHOOT || steps > STEPS + OVERSHOOT) throw new RangeError("a point is far off the pad");
  return steps / STEPS;
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function writeNumber(bytes, number) {
  let left = number;
  for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128);
  bytes.push(left);
}

function writeSigned(bytes, number) {
  writeNumber(bytes, number < 0 ? -2 * number - 1 : 2 * number);
}

function readNumber(reader) {
  let [number, shift] = [0, 0];
  for (;;) {
    if (reader.at >= reader.bytes.length || shift > 14) throw new RangeError("the link is cut off");
    const byte = reader.bytes[reader.at++];
    number |= (byte & 127) << shift;
    if (byte < 128) return number;
    shift += 7;
  }
}

function readSigned(reader) {
  const number = readNumber(reader);
  return number % 2 ? -(number + 1) / 2 : number / 2;
}
