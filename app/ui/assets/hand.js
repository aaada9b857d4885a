/**
 * Learns the user's hand from corrected digits, if the user wants it. The digits are kept in the browser alone.
 *
 * @typedef {import("./workspace.js").Digit} Digit
 * @typedef {import("./workspace.js").Reading} Reading
 * @typedef {{ digit: number, label: string, seen: string, model: string, embedding: number[], probabilities: number[] }}
 *   Example a digit, its sign, its normalised image, and what a model made of it
 */
import { adaptTo, measureLikeness } from "./adaptation.js";
import { decodeInk } from "./eraser.js";
import { allLabels, labelOf } from "./labels.js";
import { changeDigits } from "./signs.js";
import { t } from "./texts.js";

/** Name of the digits in the browser's storage. */
const KEPT = "hand";
/** Maximum number of digits; the oldest is dropped. Each takes 15 kB. */
const MOST = 200;
/** Likeness from which on two digits are the same ink: the newer correction counts. */
const SAME = 0.9;

const isSameInk = (one, other) =>
  one.model === other.model && measureLikeness(one.embedding, other.embedding) >= SAME;

/** Fires "change" when digits are read differently from now on. */
export class Hand extends EventTarget {
  /** @type {Example[]} */ #examples = [];
  /** Corrections to learn from, by normalised image; null for no digit. @type {Map<string, number | null>} */ #waiting = new Map();
  #learns = false;
  #isReading = false;
  /** @type {((digit: Digit) => Digit) | null} */ #adapt = null;

  /** @param {HTMLElement} root @param {import("./workspace.js").Reader} reader */
  constructor(root, reader) {
    super();
    Object.assign(this, { root, reader });
    this.text = root.querySelector("span");
    this.button = root.querySelector("button");
    this.button.addEventListener("click", () => (this.#learns ? this.#forget() : this.#start()));
    this.#load();
    this.#show();
  }

  /** Whether readings need the embeddings of their digits. */
  get isUsed() {
    return this.#examples.length > 0;
  }

  /** Learn from a correction, if the user has allowed it or does so later. @param {Digit} digit @param {number | null} value */
  correct({ seen }, value) {
    this.#waiting.delete(seen); // last, so that it is read even if the digit is being read just now
    this.#waiting.set(seen, value);
    if (this.#learns) this.#learn();
    this.#show();
  }

  /** Return a reading with digits and text as this hand writes them. @param {Reading} reading @returns {Reading} */
  apply(reading) {
    const models = new Set(reading.digits.map(({ model }) => model));
    if (!this.#adapt || models.size === 0 || models.has(undefined)) return reading;
    if (this.#examples.some(({ model }) => !models.has(model))) {
      // There is a new model: what it makes of the examples has to be read first. It may read other signs.
      this.#examples = this.#examples.filter(({ label }) => allLabels().includes(label));
      for (const { seen, label } of this.#examples) this.#waiting.set(seen, allLabels().indexOf(label));
      this.#learn();
      return reading;
    }
    return changeDigits(reading, this.#adapt);
  }

  #start() {
    this.#learns = true;
    this.#learn();
  }

  #forget() {
    this.#learns = false;
    this.#waiting.clear();
    this.#examples = [];
    this.#store();
    this.#update();
  }

  /** Read the waiting digits, one after the other. */
  async #learn() {
    if (this.#isReading) return;
    this.#isReading = true;
    for (const [seen, digit] of this.#waiting) {
      const read = digit === null ? null : await this.#read(seen);
      if (this.#waiting.get(seen) !== digit) continue; // corrected again, or forgotten
      if (digit !== null && !read) continue; // it waits for the next correction
      this.#waiting.delete(seen);
      this.#examples = this.#examples.filter((example) => example.seen !== seen && !(read && isSameInk(example, read)));
      if (read) this.#examples.push({ digit, label: labelOf(digit), seen, ...read });
    }
    this.#isReading = false;
    this.#examples.splice(0, this.#examples.length - MOST);
    this.#store();
    this.#update();
  }

  async #read(seen) {
    const read = await this.reader.readDigit(await decodeInk(seen), { embed: true }).catch(reportError);
    if (!read) return null;
    const { model, embedding, probabilities } = read;
    return { model, embedding: [...embedding], probabilities };
  }

  #update() {
    this.#adapt = this.#examples.length > 0 ? adaptTo(this.#examples) : null;
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  #show() {
    const count = this.#examples.length;
    this.root.hidden = !this.#learns && this.#waiting.size === 0;
    this.text.textContent = this.#learns ? t(count === 1 ? "hand_kept_one" : "hand_kept", { count }) : t("hand_offer");
    this.button.textContent = t(this.#learns ? "hand_forget" : "hand_learn");
  }

  #load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT))?.map((each) => ({ label: String(each.digit), ...each }));
      if (!kept) return;
      this.#adapt = kept.length > 0 ? adaptTo(kept) : null;
      [this.#examples, this.#learns] = [kept, true];
    } catch (error) {
      console.info(error);
    }
  }

  #store() {
    try {
      if (this.#learns) localStorage.setItem(KEPT, JSON.stringify(this.#examples));
      else localStorage.removeItem(KEPT);
    } catch (error) {
      console.info(error); // the browser keeps nothing, or not as much
    }
  }
}
