/**
 * The worker that reads strokes, so that drawing stays smooth. A classic worker, since LiteRT.js loads its runtime
 * with importScripts, which module workers lack. The first request is { model }, all others are { strokes },
 * { pixels } of a picture, or { ink } of a square, to be read as one digit. Responses, in the same order, are { lines } or { error }.
 */
let setModel;
const model = new Promise((resolve) => (setModel = resolve));

const reading = (async () => {
  const [{ openReaders }, { drawInk }, { extractInk }, { readInk, readOne }] = await Promise.all(
    ["litert_readers.js", "drawing.js", "picture_ink.js", "recognizer.js"].map((name) => import(`./${name}`)),
  );
  const readers = await openReaders(model);
  return ({ strokes, pixels, ink }) => {
    if (strokes) return readInk(drawInk(strokes), readers);
    if (pixels) return readInk(extractInk(pixels), readers);
    const side = Math.sqrt(ink.length);
    return readOne({ values: ink, width: side, height: side }, readers);
  };
})();

let last = Promise.resolve();

addEventListener("message", ({ data }) => {
  if (data.model) setModel(data.model);
  last = Promise.all([reading, last])
    .then(([read]) => (data.model ? [] : read(data)))
    .then(
      (lines) => postMessage({ lines }),
      (error) => postMessage({ error: error.message }),
    );
});
