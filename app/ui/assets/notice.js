/** A quiet sentence that goes by itself. */

/** How long it stays, in milliseconds. */
const SHOWN_FOR = 6000;

export class Notice {
  #timer = 0;

  /** @param {HTMLElement} element of role "status", so that it is also spoken */
  constructor(element) {
    this.element = element;
  }

  /** @param {string} sentence */
  say(sentence) {
    clearTimeout(this.#timer);
    this.element.textContent = sentence;
    this.#timer = setTimeout(() => (this.element.textContent = ""), SHOWN_FOR);
  }
}
