/**
 * What can be done with a reading: copy it, share the drawing by a link, download both.
 *
 * @typedef {import("./desk.js").Reading} Reading
 * @typedef {import("./ink.js").Frame} Frame
 * @typedef {import("./digit_pad.js").DigitPad} DigitPad
 * @typedef {import("./notice.js").Notice} Notice
 */
import { LinkError, packDrawing } from "./share_link.js";

export class Actions {
  /** @type {Reading | null} */ #reading = null;
  /** Where the pad lies in what was read. @type {Frame | null} */ #frame = null;

  /** @param {HTMLElement} root @param {DigitPad} pad @param {Notice} notice */
  constructor(root, pad, notice) {
    Object.assign(this, { root, pad, notice });
    this.link = root.querySelector(".share-link");
    const actions = {
      copy: () => this.#copy(),
      share: () => this.#share(),
      "save-picture": () => save(this.pad.toDataURL(), "digits.png"),
      "save-reading": () => save(describe(this.#reading, this.#frame), "reading.json"),
    };
    for (const [name, act] of Object.entries(actions)) this.#button(name).addEventListener("click", act);
  }

  /** Offers what can be done with what lies on the pad, read or not. */
  offerDrawing() {
    const { isEmpty, hasPhoto } = this.pad;
    this.link.hidden = true; // it held what was there before
    this.#button("save-picture").disabled = isEmpty;
    const share = this.#button("share");
    share.disabled = isEmpty || hasPhoto;
    share.title = hasPhoto ? "A picture is too large for a link; only drawings can be shared" : "A link that holds this drawing";
  }

  /** Offers what can be done with a reading. @param {Reading} reading @param {Frame | null} frame */
  offerReading(reading, frame) {
    this.#reading = reading;
    this.#frame = frame;
    this.#button("copy").disabled = reading.text === "";
    this.#button("save-reading").disabled = reading.digits.length === 0;
  }

  async #copy() {
    const { text } = this.#reading;
    if (await copy(text)) return this.notice.say(`Copied ${text}.`);
    getSelection().selectAllChildren(this.root.querySelector("#answer"));
    this.notice.say("The number is selected and can be copied now.");
  }

  async #share() {
    try {
      const link = new URL(location.pathname, location.href);
      link.hash = packDrawing(this.pad.strokes);
      await this.#hand(link.href);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.notice.say(error.message);
    }
  }

  /** Gives the link away in the best way that there is here. @param {string} url */
  async #hand(url) {
    if (navigator.share && (await offerSheet(url))) return;
    if (await copy(url)) return this.notice.say("Link copied. It holds the drawing itself.");
    this.link.value = url;
    this.link.hidden = false;
    this.link.select();
  }

  #button(name) {
    return this.root.querySelector(`[data-action=${name}]`);
  }
}

/**
 * Whether the system's own sheet was there, if only to be closed again: a page within another's frame may not
 * open it.
 * @param {string} url
 */
async function offerSheet(url) {
  try {
    await navigator.share({ title: document.title, url });
    return true;
  } catch (error) {
    return error.name === "AbortError"; // they thought better of it
  }
}

/** Whether it could be copied: browsers allow it on safe pages only, and may ask. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The reading as /api/predict gives it, and the size of the picture in whose pixels its boxes are.
 * @param {Reading} reading @param {Frame} frame
 */
function describe({ text, digits }, { left, top, span }) {
  const described = {
    text,
    digits: digits.map(({ seen, ...digit }) => digit),
    picture: { width: span + 2 * left, height: span + 2 * top }, // the pad lies in its middle
  };
  return `data:application/json,${encodeURIComponent(JSON.stringify(described, null, 2))}`;
}

/** @param {string} url @param {string} name of the file */
function save(url, name) {
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
}
