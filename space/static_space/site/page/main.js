/** Opens the workspace on a page without a server: drawings are read in the browser. */
import { t } from "../ui/texts.js";
import { openWorkspace } from "../ui/workspace.js";
import { fetchModel } from "./model.js";
import { makeReading } from "./reading.js";
import { WorkerReader } from "./worker_reader.js";

/** @type {import("./model.js").PinnedModel} */
const pinned = JSON.parse(document.querySelector("#pinned-model").textContent);
const [status, source, offline] = ["#status", "#model-source", "#offline"].map((id) => document.querySelector(id));

function openReader() {
  const model = fetchModel(pinned);
  const reader = new WorkerReader(model);
  reader.opened.then(async () => {
    source.textContent = t(`model_${(await model).source}`);
    status.textContent = t("drawings_stay");
  }, showFailure);
  return reader;
}

/** @param {Error} error */
function showFailure(error) {
  console.error(error);
  status.textContent = t("reading_failed", error);
}

/** Store the page for visits without a network. */
async function storePage() {
  try {
    if (!navigator.serviceWorker) throw new Error("this browser does not support it");
    await navigator.serviceWorker.register("service_worker.js", { updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    offline.textContent = t("works_offline");
  } catch (error) {
    console.info(`The page is not stored: ${error.message}`);
  }
}

status.textContent = t("loading", status.dataset);
let reader = openReader();
openWorkspace(document.querySelector(".workspace"), {
  readsPictures: false,
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
