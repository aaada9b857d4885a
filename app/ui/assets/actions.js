/**
 * The actions on a reading: copy it, share the drawing as a link, download both.
 *
 * @typedef {import("./workspace.js").Reading} Reading
 * @typedef {import("./ink.js").Frame} Frame position of the pad in the picture that was read
 */
import { packDrawing } from "./share_link.js";

export class Actions {
  /** @type {Reading | null} */ #reading = null;
  /** @type {Frame | null} */ #frame = null;

  /** @param {HTMLElement} root of the reading @param {DigitPad} pad @param {Notice} notice */
  constructor(root, pad, notice) {
    Object.assign(this, { root, pad, notice });
    this.link = root.querySelector(".share-link");
    const actions = {
      copy: () => this.#copy(),
      share: () => notice.guard(() => this.#share()),
      "save-picture": () => download(pad.toDataURL(), "digits.png"),
      "save-reading": () => download(encodeReading(this.#reading, this.#frame), "reading.json"),
    };
    for (const [name, act] of Object.entries(actions)) this.#button(name).addEventListener("click", act);
  }

  /** Enable the actions on the drawing or picture, which may not have been read yet. */
  updateDrawing() {
    const { isEmpty, hasPhoto } = this.pad;
    this.link.hidden = true; // it contains an earlier drawing
    this.#button("save-picture").disabled = isEmpty;
    const share = this.#button("share");
    share.disabled = isEmpty || hasPhoto;
    share.title = hasPhoto ? "A picture is too large for a link; only drawings can be shared" : "Link to this drawing";
  }

  /** Enable the actions on a reading. @param {Reading} reading @param {Frame | null} frame */
  updateReading(reading, frame) {
    this.#reading = reading;
    this.#frame = frame;
    this.#button("copy").disabled = reading.text === "";
    this.#button("save-reading").disabled = reading.digits.length === 0;
  }

  async #copy() {
    const { written } = this.#reading;
    if (await copy(written)) return this.notice.show(`Copied ${written}.`);
    getSelection().selectAllChildren(this.root.querySelector("#answer"));
    this.notice.show("The number is selected. You can copy it now.");
  }

  /** Share a link in the system's dialog; otherwise copy it; otherwise show it, selected. */
  async #share() {
    const link = new URL(location.pathname, location.href);
    link.hash = await packDrawing(this.pad.strokes);
    if (navigator.share && (await openShareDialog(link.href))) return;
    if (await copy(link.href)) return this.notice.show("Link copied. It contains the drawing.");
    this.link.value = link.href;
    this.link.hidden = false;
    this.link.select();
  }

  #button(name) {
    return this.root.querySelector(`[data-action=${name}]`);
  }
}

/** Return whether the dialog was shown: a page in another page's frame may not open it. */
async function openShareDialog(url) {
  try {
    await navigator.share({ title: document.title, url });
    return true;
  } catch (error) {
    return error.name === "AbortError"; // the user closed it
  }
}

/** Return whether `text` was copied: browsers allow it only on secure pages, and may ask first. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Return a reading as a data URL of JSON: as in /api/predict, with the size of the picture of its boxes. */
function encodeReading(reading, { left, top, span }) {
  const digits = reading.digits.map(({ seen, ...digit }) => digit);
  const picture = { width: span + 2 * left, height: span + 2 * top }; // the pad lies in its middle
  const { text, written, marks } = reading;
  const json = JSON.stringify({ text, written, digits, marks, picture }, null, 2);
  return `data:application/json,${encodeURIComponent(json)}`;
}

function download(url, name) {
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
}
