/**
 * Reads strokes in a worker of its own.
 *
 * @typedef {import("../ui/ink.js").Stroke} Stroke
 * @typedef {import("./number.js").ReadInk} ReadInk
 */
export class WorkerReader {
  #worker = new Worker(new URL("reader_worker.js", import.meta.url));
  /** Those who wait for an answer, the first question's first. */ #waiting = [];

  constructor() {
    this.#worker.addEventListener("message", ({ data }) => {
      const { resolve, reject } = this.#waiting.shift();
      if (data.error) reject(new Error(data.error));
      else resolve(data.found);
    });
    this.#worker.addEventListener("error", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("the reader does not start"));
    });
  }

  /** Gives the reader its model, before anything is read. @param {Uint8Array} bytes of reader.tflite */
  async open(bytes) {
    await this.#ask({ model: bytes }, [bytes.buffer]);
  }

  /** @param {Stroke[]} strokes @returns {Promise<ReadInk[]>} */
  read(strokes) {
    return this.#ask({ strokes });
  }

  #ask(question, handed = []) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(question, handed);
    });
  }
}
