/** Takes pictures from files that are chosen, photographed, dropped or pasted. */
import { UserError } from "./notice.js";
import { turnUpright } from "./orientation.js";
import { t } from "./texts.js";

/** Longer side of the picture to read, in pixels: enough for a page full of numbers. */
const MAX_SIDE = 1600;
const JPEG_QUALITY = 0.9;
/** Maximum length of a data URL, in characters: a quarter of the server's limit for a body. */
const MAX_URL_LENGTH = 4_000_000;
/** Maximum size of a file, in bytes: more than cameras write, and little enough for the browser's memory. */
const MAX_FILE_SIZE = 60_000_000;

/** Call `take` with each file. @param {HTMLElement} root of the workspace @param {(file: File) => void} take */
export function listenForPictures(root, take) {
  const input = root.querySelector("input[type=file]");
  root.querySelector("[data-action=photo]")?.addEventListener("click", () => input.click());
  input?.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // the same file can then be chosen again
    if (file) take(file);
  });
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  listenForDrops(root, take);
}

/** Accept drops anywhere on the page: the browser would open a picture dropped beside the pad instead of the page. */
function listenForDrops(root, take) {
  const setDropping = (event, dropping) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.toggleAttribute("data-dropping", dropping);
  };
  document.addEventListener("dragover", (event) => setDropping(event, true));
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) setDropping(event, false); // it left the window
  });
  document.addEventListener("drop", (event) => {
    setDropping(event, false);
    const [file] = event.dataTransfer?.files ?? []; // empty if another program provides the file later
    if (file) take(file);
  });
}

/**
 * Return the picture in a file, upright and scaled down to the size that reading needs.
 * @param {File} file @returns {Promise<import("./ink.js").Picture>} @throws {UserError} it is too large or no picture
 */
export async function openPicture(file) {
  if (file.size > MAX_FILE_SIZE) throw new UserError(t("too_large"));
  const bitmap = await decode(file);
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const transparent = file.type !== "image/jpeg" && isTransparent(context);
  const url = encode(context, { lossless: transparent || file.type === "image/png" });
  if (url.length > MAX_URL_LENGTH) throw new UserError(t("too_large"));
  return { url, transparent, width, height };
}

async function decode(file) {
  try {
    return await turnUpright(file, await createImageBitmap(file, { imageOrientation: "from-image" }));
  } catch (error) {
    throw new UserError(t("cannot_open"), { cause: error });
  }
}

function isTransparent(context) {
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] < 255) return true;
  return false;
}

/** Return a data URL: a JPEG, or a PNG if lossless and not too long. */
function encode(context, { lossless }) {
  const { canvas } = context;
  const png = lossless ? canvas.toDataURL("image/png") : "";
  if (png && png.length <= MAX_URL_LENGTH) return png;
  context.globalCompositeOperation = "destination-over"; // white paper below transparent pixels
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
}
