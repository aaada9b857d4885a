/** Answers a visit without a network: the page itself needs its server. Registered as a module, for its import. */
import { t } from "./ui/texts.js";

addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(respondOffline));
});

function respondOffline() {
  const page = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark"><title>${t("title")}</title>
    <style>body { margin: 15vh auto; padding: 0 24px; max-width: 32rem; font: 1.125rem/1.5 system-ui }</style>
    <p>${t("offline")}</p><script>addEventListener("online", () => location.reload())</script>`;
  return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
