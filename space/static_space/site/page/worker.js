/**
 * The worker that reads strokes, so that drawing stays smooth. A classic worker, since LiteRT.js loads its runtime
 * with importScripts, which module workers lack. The first request is { model }, all others are { strokes }. Responses,
 * in the same order, are { lines } or { error }.
 */
let setModel;
const model = new Promise((resolve) => (setModel = resolve));

const reading = (async () => {
  const [{ openReaders }, { drawInk }, { readInk }] = await Promise.all(
    ["litert_readers.js", "drawing.js", "recognizer.js"].map((name) => import(`./${name}`)),
  );
  const readers = await openReaders(model);
  return (strokes) => readInk(drawInk(strokes), readers);
})();

let last = Promise.resolve();

addEventListener("message", ({ data }) => {
  if (data.model) setModel(data.model);
  last = Promise.all([reading, last])
    .then(([read]) => (data.model ? [] : read(data.strokes)))
    .then(
      (lines) => postMessage({ lines }),
      (error) => postMessage({ error: error.message }),
    );
});
