/** Opens the desk on a page that has no server: what is drawn is read here, in the browser. */
import { FRAME } from "../ui/ink.js";
import { openWorkspace } from "../ui/workspace.js";
import { fetchModel } from "./model.js";
import { keepPage } from "./offline.js";
import { makeReading } from "./reading.js";
import { WorkerReader } from "./worker_reader.js";

/** @type {import("./model.js").PinnedModel} */
const pinned = JSON.parse(document.querySelector("#pinned-model").textContent);
const SOURCES = { hub: "from the Hub", kept: "kept from an earlier visit", copy: "the copy beside this page" };

const reader = new WorkerReader();
const ready = fetchModel(pinned).then(async ({ bytes, source }) => {
  await reader.open(bytes);
  return source;
});

openWorkspace(document.querySelector(".workspace"), {
  refusal: "This page reads drawings only. Pictures are read by the app.",
  take: (pad) => ({ ...FRAME, strokes: pad.strokes }),
  async read({ strokes }) {
    try {
      await ready;
      return makeReading(await reader.read(strokes), pinned.threshold);
    } catch (error) {
      console.error(error);
      return undefined;
    }
  },
});

tell();

/** Says what there is to know of the page's own state. */
async function tell() {
  const [status, model, offline] = ["#status", "#model-source", "#offline"].map((id) => document.querySelector(id));
  try {
    model.textContent = SOURCES[await ready];
    status.textContent = status.dataset.ready;
  } catch (error) {
    status.textContent = `Nothing can be read: ${error.message}.`;
  }
  try {
    await keepPage();
    offline.textContent = "Works without a network now.";
  } catch (error) {
    offline.textContent = "";
    console.info(`The page is not kept: ${error.message}`);
  }
}
