/**
 * Reads pictures of ink with the page's modules, as the page reads the ink of strokes.
 * @param {string[]} inks PNG files in base64, white ink on black
 */
async (inks) => {
  const load = (name) => import(new URL(`page/${name}`, document.baseURI));
  const [{ openReader }, { findBox, fitDrawing }] = await Promise.all(["litert_reader.js", "drawing.js"].map(load));
  const fetchReader = async () => new Uint8Array(await (await fetch("reader.tflite")).arrayBuffer());
  window.inkReader ??= openReader(fetchReader());
  const reader = await window.inkReader;

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
    const { probabilities, digitScore } = await reader.read(fitDrawing(ink, findBox(ink), reader.size));
    const milliseconds = performance.now() - start;
    predictions.push({ probabilities: [...probabilities], digit_score: digitScore, milliseconds });
  }
  return predictions;
}
