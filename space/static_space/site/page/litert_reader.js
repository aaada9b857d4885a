/**
 * Runs the reader of a release, a LiteRT model, through LiteRT.js: in a worker, or on a page.
 *
 * @typedef {{ probabilities: Float32Array, digitScore: number, seen: Float32Array }} Answer of ten digits, how
 *   digit-like the ink is, and the 28 x 28 that the network looked at, 0 paper to 1 ink.
 */

/** The one variant that is carried: it asks for nothing that some browser lacks. */
const RUNTIME = "../litert/litert_wasm_compat_internal";

export class LiteRtReader {
  /** @param {object} litert the runtime's module @param {object} model compiled */
  constructor(litert, model) {
    Object.assign(this, { litert, model });
    const [{ shape }] = model.getInputDetails();
    /** Of a drawing's side. */ this.size = shape[1];
  }

  /**
   * Reads one drawing.
   * @param {Uint8Array} drawing ink, row by row, 0 paper to 255 ink
   * @returns {Promise<Answer>}
   */
  async read(drawing) {
    const ink = new this.litert.Tensor(drawing, [1, this.size, this.size]);
    const outputs = await this.model.run({ ink });
    const [probabilities, [digitScore], seen] = ["probabilities", "digit_score", "seen"].map((name) =>
      outputs[name].toTypedArray(),
    );
    for (const tensor of [ink, ...Object.values(outputs)]) tensor.delete(); // nobody else does
    return { probabilities, digitScore, seen };
  }
}

/** @param {Promise<Uint8Array> | Uint8Array} bytes of reader.tflite, perhaps on their way while the runtime comes */
export async function openReader(bytes) {
  const [litert, runtime] = await Promise.all([import("../litert/index.js"), compileRuntime()]);
  // LiteRT.js would open a graphics card of which nothing here makes use, and keep it from sleeping.
  Object.defineProperty(navigator, "gpu", { value: undefined, configurable: true });
  // This it hands to the runtime's own loader, which asks here for the instance that it needs.
  globalThis.Module = {
    instantiateWasm(imports, receive) {
      WebAssembly.instantiate(runtime, imports).then((instance) => receive(instance, runtime));
    },
    print: console.debug,
    printErr: console.debug, // also where it tells of its start
  };
  await litert.loadLiteRt(new URL(`${RUNTIME}.js`, import.meta.url).href);
  const model = await litert.loadAndCompile(await bytes, { accelerator: "wasm" });
  return new LiteRtReader(litert, model);
}

/** The runtime is carried compressed, so that it is small on its way whatever the server does. */
async function compileRuntime() {
  const answer = await fetch(new URL(`${RUNTIME}.wasm.gzip`, import.meta.url));
  if (!answer.ok) throw new Error(`the runtime cannot be fetched: ${answer.status}`);
  const plain = answer.body.pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(plain, { headers: { "Content-Type": "application/wasm" } }));
}
