/**
 * Gives corrected digits to the operator of the server, if the user has agreed.
 *
 * @typedef {import("./workspace.js").Digit} Digit
 * @typedef {import("./ink.js").Picture} Picture
 * @typedef {{ image: string, text: string, strokes: [number, number][][] }} Correction the normalised image as base64
 *   of a PNG, what is right ("" for no digit), and the strokes, in pixels of the picture from the digit's corner
 * @typedef {{ give(request: object): Promise<string | null | undefined>, takeBack(id: string): Promise<boolean> }} Server
 *   `give` resolves to the giver's id, to "" for what is never stored, or to nothing for what can't be stored now
 */
import { findBounds } from "./ink.js";
import { labelOf } from "./labels.js";
import { t } from "./texts.js";

/** Name of the state in the browser's storage. */
const KEPT = "giving";
/** Time in which a correction can still be changed before it is given, in milliseconds. */
const GIVE_AFTER = 3000;
/** Time after which it is tried again. */
const RETRY_AFTER = 30_000;

export class Giving {
  /** Corrections that are not given yet, by their image. @type {Map<string, Correction>} */ #waiting = new Map();
  /** @type {string | null} */ #id = null;
  #agrees = false;
  #count = 0;
  #isSending = false;
  /** The corrections that are being sent. @type {Promise<void>} */ #sent = Promise.resolve();
  #timer = 0;

  /** @param {HTMLDetailsElement} root @param {Server} server */
  constructor(root, server) {
    Object.assign(this, { root, server });
    [this.box, this.status, this.button] = ["input", "[role=status]", "button"].map((each) => root.querySelector(each));
    this.box.addEventListener("change", () => this.#agree(this.box.checked));
    this.button.addEventListener("click", () => this.#takeBack());
    window.addEventListener("storage", ({ key }) => {
      if (key !== KEPT) return;
      this.#load();
      this.#show();
    });
    this.#load();
    this.#show();
    this.#send();
  }

  /** @param {{ picture: Picture, read: Digit, digit: number | null }} correction */
  correct({ picture, read, digit }) {
    this.#waiting.delete(read.seen);
    const text = digit === null ? "" : labelOf(digit);
    this.#waiting.set(read.seen, { image: read.seen, text, strokes: findStrokes(picture, read) });
    this.#store();
    this.#show();
    this.#sendLater(GIVE_AFTER);
  }

  #agree(agrees) {
    this.#agrees = agrees;
    this.#store();
    this.#show();
    this.#send();
  }

  #sendLater(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), delay);
  }

  /** Give the waiting corrections, one after the other; what fails is given later. */
  async #send() {
    if (!this.#agrees || this.#isSending) return;
    this.#isSending = true;
    this.#sent = inOneTab(async () => {
      this.#load(); // another tab may have changed it
      for (const correction of [...this.#waiting.values()]) {
        if (!this.#agrees || this.#waiting.get(correction.image) !== correction) continue;
        const request = { ...correction, consent: true, ...(this.#id && { id: this.#id }) };
        const id = await this.server.give(request).catch(reportError);
        if (typeof id !== "string") {
          this.#sendLater(RETRY_AFTER);
          continue;
        }
        if (this.#waiting.get(correction.image) === correction) this.#waiting.delete(correction.image);
        if (id) [this.#id, this.#count] = [id, this.#count + 1];
        this.#store();
      }
    });
    await this.#sent;
    this.#isSending = false;
    this.#show();
  }

  async #takeBack() {
    this.#agrees = false;
    this.#waiting.clear();
    this.#store();
    await this.#sent;
    const isDone = this.#id === null || (await this.server.takeBack(this.#id).catch(reportError)) === true;
    if (isDone) [this.#id, this.#count] = [null, 0];
    this.#store();
    this.#show();
    this.root.hidden = false;
    this.status.textContent = t(isDone ? "given_back" : "giving_failed");
  }

  #show() {
    const given = this.#count === 1 ? "given_one" : "given";
    this.root.hidden = !this.#agrees && this.#waiting.size === 0 && !this.#id;
    this.box.checked = this.#agrees;
    this.status.textContent = this.#count > 0 ? t(given, { count: this.#count }) : "";
    this.button.hidden = !this.#id;
  }

  #load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT));
      [this.#agrees, this.#id, this.#count] = [kept?.agrees === true, kept?.id ?? null, kept?.count ?? 0];
      for (const correction of kept?.waiting ?? []) {
        if (!this.#waiting.has(correction.image)) this.#waiting.set(correction.image, correction);
      }
    } catch (error) {
      console.info(error);
    }
  }

  /** Keep what has to outlive the visit: nothing before the user agrees. */
  #store() {
    const [agrees, id, count] = [this.#agrees, this.#id, this.#count];
    const waiting = agrees ? [...this.#waiting.values()] : [];
    try {
      if (agrees || id) localStorage.setItem(KEPT, JSON.stringify({ agrees, id, count, waiting }));
      else localStorage.removeItem(KEPT);
    } catch (error) {
      console.info(error); // the browser keeps nothing
    }
  }
}

/** Run a task in one tab at a time, where the browser can tell. @param {() => Promise<void>} task */
function inOneTab(task) {
  return navigator.locks ? navigator.locks.request(KEPT, task) : task();
}

/** Return the strokes of a digit: those that lie in its box. @param {Picture} picture @param {Digit} digit */
function findStrokes({ strokes = [], left, top, unit }, { box: [x, y, width, height] }) {
  const round = (length) => Math.round(10 * length) / 10;
  return strokes
    .map((stroke) => stroke.map((point) => [left + unit * point[0] - x, top + unit * point[1] - y]))
    .filter((stroke) => {
      const [west, north, east, south] = findBounds([stroke]);
      return west >= 0 && north >= 0 && east <= width && south <= height;
    })
    .map((stroke) => stroke.map((point) => point.map(round)));
}
