/** Short messages over the pad. */

/** How long a message is shown, in milliseconds. */
const DURATION = 6000;

/** An error whose message is shown to the user. */
export class UserError extends Error {}

export class Notice {
  #timer = 0;

  /** @param {HTMLElement} element of role "status", so that screen readers announce it */
  constructor(element) {
    this.element = element;
  }

  /** @param {string} message */
  show(message) {
    this.clear();
    this.element.textContent = message;
    this.#timer = setTimeout(() => this.clear(), DURATION);
  }

  clear() {
    clearTimeout(this.#timer);
    this.element.textContent = "";
  }

  /** Run an action and show the UserError that it throws, if any. @param {() => Promise<void>} action */
  async guard(action) {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.show(error.message);
    }
  }
}
