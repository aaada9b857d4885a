/** Opens the workspace on a page without a server: drawings are read in the browser. */
import { FRAME } from "../ui/ink.js";
import { openWorkspace } from "../ui/workspace.js";
import { fetchModel } from "./model.js";
import { makeReading } from "./reading.js";
import { WorkerReader } from "./worker_reader.js";

/** @type {import("./model.js").PinnedModel} */
const pinned = JSON.parse(document.querySelector("#pinned-model").textContent);
const SOURCES = { hub: "from the Hub", stored: "stored in this browser", copy: "from the copy in this Space" };
const [status, source, offline] = ["#status", "#model-source", "#offline"].map((id) => document.querySelector(id));

function openReader() {
  const model = fetchModel(pinned);
  const reader = new WorkerReader(model);
  reader.opened.then(async () => {
    source.textContent = SOURCES[(await model).source];
    status.textContent = status.dataset.ready;
  }, showFailure);
  return reader;
}

/** @param {Error} error */
function showFailure(error) {
  console.error(error);
  status.textContent = `Reading failed: ${error.message}.`;
}

/** Store the page for visits without a network. */
async function storePage() {
  try {
    if (!navigator.serviceWorker) throw new Error("this browser does not support it");
    await navigator.serviceWorker.register("service_worker.js", { updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    offline.textContent = "Works without a network now.";
  } catch (error) {
    console.info(`The page is not stored: ${error.message}`);
  }
}

let reader = openReader();
openWorkspace(document.querySelector(".workspace"), {
  refusal: "This page reads drawings only. The app also reads pictures.",
  take: (pad) => ({ ...FRAME, strokes: pad.strokes }),
  async read({ strokes }) {
    if (reader.failure) reader = openReader();
    try {
      return makeReading(await reader.read(strokes));
    } catch (error) {
      showFailure(error);
      return undefined; // the workspace reports the failure and tries again
    }
  },
});
reader.opened.catch(() => {}).then(storePage); // after the model, so that both do not share the network
