/**
 * Stores all files of the page at the first visit, for visits without a network. A later version is fetched in the
 * background and takes over when no tab has the earlier one open.
 */
const PREFIX = "page-";
const CACHE = `$${PREFIX}$version`; // the sha256 of all files
const FILES = $files;

addEventListener("install", (event) => event.waitUntil(storeFiles()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(respond(event.request));
});

async function storeFiles() {
  const cache = await caches.open(CACHE);
  // Without the browser's HTTP cache, which may hold files of an earlier version.
  await cache.addAll(FILES.map((name) => new Request(name, { cache: "no-cache" })));
}

/** Delete earlier versions, and serve the tab that is open. */
async function activate() {
  const earlier = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(earlier.map((name) => caches.delete(name)));
  await clients.claim();
}

/** Respond with a stored file, else from the network. @param {Request} request */
async function respond(request) {
  const cache = await caches.open(CACHE);
  const url = request.url.replace(/index\.html(?=$$|[?#])/, ""); // stored as "./"
  return (await cache.match(url, { ignoreSearch: true })) ?? fetch(request);
}
