/**
 * Reads pictures of ink with the page's modules, as the page reads the ink of strokes.
 * @param {string[]} inks PNG files in base64, white ink on black
 * @returns of each the prediction of one digit, and how long that and reading its lines take
 */
async (inks) => {
  const load = (name) => import(new URL(`page/${name}`, document.baseURI));
  const [{ openReaders }, { crop, findBox, fitDrawing }, { fetchModel }, { readInk }] = await Promise.all(
    ["litert_readers.js", "drawing.js", "model.js", "recognizer.js"].map(load),
  );
  const pinned = JSON.parse(document.querySelector("#pinned-model").textContent);
  window.inkReaders ??= openReaders(fetchModel(pinned));
  const readers = await window.inkReaders;

  async function decode(png) {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
    return { values: data.filter((_, index) => index % 4 === 0), width, height };
  }

  const predictions = [];
  for (const png of inks) {
    const ink = await decode(png);
    const start = performance.now();
    const drawing = fitDrawing(crop(ink, findBox(ink)), readers.digit.size);
    const { probabilities, digit_score } = await readers.digit.read(drawing.values);
    const milliseconds = performance.now() - start;
    await readInk(ink, readers);
    const lines_milliseconds = performance.now() - start - milliseconds;
    const prediction = { probabilities: [...probabilities], digit_score: digit_score[0] };
    predictions.push({ ...prediction, milliseconds, lines_milliseconds });
  }
  return predictions;
}
