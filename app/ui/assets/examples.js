/** A row of drawings to try, each a button with a small picture of it. */
import { drawPaths, tracePath } from "./ink.js";

/** Side of a small picture, in pixels of a dense screen. */
const SIDE = 128;

/**
 * @param {HTMLElement} row
 * @param {(strokes: import("./ink.js").Stroke[]) => void} load
 */
export async function showExamples(row, load) {
  const answer = await fetch(new URL("examples.json", import.meta.url));
  const examples = await answer.json();
  row.replaceChildren(...examples.map(({ name, strokes }) => makeButton(name, fromThousandths(strokes), load)));
}

/** The file has thousandths of the pad's side, which are shorter. */
function fromThousandths(strokes) {
  return strokes.map((stroke) => stroke.map((point) => point.map((coordinate) => coordinate / 1000)));
}

function makeButton(name, strokes, load) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", `Example: ${name}`);
  button.title = name;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  drawPaths(canvas.getContext("2d"), strokes.map(tracePath));
  button.append(canvas);
  button.addEventListener("click", () => load(strokes));
  return button;
}
