/** Turns WebP pictures upright, whose orientation browsers ignore, unlike that of JPEG and PNG. */

/** Matrices of the EXIF orientations from 2 on for a picture of width and height 1, as in DOMMatrix. */
const TURNS = [
  [-1, 0, 0, 1, 1, 0],
  [-1, 0, 0, -1, 1, 1],
  [1, 0, 0, -1, 0, 1],
  [0, 1, 1, 0, 0, 0],
  [0, 1, -1, 0, 1, 0],
  [0, -1, -1, 0, 1, 1],
  [0, -1, 1, 0, 0, 1],
];
/** A WebP of 2 x 1 pixels that is to be turned by 90 degrees. */
const PROBE = "UklGRk4AAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TA4AAAAvAQAAAAcQEf0PRET/A0VYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=";

/** Return an upright copy of a decoded picture. @param {File} file @param {ImageBitmap} bitmap @returns {Promise<ImageBitmap>} */
export async function turnUpright(file, bitmap) {
  if (file.type !== "image/webp") return bitmap;
  const turn = TURNS[findOrientation(new DataView(await file.arrayBuffer())) - 2];
  if (!turn || (await isTurnedByBrowser())) return bitmap;
  const { width, height } = bitmap;
  const isSideways = turn[0] === 0;
  const canvas = new OffscreenCanvas(isSideways ? height : width, isSideways ? width : height);
  const [a, b, c, d, e, f] = turn;
  const context = canvas.getContext("2d");
  context.setTransform(a, b, c, d, e * canvas.width, f * canvas.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.transferToImageBitmap();
}

/** Return the orientation in the EXIF chunk of a WebP file, 1 to 8; 0 without one. @param {DataView} file */
function findOrientation(file) {
  const name = (at) => String.fromCharCode(...new Uint8Array(file.buffer, at, 4));
  for (let at = 12; at + 22 < file.byteLength; at += 8 + 2 * Math.ceil(file.getUint32(at + 4, true) / 2)) {
    if (name(at) !== "EXIF") continue;
    const start = at + (name(at + 8) === "Exif" ? 14 : 8);
    const isLittle = file.getUint16(start) === 0x4949;
    const entries = start + file.getUint32(start + 4, isLittle);
    for (let entry = 0; entry < file.getUint16(entries, isLittle); entry++) {
      const place = entries + 2 + 12 * entry;
      if (file.getUint16(place, isLittle) === 0x0112) return file.getUint16(place + 8, isLittle);
    }
  }
  return 0;
}

async function isTurnedByBrowser() {
  const bytes = Uint8Array.from(atob(PROBE), (letter) => letter.charCodeAt(0));
  return (await createImageBitmap(new Blob([bytes], { type: "image/webp" }))).height === 2;
}
