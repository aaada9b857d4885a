/** Opens the workspace on a page without a server: drawings are read in the browser. */
import { t } from "../ui/texts.js";
import { openWorkspace } from "../ui/workspace.js";
import { explainDigit } from "./explanation.js";
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

/** Read strokes, or the ink of one digit; undefined on failure, which the page reports and repeats. */
async function read(request) {
  if (reader.failure) reader = openReader();
  try {
    return makeReading(await reader.read(request), { model: pinned.sha256["reader.tflite"], labels: pinned.labels });
  } catch (error) {
    showFailure(error);
    return undefined;
  }
}

/** Return the pixels of a picture. @param {import("../ui/ink.js").Picture} picture @returns {Promise<ImageData>} */
async function getPixels({ url, width, height }) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}

const readDigit = async (ink) => (await read({ ink }))?.digits[0];

openWorkspace(document.querySelector(".workspace"), {
  read: async (picture) => read(picture.strokes ? { strokes: picture.strokes } : { pixels: await getPixels(picture) }),
  readDigit,
  explain: (_, { digit }) => explainDigit(digit, readDigit),
});
reader.opened.catch(() => {}).then(storePage); // after the model, so that both do not share the network
