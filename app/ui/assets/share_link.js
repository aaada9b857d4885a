/**
 * Links that contain a drawing in their fragment, which browsers do not send to the server, and the drawing that the
 * browser keeps for a reload.
 *
 * The fragment is KEY and the base64url of zlib-compressed JSON: one array [x, y, x, y, ...] per stroke, each point as
 * its difference from the point before, in steps of the pad's height. Corrections follow, as in signs.js.
 */
import { findBounds } from "./ink.js";
import { UserError } from "./notice.js";
import { t } from "./texts.js";

const KEY = "drawing=";
const CORRECTIONS = "&corrected=";
/** Names of the drawing and of its corrections that the browser keeps. */
const KEPT = "drawing";
const KEPT_CORRECTIONS = "corrections";
/** Time after which a drawing is kept, in milliseconds. */
const KEEP_AFTER = 300;
/** Steps per height of the pad: a quarter of a pixel of the picture that is read. */
const STEPS = 1000;
/** Minimum distance between two points of a stroke, in steps. */
const SPACING = 6;
/** Limits of a drawing, in bytes. Some programs cut off links of more than 8,000 characters. */
const MAX_COMPRESSED = 6000;
const MAX_JSON = 100_000;
/** First byte of links made before November 2026; zlib's is 0x78. */
const OLD_VERSION = 1;

/** Return a drawing as JSON; ink starts at its left edge. @param {import("./ink.js").Stroke[]} strokes */
function encodeDrawing(strokes) {
  let [x, y] = [Math.round(findBounds(strokes)[0] * STEPS), 0];
  const packed = strokes.map((stroke) =>
    stroke.flatMap((point, index) => {
      const [dx, dy] = [Math.round(point[0] * STEPS) - x, Math.round(point[1] * STEPS) - y];
      const isEnd = index === 0 || index === stroke.length - 1;
      if (!isEnd && Math.hypot(dx, dy) < SPACING) return [];
      [x, y] = [x + dx, y + dy];
      return [dx, dy];
    }),
  );
  return JSON.stringify(packed);
}

/** Return the fragment of a link, without "#". @param {import("./ink.js").Stroke[]} strokes */
export async function packDrawing(strokes) {
  const json = encodeDrawing(strokes);
  const bytes = new Uint8Array(await convert(json, new CompressionStream("deflate")).arrayBuffer());
  const isTooLong = json.length > MAX_JSON || bytes.length > MAX_COMPRESSED;
  if (isTooLong) throw new UserError(t("link_too_long"));
  const base64 = btoa(String.fromCharCode(...bytes));
  return KEY + base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Return the strokes in a fragment, with or without "#", or null when the fragment has another purpose.
 * @param {string} fragment @throws {UserError} the drawing is invalid
 */
async function unpackDrawing(fragment) {
  const [text] = fragment.replace(/^#/, "").split(CORRECTIONS);
  if (!text.startsWith(KEY)) return null;
  try {
    if (text.length > KEY.length + (4 / 3) * MAX_COMPRESSED) throw new RangeError("The link is too long.");
    const letters = atob(text.slice(KEY.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    if (bytes[0] === OLD_VERSION) return toStrokes(parseOldLink(bytes));
    const json = await convert(bytes, new DecompressionStream("deflate")).text();
    if (json.length > MAX_JSON) throw new RangeError("The drawing is too long.");
    return toStrokes(JSON.parse(json));
  } catch (error) {
    throw new UserError(t("link_invalid"), { cause: error });
  }
}

/** Return the fragment of a link to a drawing and its corrections. @param {string} corrected see signs.js */
export async function packWork(strokes, corrected) {
  return (await packDrawing(strokes)) + (corrected && CORRECTIONS + corrected);
}

/** Load the drawing in the page's address, now and when it changes. */
export function followLinks(pad, { notice, corrections }) {
  // Otherwise a reload would replace the changed drawing by the linked one.
  const removeFragment = () => history.replaceState(history.state, "", location.pathname + location.search);
  const load = async () => {
    const fragment = location.hash;
    const strokes = await unpackDrawing(fragment);
    if (!strokes || location.hash !== fragment) return;
    for (const changed of [pad, corrections]) changed.removeEventListener("change", removeFragment);
    pad.addEventListener(
      "replace",
      () => {
        corrections.expect(fragment.split(CORRECTIONS)[1] ?? "");
        setTimeout(() => {
          for (const changed of [pad, corrections]) changed.addEventListener("change", removeFragment, { once: true });
        });
      },
      { once: true },
    );
    pad.replay(strokes);
  };
  window.addEventListener("hashchange", () => notice.guard(load));
  notice.guard(load);
}

/** Keep the drawing, as it is corrected, in the browser until it is cleared; load it unless the address has one. */
export function keepDrawing(pad, corrections) {
  let timer = 0;
  const store = () => {
    clearTimeout(timer);
    timer = 0;
    try {
      keep(KEPT, pad.strokes.length > 0 ? encodeDrawing(pad.strokes) : "");
      keep(KEPT_CORRECTIONS, corrections.encode());
    } catch (error) {
      console.info(error); // the browser keeps nothing
    }
  };
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept && !location.hash.startsWith(`#${KEY}`)) {
      pad.load(toStrokes(JSON.parse(kept)));
      corrections.expect(localStorage.getItem(KEPT_CORRECTIONS) ?? "");
    }
  } catch (error) {
    console.info(error);
  }
  const storeSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(store, pad.isEmpty ? 0 : KEEP_AFTER);
  };
  for (const changed of [pad, corrections]) changed.addEventListener("change", storeSoon);
  window.addEventListener("pagehide", () => timer && store());
}

/** Keep a text in the browser; an empty one is deleted. */
function keep(name, text) {
  if (text) localStorage.setItem(name, text);
  else localStorage.removeItem(name);
}

/** @param {string | Uint8Array} data @param {CompressionStream | DecompressionStream} stream */
function convert(data, stream) {
  return new Response(new Blob([data]).stream().pipeThrough(stream));
}

/** @param {number[][]} packed */
function toStrokes(packed) {
  let [x, y] = [0, 0];
  const strokes = packed.map((differences) => {
    const stroke = [];
    for (let index = 0; index < differences.length; index += 2) {
      [x, y] = [x + differences[index], y + differences[index + 1]];
      if (!Number.isFinite(x) || !Number.isFinite(y)) throw new RangeError("A point is not a pair of numbers.");
      stroke.push([x / STEPS, y / STEPS]);
    }
    if (stroke.length === 0) throw new RangeError("A stroke has no points.");
    return stroke;
  });
  if (strokes.length === 0) throw new RangeError("The drawing has no strokes.");
  return strokes;
}

/** Parse an old link: per stroke its number of points as LEB128, then their differences as zigzag-encoded LEB128. */
function parseOldLink(bytes) {
  let at = 1;
  function readNumber() {
    let number = 0;
    for (let shift = 0; at < bytes.length && shift <= 14; shift += 7) {
      const byte = bytes[at++];
      number |= (byte & 127) << shift;
      if (byte < 128) return number;
    }
    throw new RangeError("The link is incomplete.");
  }
  const decodeSign = (number) => (number >>> 1) ^ -(number & 1);
  const packed = [];
  while (at < bytes.length) packed.push(Array.from({ length: 2 * readNumber() }, () => decodeSign(readNumber())));
  return packed;
}
