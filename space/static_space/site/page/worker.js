/**
 * The worker that reads strokes, so that drawing stays smooth. A classic worker, since LiteRT.js loads its runtime
 * with importScripts, which module workers lack. The first request is { model }, all others are { strokes }. Responses,
 * in the same order, are { found } or { error }.
 */
let setModel;
const model = new Promise((resolve) => (setModel = resolve));

const reading = (async () => {
  const [{ openReader }, { drawInk, findBox, fitDrawing }, { readStrokes }] = await Promise.all(
    ["litert_reader.js", "drawing.js", "number.js"].map((name) => import(`./${name}`)),
  );
  const reader = await openReader(model);

  async function readDigit(strokes) {
    const ink = drawInk(strokes);
    const box = findBox(ink);
    return box && { box, prediction: await reader.read(fitDrawing(ink, box, reader.size)) };
  }

  return (strokes) => readStrokes(strokes, readDigit);
})();

let last = Promise.resolve();

addEventListener("message", ({ data }) => {
  if (data.model) setModel(data.model);
  last = Promise.all([reading, last])
    .then(([read]) => (data.model ? [] : read(data.strokes)))
    .then(
      (found) => postMessage({ found }),
      (error) => postMessage({ error: error.message }),
    );
});
