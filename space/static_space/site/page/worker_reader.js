/** Reads strokes in a worker. */
export class WorkerReader {
  #worker = new Worker(new URL("worker.js", import.meta.url));
  /** Requests without a response yet, oldest first: the worker responds in order. */ #pending = [];
  /** Why the worker has ended; it cannot be used again. @type {Error | null} */ failure = null;

  /** @param {Promise<import("./model.js").Model>} model in the meantime, the worker loads its runtime */
  constructor(model) {
    this.#worker.onmessage = ({ data }) => {
      if (data.error) this.#fail(new Error(data.error));
      else this.#pending.shift()?.resolve(data.lines);
    };
    this.#worker.onerror = ({ message }) => this.#fail(new Error(message ?? "the reader did not start"));
    /** Resolves when the reader is ready. @type {Promise<void>} */
    this.opened = new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
    model.then(
      (fetched) => this.#worker.postMessage({ model: fetched }),
      (error) => this.#fail(error),
    );
  }

  /** Rejects when the worker fails. @param {object} request see worker.js @returns {Promise<import("./reading.js").Line[]>} */
  async read(request) {
    await this.opened;
    if (this.failure) throw this.failure;
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  /** End the worker, whose state is unknown after an error, and reject all requests. @param {Error} failure */
  #fail(failure) {
    this.failure ??= failure;
    this.#worker.terminate();
    for (const { reject } of this.#pending.splice(0)) reject(failure);
  }
}
