/**
 * Runs the reader of a release, a LiteRT model, with LiteRT.js, in a worker or on a page.
 *
 * @typedef {{ probabilities: Float32Array, digitScore: number, normalised: Float32Array }} Prediction of the ten
 *   digits; how digit-like the ink is, 0..1; the normalised image, 28 x 28, 0 paper to 1 ink
 */

/** The only variant in this Space: it works in all browsers. */
const RUNTIME = "../litert/litert_wasm_compat_internal";

/**
 * Load the runtime, then the model. @param {Promise<Uint8Array>} bytes of reader.tflite
 * @returns {Promise<{ size: number, read(drawing: Uint8Array): Promise<Prediction> }>} the side of a drawing, in
 *   pixels, and a function that reads a drawing: row by row, 0 paper to 255 ink
 */
export async function openReader(bytes) {
  const [litert, runtime] = await Promise.all([import("../litert/index.js"), compileRuntime()]);
  // LiteRT.js would open a graphics card, which the reader does not use, and keep it from sleeping.
  Object.defineProperty(navigator, "gpu", { value: undefined, configurable: true });
  // The runtime's loader calls these functions.
  globalThis.Module = {
    instantiateWasm(imports, receive) {
      WebAssembly.instantiate(runtime, imports).then((instance) => receive(instance, runtime));
    },
    print: console.debug,
    printErr: console.debug, // the runtime logs its start as errors
  };
  await litert.loadLiteRt(new URL(`${RUNTIME}.js`, import.meta.url).href);
  const model = await litert.loadAndCompile(await bytes, { accelerator: "wasm" });
  const size = model.getInputDetails()[0].shape[1];

  async function read(drawing) {
    const ink = new litert.Tensor(drawing, [1, size, size]);
    const outputs = await model.run({ ink });
    const [probabilities, [digitScore], normalised] = ["probabilities", "digit_score", "seen"].map((name) =>
      outputs[name].toTypedArray(),
    );
    for (const tensor of [ink, ...Object.values(outputs)]) tensor.delete(); // they are not garbage collected
    return { probabilities, digitScore, normalised };
  }

  return { size, read };
}

/** Fetch and compile the runtime, which is stored compressed, since not every server compresses. */
async function compileRuntime() {
  const response = await fetch(new URL(`${RUNTIME}.wasm.gzip`, import.meta.url));
  if (!response.ok) throw new Error(`the runtime can't be loaded (HTTP ${response.status})`);
  const plain = response.body.pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(plain, { headers: { "Content-Type": "application/wasm" } }));
}
