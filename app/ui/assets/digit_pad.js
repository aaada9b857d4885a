/**
 * A pad to draw digits on with mouse, finger or pen, or to lay a picture on.
 *
 * Knows nothing of the page around it: give it an element with the parts of #digit-pad in desk.html, listen to "change",
 * and ask it for its strokes or for a picture of them.
 */
import { History } from "./history.js";
import { SMALLEST_STEP, fillWay, passesNear } from "./ink.js";
import { Paper } from "./paper.js";
import { Pen } from "./pen.js";

/**
 * @typedef {import("./ink.js").Point} Point
 * @typedef {import("./ink.js").Stroke} Stroke
 * @typedef {import("./ink.js").Picture} Picture
 * @typedef {{ strokes: Stroke[], photo: Picture | null }} Sheet what lies on the pad: a drawing or a picture
 */

/** Side of the picture to keep, in pixels. */
const KEPT_SIDE = 1024;

/** What has a use of its own for the pad's keys. */
const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [role=dialog]";

/** Fires "change" whenever something else lies on the pad, and "pen" when the pen is put down or lifted. */
export class DigitPad extends EventTarget {
  /** @type {History<Sheet>} */ #history = new History({ strokes: [], photo: null });
  #erasing = false;
  /** Where the eraser was last. @type {Point} */ #erasedAt = [0, 0];

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.photo = root.querySelector(".digit-pad-photo");
    this.paper = new Paper(this.canvas);
    this.pen = new Pen(this.canvas, this.canvas.parentElement, {
      press: (point) => this.#press(point),
      move: (points) => (this.#erasing ? this.#erase(points) : this.#extend(points)),
      lift: () => this.#setPen(false),
    });
    this.buttons = {};
    for (const action of ["undo", "redo", "erase", "clear"]) {
      this.buttons[action] = root.querySelector(`[data-action=${action}]`);
      this.buttons[action].addEventListener("click", () => this[action]());
    }
    document.addEventListener("keydown", (event) => this.#pressKey(event));
  }

  /** @returns {Stroke[]} */
  get strokes() {
    return structuredClone(this.#sheet.strokes);
  }

  /** Whether a picture lies on the pad, not a drawing. */
  get hasPhoto() {
    return this.#sheet.photo !== null;
  }

  get isEmpty() {
    return this.#sheet.strokes.length === 0 && !this.hasPhoto;
  }

  undo() {
    if (!this.#history.canUndo) return;
    this.#endStroke();
    this.#history.undo();
    this.#changed();
  }

  redo() {
    if (!this.#history.canRedo) return;
    this.#endStroke();
    this.#history.redo();
    this.#changed();
  }

  /** Takes the eraser, which removes the strokes that it touches, or lays it down. */
  erase() {
    this.#erasing = !this.#erasing && this.#sheet.strokes.length > 0;
    this.#showTools();
  }

  /** Empties the pad; undo brings back what was there. */
  clear() {
    if (!this.isEmpty) this.#replace({ strokes: [], photo: null });
  }

  /** Puts a drawing in the place of what is there. @param {Stroke[]} strokes */
  load(strokes) {
    this.#replace({ strokes: structuredClone(strokes), photo: null });
  }

  /** Lays a picture in the place of what is there. @param {Picture} photo */
  layPhoto(photo) {
    this.#replace({ strokes: [], photo });
  }

  /** What is to be read. @returns {Picture} */
  takePicture() {
    return this.#sheet.photo ?? this.paper.takePicture();
  }

  /** What is to be kept, as the data URL of a PNG. */
  toDataURL() {
    const canvas = this.hasPhoto ? copyImage(this.photo) : this.paper.drawSheet(KEPT_SIDE);
    return canvas.toDataURL("image/png");
  }

  get #sheet() {
    return this.#history.present;
  }

  /** @param {Sheet} sheet */
  #replace(sheet) {
    this.#endStroke();
    this.#erasing = false;
    this.#change(sheet);
  }

  /** @param {Sheet} sheet */
  #change(sheet) {
    this.#history.change(sheet);
    this.#changed();
  }

  #changed() {
    const { strokes, photo } = this.#sheet;
    if (strokes.length === 0) this.#erasing = false;
    this.paper.show(strokes);
    if (this.photo.hidden !== !photo || (photo && this.photo.src !== photo.url)) this.#showPhoto(photo);
    this.#showTools();
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Picture | null} photo */
  #showPhoto(photo) {
    this.photo.hidden = !photo;
    this.photo.toggleAttribute("data-transparent", photo?.transparent === true);
    if (photo) this.photo.src = photo.url;
    else this.photo.removeAttribute("src");
  }

  #showTools() {
    const { undo, redo, erase, clear } = this.buttons;
    this.root.toggleAttribute("data-empty", this.isEmpty);
    this.root.toggleAttribute("data-erasing", this.#erasing);
    const focused = document.activeElement;
    undo.disabled = !this.#history.canUndo;
    redo.disabled = !this.#history.canRedo;
    erase.disabled = this.#sheet.strokes.length === 0;
    erase.setAttribute("aria-pressed", this.#erasing);
    clear.disabled = this.isEmpty;
    // A button that is disabled would lose the keyboard's place on the page.
    if (this.root.contains(focused) && focused.disabled) this.canvas.focus({ preventScroll: true });
  }

  /** @param {Point} point */
  #press(point) {
    this.#setPen(true);
    this.#erasedAt = point;
    if (this.#erasing) this.#erase([point]);
    else this.#change({ strokes: [...this.#sheet.strokes, [point]], photo: null }); // over a picture: anew
  }

  /** @param {Point[]} points that the pen has moved through. */
  #extend(points) {
    const stroke = this.#sheet.strokes.at(-1);
    const before = stroke.length;
    for (const [x, y] of points) {
      const [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= SMALLEST_STEP) stroke.push([x, y]);
    }
    if (stroke.length > before) this.#changed();
  }

  /** @param {Point[]} points that the eraser has moved through. */
  #erase(points) {
    const { strokes } = this.#sheet;
    const way = points.flatMap((point, index) => fillWay(points[index - 1] ?? this.#erasedAt, point));
    this.#erasedAt = points.at(-1);
    const left = strokes.filter((stroke) => !way.some((point) => passesNear(stroke, point)));
    if (left.length < strokes.length) this.#change({ strokes: left, photo: null });
    if (left.length === 0) this.#endStroke(); // the next one draws
  }

  #endStroke() {
    this.pen.drop();
    this.#setPen(false);
  }

  #setPen(down) {
    this.root.toggleAttribute("data-pen-down", down);
  }

  #pressKey(event) {
    if (event.defaultPrevented || event.target.closest?.(OWN_KEYS)) return;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (command && key === "z") event.shiftKey ? this.redo() : this.undo();
    else if (command && key === "y") this.redo();
    else if (!command && (key === "escape" || key === "delete")) this.clear();
    else return;
    event.preventDefault();
  }
}

/** @param {HTMLImageElement} image */
function copyImage(image) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas;
}
