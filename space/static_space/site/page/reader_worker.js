/**
 * The worker that reads, so that drawing stays smooth. A classic worker, since LiteRT.js loads its runtime by
 * importScripts, which module workers lack.
 *
 * The first request is { model }, all others { strokes }. Responses, in the same order, are { found } or { error }.
 */
let setModel;
const model = new Promise((resolve) => (setModel = resolve));

const opened = (async () => {
  const [{ openReader }, { drawInk, findBox, fitDrawing }, { readStrokes }] = await Promise.all(
    ["litert_reader.js", "drawing.js", "number.js"].map((name) => import(`./${name}`)),
  );
  const reader = await openReader(model);

  async function readDigit(strokes) {
    const ink = drawInk(strokes);
    const box = findBox(ink);
    return box && { box, answer: await reader.read(fitDrawing(ink, box, reader.size)) };
  }

  return (strokes) => readStrokes(strokes, readDigit);
})();

let last = Promise.resolve();

addEventListener("message", ({ data }) => {
  if (data.model) setModel(data.model);
  last = last
    .then(async () => {
      const read = await opened;
      return data.model ? [] : read(data.strokes);
    })
    .then(
      (found) => postMessage({ found }),
      (error) => postMessage({ error: error.message }),
    );
});
