/** Shows the explanation of a digit. Requests it only while it is open, and only for a reading that stays. */

/** Time that a reading must stay before its explanation is requested, in milliseconds. */
const DELAY = 250;
const IMAGE_CAPTION = "Normalised image";
const HEAT_CAPTION = "Orange for, blue against";

export class ExplanationView {
  /** The digit to explain. @type {{ input: object, index: number } | null} */ #subject = null;
  #timer = 0;

  /** @param {HTMLElement} root of the reading @param {import("./workspace.js").Reader} reader */
  constructor(root, reader) {
    this.root = root;
    this.reader = reader;
    this.button = root.querySelector("[data-action=explain]");
    this.text = root.querySelector(".explanation");
    this.heat = root.querySelector(".heat-map");
    this.caption = root.querySelector(".normalised figcaption");
    this.button.addEventListener("click", () => this.#toggle());
  }

  /** Explain the digit at `index` of the reading of `input`, or nothing. @param {object | null} input */
  explain(input, index) {
    this.#subject = input && { input, index };
    this.#show("", []); // it explains an earlier reading
    clearTimeout(this.#timer);
    if (this.#isOpen) this.#timer = setTimeout(() => this.#request(), DELAY);
  }

  get #isOpen() {
    return this.button.getAttribute("aria-expanded") === "true";
  }

  #toggle() {
    const open = !this.#isOpen;
    this.button.setAttribute("aria-expanded", open);
    this.text.hidden = !open;
    if (open) this.#request();
    else this.#show("", []);
  }

  async #request() {
    const subject = this.#subject;
    if (subject === null) return this.#show("", ["There is nothing to explain yet."]);
    const explanation = await this.reader.explain(subject.input, subject.index).catch(reportError);
    if (subject !== this.#subject || !this.#isOpen) return;
    if (!explanation) return this.#show("", ["No explanation available."]);
    const { heat, sentence, runner_up: runnerUp, change } = explanation;
    this.#show(heat, [sentence, runnerUp, change].filter(Boolean));
  }

  /** @param {string} heat the heat map as base64 of a PNG, or "" @param {string[]} sentences */
  #show(heat, sentences) {
    this.heat.hidden = !heat;
    if (heat) this.heat.src = `data:image/png;base64,${heat}`;
    this.caption.textContent = heat ? HEAT_CAPTION : IMAGE_CAPTION;
    const paragraphs = sentences.map((textContent) => Object.assign(document.createElement("p"), { textContent }));
    this.text.replaceChildren(...paragraphs);
  }
}
