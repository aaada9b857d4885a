/**
 * The actions on a reading: copy it, share the drawing as a link, download both.
 *
 * @typedef {import("./workspace.js").Reading} Reading
 * @typedef {import("./ink.js").Picture} Picture
 */
import { packWork } from "./share_link.js";
import { t } from "./texts.js";

export class Actions {
  /** @type {Reading | null} */ #reading = null;
  /** @type {Picture | null} */ #picture = null;

  /** @param {HTMLElement} root of the reading @param {DigitPad} pad */
  constructor(root, pad, { notice, corrections }) {
    Object.assign(this, { root, pad, notice, corrections });
    this.link = root.querySelector(".share-link");
    const actions = {
      copy: () => this.#copy(),
      share: () => notice.guard(() => this.#share()),
      "save-picture": () => download(pad.toDataURL(), "digits.png"),
      "save-reading": () => download(encodeReading(this.#reading, this.#picture), "reading.json"),
    };
    for (const [name, act] of Object.entries(actions)) this.#button(name).addEventListener("click", act);
    closeLikeMenu(root.querySelector(".more"));
  }

  /** Enable the actions on the drawing or picture, which may not have been read yet. */
  updateDrawing() {
    const { isEmpty, hasPhoto } = this.pad;
    this.link.hidden = true; // it contains an earlier drawing
    this.#button("save-picture").disabled = isEmpty;
    const share = this.#button("share");
    share.disabled = isEmpty || hasPhoto;
    share.title = t(hasPhoto ? "share_photo" : "share_title");
  }

  /** Enable the actions on a reading. @param {Reading} reading @param {Picture | null} picture */
  updateReading(reading, picture) {
    this.#reading = reading;
    this.#picture = picture;
    this.#button("copy").disabled = reading.text === "";
    this.#button("save-reading").disabled = reading.digits.length === 0;
  }

  async #copy() {
    const { written } = this.#reading;
    if (await copy(written)) return this.notice.show(t("copied", { text: written }));
    this.#offer(written);
    this.notice.show(t("copy_by_hand"));
  }

  /** Share a link in the system's dialog; otherwise copy it; otherwise show it, selected. */
  async #share() {
    const link = new URL(location.pathname, location.href);
    link.hash = await packWork(this.pad.strokes, this.corrections.encode());
    if (navigator.share && (await openShareDialog(link.href))) return;
    if (await copy(link.href)) return this.notice.show(t("link_copied"));
    this.#offer(link.href);
  }

  /** Show a text, selected, to be copied by hand. */
  #offer(text) {
    this.link.value = text;
    this.link.hidden = false;
    this.link.select();
  }

  #button(name) {
    return this.root.querySelector(`[data-action=${name}]`);
  }
}

/** Close a menu after a choice, a press elsewhere, or Escape, which then does nothing else. @param {HTMLDetailsElement} menu */
function closeLikeMenu(menu) {
  menu.addEventListener("click", ({ target }) => {
    if (target.closest("button")) menu.open = false;
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    event.preventDefault();
  }, true);
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
function encodeReading({ text, written, digits, marks }, { width, height }) {
  const fields = digits.map(({ seen, embedding, model, ...digit }) => digit);
  const json = JSON.stringify({ text, written, digits: fields, marks, picture: { width, height } }, null, 2);
  return `data:application/json,${encodeURIComponent(json)}`;
}

function download(url, name) {
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
}
