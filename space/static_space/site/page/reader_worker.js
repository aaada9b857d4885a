/**
 * The worker that reads, so that the page stays as smooth as the hand. A classic one, since LiteRT.js loads its
 * runtime by importScripts, which module workers refuse.
 *
 * The first message is the model, as soon as it is there; each further one is strokes to be read. Answers are
 * { found }, or { error }.
 */
let giveModel;
const model = new Promise((resolve) => (giveModel = resolve));

const reading = (async () => {
  const [{ openReader }, { drawInk }, { findBox, fitDrawing }, { readStrokes }] = await Promise.all(
    ["litert_reader.js", "stroke_ink.js", "drawing.js", "number.js"].map((name) => import(`./${name}`)),
  );
  const reader = await openReader(model);

  async function readOne(strokes) {
    const ink = drawInk(strokes);
    const box = findBox(ink);
    return box && { box, answer: await reader.read(fitDrawing(ink, box, reader.size)) };
  }

  return (strokes) => readStrokes(strokes, readOne);
})();

let turn = Promise.resolve();

/** Answers what `work` gives, in the order of the questions. @param {() => Promise<object>} work */
function answer(work) {
  turn = turn.then(work).then(
    (found) => postMessage({ found }),
    (error) => postMessage({ error: error.message }),
  );
}

addEventListener("message", ({ data }) => {
  if (data.model) {
    giveModel(data.model);
    answer(() => reading.then(() => []));
  } else {
    answer(() => reading.then((read) => read(data.strokes)));
  }
});
