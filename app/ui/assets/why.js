/**
 * Why a digit was read as it was: asked for only where someone wants to know, and only once the pen rests.
 *
 * @typedef {import("./desk.js").Reader} Reader
 * @typedef {import("./desk.js").Taken} Taken
 */

/** How long a reading must stand, in milliseconds, before it is worth explaining. */
const REST = 250;
const SAW = "What it saw";
const MATTERED = "Orange for, blue against";

export class Why {
  /** @type {{ taken: Taken, index: number } | null} */ #question = null;
  #timer = 0;

  /** @param {HTMLElement} root of the reading @param {Reader} reader */
  constructor(root, reader) {
    this.root = root;
    this.reader = reader;
    this.button = root.querySelector("[data-action=why]");
    this.text = root.querySelector(".why");
    this.heat = root.querySelector(".reading-seen-heat");
    this.caption = root.querySelector(".reading-seen figcaption");
    this.button.addEventListener("click", () => this.#toggle());
  }

  /** @param {Taken | null} taken null when there is nothing to be explained */
  ask(taken, index) {
    this.#question = taken && { taken, index };
    this.#showHeat("");
    this.#showText([]); // what is there explains another answer
    clearTimeout(this.#timer);
    if (this.#isOpen) this.#timer = setTimeout(() => this.#explain(), REST);
  }

  get #isOpen() {
    return this.button.getAttribute("aria-expanded") === "true";
  }

  #toggle() {
    const open = !this.#isOpen;
    this.button.setAttribute("aria-expanded", open);
    this.text.hidden = !open;
    if (open) this.#explain();
    else this.#showHeat("");
  }

  async #explain() {
    const question = this.#question;
    if (question === null) return this.#showText(["There is nothing to explain yet."]);
    const answer = await this.reader.explain(question.taken, question.index);
    if (question !== this.#question || !this.#isOpen) return;
    this.#showHeat(answer?.heat ?? "");
    this.#showText(answer ? [answer.sentence, answer.rival, answer.change] : ["No explanation just now."]);
  }

  /** @param {string} heat the base64 of a PNG, or "" */
  #showHeat(heat) {
    this.heat.hidden = !heat;
    if (heat) this.heat.src = `data:image/png;base64,${heat}`;
    this.caption.textContent = heat ? MATTERED : SAW;
  }

  /** @param {string[]} sentences */
  #showText(sentences) {
    this.text.replaceChildren(
      ...sentences.filter(Boolean).map((sentence) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = sentence;
        return paragraph;
      }),
    );
  }
}
