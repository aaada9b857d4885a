/** Keeps the page, so that it opens without a network from the next visit on. */

/** @returns {Promise<void>} settles when all of the page is kept */
export async function keepPage() {
  if (!("serviceWorker" in navigator)) throw new Error("this browser keeps no pages");
  await navigator.serviceWorker.register(new URL("../service_worker.js", import.meta.url), { updateViaCache: "none" });
  await navigator.serviceWorker.ready;
}
