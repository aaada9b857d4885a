/** A row of example drawings, each a button with a small picture of it. */
import { drawPaths, tracePath } from "./ink.js";

/** Side of a small picture, in pixels of a dense screen. */
const SIDE = 128;
/** examples.json has integers: thousandths of the pad's side. */
const SCALE = 1 / 1000;

/** @param {HTMLElement} row @param {(strokes: import("./ink.js").Stroke[]) => void} load */
export async function showExamples(row, load) {
  const response = await fetch(new URL("examples.json", import.meta.url));
  for (const { name, strokes } of await response.json()) {
    const scaled = strokes.map((stroke) => stroke.map(([x, y]) => [x * SCALE, y * SCALE]));
    row.append(makeButton(name, scaled, () => load(scaled)));
  }
}

function makeButton(title, strokes, load) {
  const button = Object.assign(document.createElement("button"), { type: "button", title });
  button.setAttribute("aria-label", `Example: ${title}`);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  drawPaths(canvas.getContext("2d"), strokes.map(tracePath));
  button.append(canvas);
  button.addEventListener("click", load);
  return button;
}
