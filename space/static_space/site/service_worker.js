/**
 * Keeps the page for visits without a network: all of its files at the first visit, under the version of their
 * content. A later version is fetched in the background and serves once no page of this one is open.
 */
const VERSION = "$version"; // the sha256 of all files, filled in when the page is written
const FILES = $files; // as are their names
const PREFIX = "page-";
const CACHE = PREFIX + VERSION;

addEventListener("install", (event) => event.waitUntil(keepFiles()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
  const name = nameOf(event.request);
  if (FILES.includes(name)) event.respondWith(answer(event.request, name));
});

async function keepFiles() {
  const cache = await caches.open(CACHE);
  // Asked for anew, or else files of two versions may come together.
  await cache.addAll(FILES.map((name) => new Request(name, { cache: "no-cache" })));
}

/** Throws away what earlier versions kept, and serves the page that is open. */
async function takeOver() {
  const names = await caches.keys();
  const earlier = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(earlier.map((name) => caches.delete(name)));
  await clients.claim();
}

async function answer(request, name) {
  const cache = await caches.open(CACHE);
  return (await cache.match(name)) ?? fetch(request);
}

/** The name of a file as in FILES, or null for what is not the page's. @param {Request} request */
function nameOf({ method, url }) {
  const { scope } = registration;
  const address = url.split(/[?#]/, 1)[0];
  if (method !== "GET" || !address.startsWith(scope)) return null;
  const name = address.slice(scope.length);
  return name === "" || name === "index.html" ? "./" : name;
}
