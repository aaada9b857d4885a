/**
 * Reads a drawing as the page does.
 * @returns its reading, and the picture of it that the app would send to the server, as a data URL
 */
async (strokes) => {
  const load = (name) => import(new URL(name, document.baseURI));
  const [{ fillPicture, layOut }, { fetchModel }, { makeReading }, { WorkerReader }] = await Promise.all(
    ["ui/ink.js", "page/model.js", "page/reading.js", "page/worker_reader.js"].map(load),
  );
  const canvas = document.createElement("canvas");
  const layout = layOut(strokes);
  Object.assign(canvas, { width: layout.width, height: layout.height });
  fillPicture(canvas.getContext("2d"), strokes, layout);
  const pinned = JSON.parse(document.querySelector("#pinned-model").textContent);
  window.strokeReader ??= new WorkerReader(fetchModel(pinned));
  const reading = makeReading(await window.strokeReader.read({ strokes }));
  return { url: canvas.toDataURL("image/png"), reading };
}
