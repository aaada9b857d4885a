/**
 * Fetches the model: as stored by an earlier visit, else from the Hub, else the copy beside the page. Only the file
 * with the pinned sha256 is used.
 *
 * @typedef {{ url: string, sha256: string, threshold: number }} PinnedModel its address on the Hub, its hash, and the
 *   minimum digit_score of an accepted digit
 */

/** Address of the copy, and key in the cache. */
const COPY = new URL("../reader.tflite", import.meta.url).href;
const CACHE = "reader";
/** Time limit for the start of the Hub's response, in milliseconds. */
const HUB_TIMEOUT = 6000;

/** @param {PinnedModel} pinned @returns {Promise<{ bytes: Uint8Array, source: "stored" | "hub" | "copy" }>} */
export async function fetchModel({ url, sha256 }) {
  const stored = async () => (await caches.open(CACHE)).match(COPY);
  const sources = { stored, hub: () => fetchFromHub(url), copy: () => fetch(COPY) };
  for (const [source, find] of Object.entries(sources)) {
    try {
      const response = await find();
      if (!response?.ok) continue;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      if (Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") !== sha256) continue;
      if (source !== "stored") await store(bytes);
      return { bytes, source };
    } catch (error) {
      console.info(`Trying the next source of the model: ${error.message}`);
    }
  }
  throw new Error("the model can't be loaded, neither from the Hub nor from this Space");
}

function fetchFromHub(url) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new Error("no response from the Hub")), HUB_TIMEOUT);
  return fetch(url, { signal: timeout.signal, referrerPolicy: "no-referrer" }).finally(() => clearTimeout(timer));
}

/** Store the model for later visits, if the browser has space for it. @param {Uint8Array} bytes */
async function store(bytes) {
  try {
    await (await caches.open(CACHE)).put(COPY, new Response(bytes));
  } catch (error) {
    console.info(`The model is not stored: ${error.message}`);
  }
}
