/** Example drawings: a row of buttons, each with a small picture, and a drawing for each digit that is typed. */
import { drawPaths, findBounds, tracePath } from "./ink.js";
import { t } from "./texts.js";

/** Side of a small picture, in pixels of a dense screen. */
const SIDE = 128;
/** examples.json has integers: thousandths of the pad's height. */
const SCALE = 1 / 1000;
/** Elements in which digits can be typed. */
const FIELDS = "input, textarea, select, [contenteditable], dialog, #answer";

const load = async () => (await fetch(new URL("examples.json", import.meta.url))).json();
/** `typed` has the strokes of digits, by index. @type {Promise<{ name: string, typed?: object, strokes: number[][][] }[]>} */
let examples;

const scale = (strokes) => strokes.map((stroke) => stroke.map(([x, y]) => [x * SCALE, y * SCALE]));

/** @param {HTMLElement} row @param {(strokes: import("./ink.js").Stroke[]) => void} take */
export async function showExamples(row, take) {
  examples ??= load();
  for (const { name, strokes } of await examples) {
    const scaled = scale(strokes);
    row.append(makeButton(name, scaled, () => take(scaled)));
  }
}

/** Call `take` with a drawing of each digit that is typed. @param {(strokes: import("./ink.js").Stroke[]) => void} take */
export function listenForDigits(take) {
  document.addEventListener("keydown", async (event) => {
    const { key, target, defaultPrevented } = event;
    if (defaultPrevented || !/^[0-9]$/.test(key) || event.ctrlKey || event.metaKey || event.altKey || target.closest?.(FIELDS)) return;
    event.preventDefault();
    take(findDigit(await examples, key));
  });
}

/** Return the strokes of a digit in the example that has it. @param {string} digit */
function findDigit(all, digit) {
  const { typed, strokes } = all.find((example) => digit in (example.typed ?? {}));
  return scale(typed[digit].map((index) => strokes[index]));
}

function makeButton(name, strokes, take) {
  const button = Object.assign(document.createElement("button"), { type: "button", title: t(name) });
  button.setAttribute("aria-label", t("example", { name: t(name) }));
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const [left, , right] = findBounds(strokes);
  drawPaths(canvas.getContext("2d"), strokes.map(tracePath), { left: SIDE * (0.5 - (left + right) / 2), unit: SIDE });
  button.append(canvas);
  button.addEventListener("click", take);
  return button;
}
