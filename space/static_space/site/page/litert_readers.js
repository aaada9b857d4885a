/**
 * Runs the readers of a release, LiteRT models, with LiteRT.js, in a worker or on a page.
 *
 * @typedef {(ink: Uint8Array) => Promise<Record<string, Float32Array>>} Read takes ink row by row, 0 paper to 255 ink,
 *   and resolves to the model's outputs by name
 */

/** The only variant in this Space: it works in all browsers. */
const RUNTIME = "../litert/litert_wasm_compat_internal";

/** Load the runtime, then the readers. @param {Promise<import("./model.js").Model>} model */
export async function openReaders(model) {
  const [litert, runtime] = await Promise.all([import("../litert/index.js"), compileRuntime()]);
  // LiteRT.js would open a graphics card, which the readers do not use, and keep it from sleeping.
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
  const { files, labels, threshold, line_reader } = await model;

  /** @returns {Promise<{ size: number, read: Read }>} `size` is the height of the ink in pixels */
  async function open(name) {
    const opened = await litert.loadAndCompile(files[name], { accelerator: "wasm" });
    const shape = [...opened.getInputDetails()[0].shape];
    const read = async (values) => {
      const ink = new litert.Tensor(values, shape);
      const outputs = Object.entries(await opened.run({ ink }));
      const copies = outputs.map(([output, tensor]) => [output, tensor.toTypedArray()]);
      for (const tensor of [ink, ...outputs.map(([, output]) => output)]) tensor.delete(); // not garbage collected
      return Object.fromEntries(copies);
    };
    return { size: shape[1], read };
  }

  const [digit, line] = [await open("reader.tflite"), await open("line_reader.tflite")];
  return { digit: { ...digit, labels, threshold }, line: { ...line, ...line_reader } };
}

/** Fetch and compile the runtime, which is stored compressed, since not every server compresses. */
async function compileRuntime() {
  const response = await fetch(new URL(`${RUNTIME}.wasm.gzip`, import.meta.url));
  if (!response.ok) throw new Error(`the runtime can't be loaded (HTTP ${response.status})`);
  const plain = response.body.pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compileStreaming(new Response(plain, { headers: { "Content-Type": "application/wasm" } }));
}
