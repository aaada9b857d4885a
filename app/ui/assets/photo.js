/** Makes of a file that someone holds up the picture that is read: upright, and no larger than reading needs. */

/** Longer side of the picture, in pixels: enough for a page full of numbers. */
const LONGEST_SIDE = 1600;
const JPEG_QUALITY = 0.9;
/** Longest data URL, in characters; the server takes no longer ones (app/ui/data_url.py). */
const LONGEST_URL = 4_000_000;
/** Larger files, in bytes, are not even opened: no camera makes them, and they would fill the memory. */
const LARGEST_FILE = 60_000_000;

/** Why a file was not taken; the message is for people. */
export class PhotoError extends Error {}

/**
 * @param {Blob} file
 * @returns {Promise<import("./ink.js").Picture>} of which the pad shows all, in the middle
 */
export async function openPhoto(file) {
  if (file.size > LARGEST_FILE) throw new PhotoError("This picture is too large.");
  const bitmap = await decode(file);
  const longer = Math.max(bitmap.width, bitmap.height);
  const scale = Math.min(1, LONGEST_SIDE / longer);
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const transparent = file.type !== "image/jpeg" && isTransparent(context);
  const url = encode(canvas, { lossless: transparent || file.type === "image/png" });
  if (url.length > LONGEST_URL) throw new PhotoError("This picture is too large.");
  const span = Math.max(width, height);
  return { url, transparent, left: (width - span) / 2, top: (height - span) / 2, span };
}

/** @param {Blob} file */
async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    throw new PhotoError("This is no picture that can be opened here.", { cause: error });
  }
}

/** Whether anything shows through. @param {CanvasRenderingContext2D} context */
function isTransparent(context) {
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] < 255) return true;
  return false;
}

/** Lossless as a PNG, unless that makes it too long; all else becomes a JPEG. */
function encode(canvas, { lossless }) {
  const png = lossless ? canvas.toDataURL("image/png") : "";
  if (png && png.length <= LONGEST_URL) return png;
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "destination-over"; // white paper under what is transparent
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
}
