/** The ink of strokes, just as the picture of them has it that the app sends to its server (ui/ink.js). */
import { PICTURE_SIDE, fillSheet, tracePath } from "../ui/ink.js";

/** @typedef {import("../ui/ink.js").Stroke} Stroke */
/** @typedef {import("./drawing.js").Ink} Ink */

const canvas = new OffscreenCanvas(PICTURE_SIDE, PICTURE_SIDE);
const context = canvas.getContext("2d", { willReadFrequently: true });

/** @param {Stroke[]} strokes @returns {Ink} */
export function drawInk(strokes) {
  fillSheet(context, strokes.map(tracePath));
  const { data } = context.getImageData(0, 0, PICTURE_SIDE, PICTURE_SIDE);
  const values = new Uint8Array(PICTURE_SIDE * PICTURE_SIDE);
  for (let index = 0; index < values.length; index += 1) values[index] = 255 - data[4 * index];
  return { values, width: PICTURE_SIDE, height: PICTURE_SIDE };
}
