/** What the network looked at as a picture: black ink on nothing, so that it suits any paper. */

const SIDE = 28;

/** @param {Float32Array} seen row by row, 0 paper to 1 ink @returns {string} the base64 of a PNG */
export function drawSeen(seen) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  seen.forEach((ink, index) => (image.data[4 * index + 3] = Math.round(255 * Math.min(1, Math.max(0, ink)))));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}
