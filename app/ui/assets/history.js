/** Older steps are forgotten, so that a page that is drawn on all day does not grow. */
const MOST_STEPS = 200;

/**
 * What was there, step by step: undo goes back, and redo forth again.
 * @template State
 */
export class History {
  /** @type {State[]} */ #past = [];
  /** @type {State[]} */ #future = [];

  /** @param {State} present */
  constructor(present) {
    this.present = present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Takes a step, after which nothing is left to redo. @param {State} next */
  change(next) {
    this.#past.push(this.present);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#future = [];
    this.present = next;
  }

  undo() {
    this.#future.push(this.present);
    this.present = this.#past.pop();
  }

  redo() {
    this.#past.push(this.present);
    this.present = this.#future.pop();
  }
}
