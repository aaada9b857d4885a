/**
 * Puts the parts of the page together: the pad, what is read of it, and what can be done with both.
 *
 * Knows no Gradio and no server: whoever opens the desk hands in what reads, and what explains if anything does.
 *
 * @typedef {import("./ink.js").Frame} Frame
 * @typedef {{ digit: number, confidence: number, digit_score: number, accepted: boolean,
 *   probabilities: number[], box: [number, number, number, number], seen: string }} Digit
 * @typedef {{ text: string, state: string, sentence: string, digits: Digit[] }} Reading
 * @typedef {{ sentence: string, rival: string, change: string, heat: string }} Explanation
 * @typedef {Frame & object} Taken what was taken of the pad to be read, such as a Picture, and where the pad lies in it
 * @typedef {{ take(pad: DigitPad): Taken, read(taken: Taken): Promise<Reading | undefined>,
 *   explain?(taken: Taken, index: number): Promise<Explanation | undefined>, refusal?: string }} Reader
 *   with a refusal, the sentence that is said of pictures, which it does not read
 */
import { Actions } from "./actions.js";
import { DigitBoxes } from "./digit_boxes.js";
import { DigitPad } from "./digit_pad.js";
import { showExamples } from "./examples.js";
import { LiveReading } from "./live_reading.js";
import { Notice } from "./notice.js";
import { PhotoError, openPhoto } from "./photo.js";
import { listenForPictures } from "./picture_input.js";
import { BUSY, EMPTY, FAILED, ReadingView } from "./reading_view.js";
import { LinkError, unpackDrawing } from "./share_link.js";
import { Why } from "./why.js";

/**
 * @param {HTMLElement} root holds the parts of desk.html; those for a server may be left out
 * @param {Reader} reader
 */
export function openDesk(root, reader) {
  const pad = new DigitPad(root.querySelector(".digit-pad"));
  const notice = new Notice(root.querySelector(".notice"));
  const boxes = new DigitBoxes(root.querySelector(".digit-boxes"), pad.canvas);
  const view = new ReadingView(root.querySelector(".reading"));
  const why = reader.explain && new Why(view.root, reader);
  const actions = new Actions(view.root, pad, notice);
  /** What is shown is the reading of this. @type {Taken | null} */ let taken = null;

  /** @param {Reading} reading @param {Taken | null} of */
  function show(reading, of) {
    taken = of;
    view.show(reading);
    boxes.show(pad.hasPhoto || reading.digits.length > 1 ? reading.digits : [], taken);
    actions.offerReading(reading, taken);
    choose(view.leastSure);
  }

  /** @param {number} index of the digit to be shown in detail */
  function choose(index) {
    view.choose(index);
    boxes.choose(index);
    why?.ask(taken, index);
  }

  const live = new LiveReading(
    async (asked) => {
      const reading = await reader.read(asked); // undefined when no answer came
      return reading && { reading, asked };
    },
    (answer) => (answer ? show(answer.reading, answer.asked) : show(FAILED, null)),
  );

  pad.addEventListener("change", () => {
    actions.offerDrawing();
    if (pad.isEmpty) live.cancel();
    else live.request(() => reader.take(pad));
    if (pad.isEmpty) show(EMPTY, null);
    else if (pad.hasPhoto) show(BUSY, null); // larger than drawings: the answer takes a moment
  });
  boxes.addEventListener("choose", ({ detail }) => choose(detail));
  listenForPictures(root, reader.refusal ? () => notice.say(reader.refusal) : makePhotoOpener(pad, notice));
  showExamples(root.querySelector(".examples-row"), (strokes) => pad.load(strokes));
  window.addEventListener("hashchange", () => loadLink(pad, notice));
  show(EMPTY, null);
  loadLink(pad, notice);
}

/**
 * What lays a picture on the pad, unless something newer came while it was being opened.
 * @param {DigitPad} pad @param {Notice} notice
 */
function makePhotoOpener(pad, notice) {
  /** @type {File | null} */ let newest = null;
  pad.addEventListener("change", () => (newest = null));
  return async (file) => {
    newest = file;
    try {
      const photo = await openPhoto(file);
      if (newest === file) pad.layPhoto(photo);
    } catch (error) {
      if (!(error instanceof PhotoError)) throw error;
      notice.say(error.message);
    }
  };
}

/** @param {DigitPad} pad @param {Notice} notice */
function loadLink(pad, notice) {
  try {
    const strokes = unpackDrawing(location.hash);
    if (!strokes) return;
    pad.removeEventListener("change", forgetLink);
    pad.load(strokes);
    pad.addEventListener("change", forgetLink, { once: true });
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    notice.say(error.message);
  }
}

/** Takes the drawing out of the address, which would bring it back at a reload though it has been changed. */
function forgetLink() {
  history.replaceState(history.state, "", location.pathname + location.search);
}
