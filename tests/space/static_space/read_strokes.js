/**
 * Reads a drawing as the page does.
 * @returns its reading, and the picture of it that the app would send to the server, as a data URL
 */
async (strokes) => {
  const load = (name) => import(new URL(name, document.baseURI));
  const [{ PICTURE_SIDE, fillPicture }, { fetchModel }, { makeReading }, { WorkerReader }] = await Promise.all(
    ["ui/ink.js", "page/model.js", "page/reading.js", "page/worker_reader.js"].map(load),
  );
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PICTURE_SIDE;
  fillPicture(canvas.getContext("2d"), strokes);
  const pinned = JSON.parse(document.querySelector("#pinned-model").textContent);
  window.strokeReader ??= new WorkerReader(fetchModel(pinned));
  const reading = makeReading(await window.strokeReader.read(strokes));
  return { url: canvas.toDataURL("image/png"), reading };
}
