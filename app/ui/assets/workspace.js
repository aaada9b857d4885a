/**
 * Connects the parts of the page: the pad, the reading, and the actions on both. Independent of Gradio and of a
 * server: the caller provides a reader.
 *
 * @typedef {{ digit: number, confidence: number, digit_score: number, accepted: boolean,
 *   probabilities: number[], box: [number, number, number, number], line: number, seen: string }} Digit
 *   `seen` is the normalised image, as base64 of a PNG
 * @typedef {{ mark: string, confidence: number, box: [number, number, number, number], line: number }} Mark
 * @typedef {{ text: string, written: string, state: string, sentence: string, digits: Digit[], marks: Mark[] }} Reading
 *   the digits alone, and as they are written, with marks and one line below the other
 * @typedef {{ sentence: string, runner_up: string, change: string, heat: string }} Explanation
 * @typedef {import("./ink.js").Frame & object} Input to read, such as a Picture, with the position of the pad in it
 * @typedef {{ take(pad: DigitPad): Input, read(input: Input): Promise<Reading | undefined>,
 *   explain?(input: Input, index: number): Promise<Explanation | undefined>, refusal?: string }} Reader
 *   `refusal` is the message for pictures, if the reader reads drawings only
 */
import { Actions } from "./actions.js";
import { DigitBoxes } from "./digit_boxes.js";
import { DigitPad } from "./digit_pad.js";
import { showExamples } from "./examples.js";
import { ExplanationView } from "./explanation.js";
import { LiveReading } from "./live_reading.js";
import { Notice } from "./notice.js";
import { listenForPictures, openPicture } from "./picture_input.js";
import { BUSY, EMPTY, FAILED, ReadingView } from "./reading_view.js";
import { unpackDrawing } from "./share_link.js";

/** @param {HTMLElement} root holds workspace.html, with or without the parts for a server @param {Reader} reader */
export function openWorkspace(root, reader) {
  const pad = new DigitPad(root.querySelector(".digit-pad"));
  const notice = new Notice(root.querySelector(".notice"));
  const boxes = new DigitBoxes(root.querySelector(".digit-boxes"), pad.canvas);
  const view = new ReadingView(root.querySelector(".reading"));
  const explanation = reader.explain && new ExplanationView(view.root, reader);
  const actions = new Actions(view.root, pad, notice);
  /** Input of the reading that is shown. @type {Input | null} */ let shown = null;

  /** @param {Reading} reading @param {Input | null} input that was read */
  function show(reading, input) {
    shown = input;
    view.show(reading);
    boxes.show(pad.hasPhoto || reading.digits.length > 1 ? reading.digits : [], input);
    actions.updateReading(reading, input);
    choose(view.leastConfident);
  }

  /** @param {number} index of the digit to show in detail */
  function choose(index) {
    view.choose(index);
    boxes.choose(index);
    explanation?.explain(shown, index);
  }

  const live = new LiveReading(
    async (input) => {
      const reading = await reader.read(input);
      return reading && { reading, input };
    },
    (result) => (result ? show(result.reading, result.input) : show(FAILED, null)),
  );
  pad.addEventListener("change", () => {
    notice.clear(); // it is about the input before
    actions.updateDrawing();
    if (pad.isEmpty) live.cancel();
    else live.request(() => reader.take(pad));
    if (pad.isEmpty) show(EMPTY, null);
    else if (pad.hasPhoto) show(BUSY, null); // a picture takes longer than a drawing
  });
  boxes.addEventListener("choose", ({ detail }) => choose(detail));
  listenForPictures(root, reader.refusal ? () => notice.show(reader.refusal) : makePictureOpener(pad, notice));
  showExamples(root.querySelector(".examples-row"), (strokes) => pad.load(strokes));
  show(EMPTY, null);
  followLinks(pad, notice);
}

/** Return a function that puts the picture in a file on the pad, unless the pad changes while the file is opened. */
function makePictureOpener(pad, notice) {
  /** @type {File | null} */ let newest = null;
  pad.addEventListener("change", () => (newest = null));
  return (file) =>
    notice.guard(async () => {
      newest = file;
      const picture = await openPicture(file);
      if (newest === file) pad.loadPhoto(picture);
    });
}

/** Load the drawing in the page's address, now and when it changes. */
function followLinks(pad, notice) {
  // Otherwise a reload would replace the changed drawing by the linked one.
  const removeFragment = () => history.replaceState(history.state, "", location.pathname + location.search);
  const load = async () => {
    const fragment = location.hash;
    const strokes = await unpackDrawing(fragment);
    if (!strokes || location.hash !== fragment) return;
    pad.removeEventListener("change", removeFragment);
    pad.load(strokes);
    pad.addEventListener("change", removeFragment, { once: true });
  };
  window.addEventListener("hashchange", () => notice.guard(load));
  notice.guard(load);
}
