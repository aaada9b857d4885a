/**
 * Reads a drawing again and again while it is being drawn.
 *
 * One question is under way at a time and only the newest drawing waits, so answers come in order, the
 * last one always comes, and a slow reader is never flooded.
 */

/** Least time between two questions, in milliseconds: 25 answers a second are as good as all. */
const SHORTEST_INTERVAL = 40;
/** How long to wait before asking again when no answer came, in milliseconds. */
const RETRY_INTERVAL = 1000;
/** When no answer came for this long, in milliseconds, that is shown; it may still come. */
const PATIENCE = 5000;
/** Longest wait for an answer, in milliseconds: a large picture takes that long on a slow line. */
const LONGEST_WAIT = 20_000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @template Taken, Answer */
export class LiveReading {
  /** Takes what is to be read next, if any is wanted. @type {(() => Taken) | null} */ #wanted = null;
  #reading = false;
  #round = 0;

  /**
   * @param {(taken: Taken) => Promise<Answer | undefined>} read gives undefined when no answer came.
   * @param {(answer: Answer | undefined) => void} show
   */
  constructor(read, show) {
    this.read = read;
    this.show = show;
  }

  /** @param {() => Taken} take called when its turn has come, so that it shows the newest drawing. */
  request(take) {
    this.#wanted = take;
    if (!this.#reading) this.#readAll();
  }

  /** Forgets what was wanted, and whatever answer is still on its way. */
  cancel() {
    this.#wanted = null;
    this.#round += 1;
  }

  async #readAll() {
    this.#reading = true;
    while (this.#wanted) {
      const [take, round, start] = [this.#wanted, this.#round, performance.now()];
      this.#wanted = null;
      const answer = await this.#ask(take());
      if (round === this.#round) this.show(answer);
      const failed = answer === undefined;
      if (failed && round === this.#round) this.#wanted ??= take;
      await sleep((failed ? RETRY_INTERVAL : SHORTEST_INTERVAL) - (performance.now() - start));
    }
    this.#reading = false;
  }

  /** @param {Taken} taken @returns {Promise<Answer | undefined>} */
  async #ask(taken) {
    const round = this.#round;
    const isAwaited = () => round === this.#round || this.#wanted !== null;
    const late = setTimeout(() => isAwaited() && this.show(undefined), PATIENCE);
    let end;
    const tooLong = new Promise((resolve) => (end = setTimeout(resolve, LONGEST_WAIT)));
    const answer = await Promise.race([this.read(taken), tooLong]);
    clearTimeout(late);
    clearTimeout(end);
    return answer;
  }
}
