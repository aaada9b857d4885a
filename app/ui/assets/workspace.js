/**
 * Connects the parts of the page: the pad, the reading, and the actions on both. Independent of Gradio and of a
 * server: the caller provides a reader.
 *
 * @typedef {{ digit: number, confidence: number, digit_score: number, accepted: boolean, corrected?: boolean,
 *   probabilities: number[], box: [number, number, number, number], line: number, seen: string, model?: string,
 *   embedding?: ArrayLike<number> }} Digit
 *   `seen` is the normalised image, as base64 of a PNG; `corrected` if `digit` and `accepted` are the user's; where it is
 *   asked for, `embedding` is the input of the last layer, and `model` the sha256 of the reader
 * @typedef {{ mark: string, confidence: number, box: [number, number, number, number], line: number }} Mark
 * @typedef {{ text: string, written: string, digits: Digit[], marks: Mark[], labels?: string, sideways?: boolean,
 *   failure?: string }} Reading the digits alone, and as they are written, with marks and one line below the other;
 *   `labels` are the signs of the digits, and `failure` is the key of a text
 * @typedef {{ digit: Digit, runner_up: number, share: number, change: { kind: string, part: string, digit: number },
 *   heat: string }} Explanation
 * @typedef {import("./ink.js").Picture} Picture
 * @typedef {{ read(picture: Picture, options: { embed: boolean }): Promise<Reading | undefined>,
 *   explain(picture: Picture, subject: { digit: Digit, index: number }): Promise<Explanation | undefined>,
 *   readDigit(ink: Uint8Array, options?: { embed: boolean }): Promise<Digit | undefined> }} Reader
 */
import { Actions } from "./actions.js";
import { canShowCamera, openCamera } from "./camera.js";
import { DigitBoxes } from "./digit_boxes.js";
import { DigitPad } from "./digit_pad.js";
import { listenForDigits, showExamples } from "./examples.js";
import { ExplanationView } from "./explanation.js";
import { Hand } from "./hand.js";
import { useLabels } from "./labels.js";
import { LiveReading } from "./live_reading.js";
import { Notice } from "./notice.js";
import { listenForPictures, openPicture } from "./picture_input.js";
import { EMPTY, ReadingView } from "./reading_view.js";
import { followLinks, keepDrawing } from "./share_link.js";
import { Corrections } from "./signs.js";
import { t, translate } from "./texts.js";
import { findState } from "./wording.js";

/** @param {HTMLElement} root holds workspace.html @param {Reader} reader */
export function openWorkspace(root, reader) {
  translate(document);
  const pad = new DigitPad(root.querySelector(".digit-pad"));
  const notice = new Notice(root.querySelector(".notice"));
  const boxes = new DigitBoxes(root.querySelector(".digit-boxes"));
  const view = new ReadingView(root.querySelector(".reading"));
  const explanation = new ExplanationView(view.root, reader, (digit) => view.showErased(digit));
  const corrections = new Corrections();
  const actions = new Actions(view.root, pad, { notice, corrections });
  const hand = new Hand(root.querySelector(".hand"), reader);
  /** The newest reading, as read. @type {Reading} */ let newest = EMPTY;
  /** The newest reading, adapted to the hand. @type {Reading} */ let adapted = EMPTY;
  /** The picture of the newest reading. @type {Picture | null} */ let picture = null;
  /** The reading that is shown. @type {Reading} */ let shown = EMPTY;
  /** Index of the digit that the user chose. @type {number | null} */ let chosen = null;

  /** Show the newest reading: before the pen rests, only if all of it was read. */
  function update() {
    if (useLabels(newest.labels)) view.makeBars();
    adapted = hand.apply(newest);
    const reading = corrections.apply(adapted, picture);
    const hadFocus = view.answer.root.contains(document.activeElement);
    if (!pad.isResting && picture && findState(reading) !== "read") return;
    shown = reading;
    view.show(reading, picture && findPlacement(), pad.isResting);
    actions.updateReading(reading, picture);
    placeBoxes();
    choose(chosen ?? view.leastConfident);
    if (hadFocus && document.activeElement === document.body) pad.canvas.focus({ preventScroll: true });
  }

  /** Return where the picture lies, if the answer stands below the pad. */
  function findPlacement() {
    const [paper, answer] = [pad.canvas, view.answer.root].map((element) => element.getBoundingClientRect());
    const isBelow = answer.top >= paper.bottom && Math.abs(answer.left - paper.left) < 4;
    return isBelow ? pad.place(picture) : null;
  }

  function placeBoxes() {
    const { digits } = shown;
    boxes.show(pad.hasPhoto || digits.length > 1 ? digits : [], picture && pad.place(picture));
  }

  /** @param {number} index of the digit to show in detail */
  function choose(index) {
    view.choose(index);
    boxes.choose(index);
    explanation.explain(picture, newest.digits[index], index);
  }

  const live = new LiveReading(
    async (input) => {
      const reading = await reader.read(input, { embed: hand.isUsed });
      return reading?.digits && { reading, picture: input };
    },
    (result) => {
      if (!result) return view.showDelay(t("retrying"));
      ({ reading: newest, picture } = result);
      update();
    },
  );
  pad.addEventListener("change", () => {
    notice.clear(); // it is about the input before
    chosen = null;
    actions.updateDrawing();
    root.toggleAttribute("data-empty", pad.isEmpty);
    if (pad.isEmpty || pad.hasPhoto) {
      [newest, picture] = [EMPTY, null];
      update();
    }
    if (pad.isEmpty) live.cancel();
    else live.request(() => pad.takePicture());
    if (pad.hasPhoto) view.showDelay(t("reading_picture"));
  });
  pad.addEventListener("replace", () => corrections.clear());
  pad.addEventListener("rest", () => picture && update());
  pad.addEventListener("move", () => {
    placeBoxes();
    view.answer.show(shown, picture && findPlacement());
  });
  for (const target of [boxes, view]) target.addEventListener("choose", ({ detail }) => choose((chosen = detail)));
  view.addEventListener("correct", ({ detail: { index, digit } }) => {
    corrections.set(adapted.digits[index], picture, digit);
    hand.correct(newest.digits[index], digit);
    chosen = index;
    update();
    actions.updateDrawing();
    // For what happens with corrections beyond the page.
    root.dispatchEvent(new CustomEvent("correct", { bubbles: true, detail: { picture, read: newest.digits[index], digit } }));
  });
  hand.addEventListener("change", () => pad.isEmpty || live.request(() => pad.takePicture()));
  const takeFile = makePictureOpener(pad, notice);
  listenForPictures(root, takeFile);
  const camera = root.querySelector(".tools [data-action=camera]");
  if (canShowCamera()) {
    camera.hidden = false;
    camera.addEventListener("click", () => notice.guard(() => openCamera(root.querySelector("dialog"), takeFile)));
  }
  showExamples(root.querySelector(".examples-row"), (strokes) => pad.load(strokes));
  listenForDigits((strokes) => pad.append(strokes));
  root.toggleAttribute("data-empty", true);
  update();
  actions.updateDrawing();
  followLinks(pad, { notice, corrections });
  keepDrawing(pad, corrections);
  root.toggleAttribute("data-ready", true);
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
