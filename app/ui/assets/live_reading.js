/**
 * Reads a drawing continuously while it is being drawn.
 *
 * Only one request runs at a time, and only the newest drawing waits for it. Readings therefore arrive in order, the
 * last drawing is always read, and a slow reader is never overloaded.
 */

/** Minimum time between two requests, in milliseconds: 25 readings a second look continuous. */
const MIN_INTERVAL = 40;
/** Time before a failed request is repeated, in milliseconds. */
const RETRY_INTERVAL = 1000;
/** Time after which a late reading is reported while its request goes on, in milliseconds. */
const LATE_AFTER = 5000;
/** Timeout of a request, in milliseconds: long enough for a large picture over a slow connection. */
const TIMEOUT = 20_000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class LiveReading {
  /** Returns the input of the next request, if any. @type {(() => object) | null} */ #next = null;
  #running = false;
  /** Number of calls of `cancel`: a reading of an earlier round is not shown. */
  #round = 0;

  /**
   * @param {(input: object) => Promise<object | undefined>} read resolves to undefined, or rejects, on failure
   * @param {(reading: object | undefined) => void} show receives undefined when there is no reading
   */
  constructor(read, show) {
    this.read = read;
    this.show = show;
  }

  /** @param {() => object} take called when the request starts, so that it returns the newest drawing */
  request(take) {
    this.#next = take;
    if (!this.#running) this.#run();
  }

  /** Drop the waiting request, and the reading of a running one. */
  cancel() {
    this.#next = null;
    this.#round += 1;
  }

  async #run() {
    this.#running = true;
    while (this.#next) {
      const [take, round, start] = [this.#next, this.#round, performance.now()];
      this.#next = null;
      const succeeded = await this.#readOnce(take, round);
      if (!succeeded && round === this.#round) this.#next ??= take;
      await sleep((succeeded ? MIN_INTERVAL : RETRY_INTERVAL) - (performance.now() - start));
    }
    this.#running = false;
  }

  /** Read and show one drawing; return whether that succeeded. Never rejects: the loop in #run must go on. */
  async #readOnce(take, round) {
    try {
      const reading = await this.#readInTime(take());
      if (round === this.#round) this.show(reading);
      return reading !== undefined;
    } catch (error) {
      reportError(error);
      if (round === this.#round) this.show(undefined);
      return false;
    }
  }

  async #readInTime(input) {
    const round = this.#round;
    const isExpected = () => round === this.#round || this.#next !== null;
    const late = setTimeout(() => isExpected() && this.show(undefined), LATE_AFTER);
    return Promise.race([this.read(input), sleep(TIMEOUT)]).finally(() => clearTimeout(late));
  }
}
