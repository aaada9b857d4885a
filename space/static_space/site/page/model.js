/**
 * The model that reads: kept from an earlier visit, else from its repo on the Hub, else the copy beside the page; in
 * each case it is the very file that was pinned when the page was written, by its sha256.
 *
 * @typedef {{ url: string, sha256: string, repo: string, revision: string, threshold: number }} PinnedModel
 */

/** Beside the page, and under this address in the cache. */
const COPY = new URL("../reader.tflite", import.meta.url).href;
const KEPT = "reader";
/** How long the Hub may take to begin to answer, in milliseconds. */
const PATIENCE = 6000;

/**
 * @param {PinnedModel} pinned
 * @returns {Promise<{ bytes: Uint8Array, source: "kept" | "hub" | "copy" }>}
 */
export async function fetchModel(pinned) {
  const sources = { kept: () => takeKept(), hub: () => fetchFromHub(pinned.url), copy: () => fetchFrom(COPY) };
  for (const [source, take] of Object.entries(sources)) {
    const bytes = await check(take, pinned.sha256);
    if (bytes === null) continue;
    if (source !== "kept") await keep(bytes);
    return { bytes, source };
  }
  throw new Error("the model is neither to be had from the Hub nor beside this page");
}

/** The bytes that `take` gives, or null when it fails or they are others. */
async function check(take, sha256) {
  try {
    const bytes = await take();
    return bytes && (await digest(bytes)) === sha256 ? bytes : null;
  } catch (error) {
    console.info(`The model is looked for elsewhere: ${error.message}`);
    return null;
  }
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} url */
async function fetchFromHub(url) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(new Error("the Hub does not answer")), PATIENCE);
  return fetchFrom(url, { signal: patience.signal, referrerPolicy: "no-referrer" }, () => clearTimeout(timer));
}

/** @param {string} url @param {RequestInit} options @param {() => void} begun called when it begins to answer */
async function fetchFrom(url, options = {}, begun = () => {}) {
  const answer = await fetch(url, options);
  begun();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function takeKept() {
  const answer = await (await caches.open(KEPT)).match(COPY);
  return answer && new Uint8Array(await answer.arrayBuffer());
}

/** Keeps it for the next visit, which may have no network. Without room for it, that visit fetches it again. */
async function keep(bytes) {
  try {
    await (await caches.open(KEPT)).put(COPY, new Response(bytes));
  } catch (error) {
    console.info(`The model is not kept: ${error.message}`);
  }
}
