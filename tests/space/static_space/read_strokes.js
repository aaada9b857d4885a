/**
 * Reads a drawing as the page does, with a threshold.
 * @returns its digits, and the picture of it that the app would send to the server, as a data URL
 */
async ({ strokes, threshold }) => {
  const load = (name) => import(new URL(name, document.baseURI));
  const [{ PICTURE_SIDE, fillSheet, tracePath }, { makeReading }, { WorkerReader }] = await Promise.all(
    ["ui/ink.js", "page/reading.js", "page/worker_reader.js"].map(load),
  );
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PICTURE_SIDE;
  fillSheet(canvas.getContext("2d"), strokes.map(tracePath));
  const model = fetch("reader.tflite").then(async (response) => new Uint8Array(await response.arrayBuffer()));
  window.strokeReader ??= new WorkerReader(model);
  const { digits } = makeReading(await window.strokeReader.read(strokes), threshold);
  return { url: canvas.toDataURL("image/png"), digits };
}
