/** Shows the explanation of a digit. Requests it only while it is open, and only for a reading that stays. */
import { percent } from "./answer.js";
import { Eraser } from "./eraser.js";
import { labelOf } from "./labels.js";
import { t } from "./texts.js";

/** @typedef {import("./workspace.js").Digit} Digit */

/** Time that a reading must stay before its explanation is requested, in milliseconds. */
const DELAY = 250;

export class ExplanationView {
  /** The digit to explain. @type {{ picture: object, digit: Digit, index: number } | null} */ #subject = null;
  #timer = 0;

  /**
   * @param {HTMLElement} root of the reading @param {import("./workspace.js").Reader} reader
   * @param {(digit: Digit | null) => void} showErased shows a digit of which ink was erased, or the digit itself
   */
  constructor(root, reader, showErased) {
    this.root = root;
    this.reader = reader;
    this.eraser = new Eraser(root.querySelector(".normalised"), (ink) => reader.readDigit(ink), showErased);
    this.button = root.querySelector("[data-action=explain]");
    this.text = root.querySelector(".explanation");
    this.heat = root.querySelector(".heat-map");
    this.caption = root.querySelector(".normalised figcaption");
    this.button.addEventListener("click", () => this.#toggle());
  }

  /** Explain the digit at `index` of the reading of `picture`, or nothing. @param {Digit | undefined} digit */
  explain(picture, digit, index) {
    if (digit && digit === this.#subject?.digit) return; // the pen rests: nothing new was read
    this.#subject = picture && digit ? { picture, digit, index } : null;
    this.button.disabled = this.#subject === null && !this.#isOpen;
    this.#show("", []); // it explains an earlier reading
    clearTimeout(this.#timer);
    if (this.#isOpen) this.#timer = setTimeout(() => this.#request(), DELAY);
  }

  get #isOpen() {
    return this.button.getAttribute("aria-expanded") === "true";
  }

  async #toggle() {
    const open = !this.#isOpen;
    this.button.setAttribute("aria-expanded", open);
    this.text.hidden = !open;
    if (!open) {
      this.button.disabled = this.#subject === null;
      return this.#show("", []);
    }
    await this.#request();
    this.text.scrollIntoView({ block: "nearest" });
  }

  async #request() {
    const subject = this.#subject;
    if (subject === null) return; // the pad is empty, and hides the explanation
    const explanation = await this.reader.explain(subject.picture, subject).catch(reportError);
    if (subject !== this.#subject || !this.#isOpen) return;
    if (!explanation) return this.#show("", [t("explain_failed")]);
    const { heat, change, runner_up: digit, share } = explanation;
    const { kind, part, digit: other } = change;
    const sentences = [
      t("runner_up", { digit: labelOf(digit), share: percent(share) }),
      t(`change_${kind}`, { part: t(part), digit: labelOf(other) }),
      t("erase_hint"),
    ];
    this.#show(heat, sentences);
    this.eraser.open(subject.digit);
  }

  /** @param {string} heat the heat map as base64 of a PNG, or "" @param {string[]} sentences */
  #show(heat, sentences) {
    this.eraser.open(null);
    this.heat.hidden = !heat;
    if (heat) this.heat.src = `data:image/png;base64,${heat}`;
    this.caption.textContent = t(heat ? "heat_caption" : "image_caption");
    const paragraphs = sentences.map((textContent) => Object.assign(document.createElement("p"), { textContent }));
    this.text.replaceChildren(...paragraphs);
  }
}
