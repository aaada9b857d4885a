/**
 * Fetches the model: as stored by an earlier visit, else from the Hub if it is there, else the copy beside the page. Only files with
 * the pinned sha256 are used.
 *
 * @typedef {{ url: string, sha256: Record<string, string>, labels: string, threshold: number, line_reader: object }}
 *   PinnedModel its folder on the Hub or "", the hashes of its files, the signs of its digits, the minimum digit_score of
 *   a single digit, and of release.json the classes of the line reader, the weights of both readers, and the minimum digit_score in a line
 * @typedef {PinnedModel & { files: Record<string, Uint8Array>, source: "stored" | "hub" | "copy" }} Model
 */

/** Address of the folder of the copy; those of its files are keys in the cache. */
const COPY = new URL("../", import.meta.url).href;
const CACHE = "reader";
/** Time limit for the start of the Hub's response, in milliseconds. */
const HUB_TIMEOUT = 6000;

/** @param {PinnedModel} pinned @returns {Promise<Model>} */
export async function fetchModel(pinned) {
  const stored = async (name) => (await caches.open(CACHE)).match(COPY + name);
  const hub = pinned.url && { hub: (name) => fetchFromHub(pinned.url + name) };
  const sources = { stored, ...hub, copy: (name) => fetch(COPY + name) };
  for (const [source, find] of Object.entries(sources)) {
    try {
      const names = Object.keys(pinned.sha256);
      const contents = await Promise.all(names.map(async (name) => verify(await find(name), pinned.sha256[name])));
      const files = Object.fromEntries(contents.map((content, index) => [names[index], content]));
      if (source !== "stored") await store(files);
      return { ...pinned, files, source };
    } catch (error) {
      console.info(`Trying the next source of the model: ${error.message}`);
    }
  }
  throw new Error("the model can't be loaded from any source");
}

/** Return the content of a response, if it has the hash. @param {Response | undefined} response */
async function verify(response, sha256) {
  if (!response?.ok) throw new Error("no such file");
  const bytes = new Uint8Array(await response.arrayBuffer());
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256) return bytes;
  throw new Error("another file");
}

function fetchFromHub(url) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new Error("no response from the Hub")), HUB_TIMEOUT);
  return fetch(url, { signal: timeout.signal, referrerPolicy: "no-referrer" }).finally(() => clearTimeout(timer));
}

/** Store the model for later visits, if the browser has space for it. @param {Record<string, Uint8Array>} files */
async function store(files) {
  try {
    const cache = await caches.open(CACHE);
    for (const [name, bytes] of Object.entries(files)) await cache.put(COPY + name, new Response(bytes));
  } catch (error) {
    console.info(`The model is not stored: ${error.message}`);
  }
}
