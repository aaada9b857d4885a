/**
 * A pad for a drawing, made with mouse, finger or pen, or for a picture. Independent of the page around it: its root
 * holds the parts of #digit-pad in workspace.html.
 *
 * @typedef {import("./ink.js").Stroke} Stroke
 * @typedef {import("./ink.js").Picture} Picture
 * @typedef {{ strokes: Stroke[], photo: Picture | null }} Sheet a drawing or a picture
 */
import { Ink, MIN_STEP, interpolate, passesNear } from "./ink.js";
import { Pen } from "./pen.js";

/** Side of the PNG that can be downloaded, in pixels. */
const DOWNLOAD_SIDE = 1024;
/** Maximum number of steps that can be undone: limits the memory of a page that stays open. */
const MAX_UNDO = 200;
/** Elements that handle the pad's keys themselves. */
const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [role=dialog]";

/** Fires "change" when the drawing or picture changes. */
export class DigitPad extends EventTarget {
  /** @type {Sheet} */ #sheet = { strokes: [], photo: null };
  /** @type {Sheet[]} */ #past = [];
  /** @type {Sheet[]} */ #future = [];
  #erasing = false;
  /** The eraser's last position. */ #erasedAt = [0, 0];

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.photo = root.querySelector(".digit-pad-photo");
    this.ink = new Ink(this.canvas);
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

  get hasPhoto() {
    return this.#sheet.photo !== null;
  }

  get isEmpty() {
    return this.#sheet.strokes.length === 0 && !this.hasPhoto;
  }

  undo() {
    this.#restore(this.#past, this.#future);
  }

  redo() {
    this.#restore(this.#future, this.#past);
  }

  /** Switch the eraser, which removes the strokes that it touches, on or off. */
  erase() {
    this.#erasing = !this.#erasing && this.#sheet.strokes.length > 0;
    this.#update();
  }

  clear() {
    if (!this.isEmpty) this.#replace({ strokes: [], photo: null });
  }

  /** Replace the sheet by a drawing. @param {Stroke[]} strokes */
  load(strokes) {
    this.#replace({ strokes: structuredClone(strokes), photo: null });
  }

  /** Replace the sheet by a picture. @param {Picture} photo */
  loadPhoto(photo) {
    this.#replace({ strokes: [], photo });
  }

  /** Return the picture to read. @returns {Picture} */
  takePicture() {
    return this.#sheet.photo ?? this.ink.takePicture();
  }

  /** Return the drawing or picture for download, as the data URL of a PNG. */
  toDataURL() {
    if (!this.hasPhoto) return this.ink.toDataURL(DOWNLOAD_SIDE);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: this.photo.naturalWidth, height: this.photo.naturalHeight });
    canvas.getContext("2d").drawImage(this.photo, 0, 0);
    return canvas.toDataURL("image/png");
  }

  #restore(from, to) {
    if (from.length === 0) return;
    this.#endStroke();
    to.push(this.#sheet);
    this.#sheet = from.pop();
    this.#changed();
  }

  #replace(sheet) {
    this.#endStroke();
    this.#erasing = false;
    this.#change(sheet);
  }

  /** Add a step that can be undone. @param {Sheet} sheet */
  #change(sheet) {
    this.#past.push(this.#sheet);
    if (this.#past.length > MAX_UNDO) this.#past.shift();
    this.#future.length = 0;
    this.#sheet = sheet;
    this.#changed();
  }

  #changed() {
    const { strokes, photo } = this.#sheet;
    if (strokes.length === 0) this.#erasing = false;
    this.ink.show(strokes);
    if (photo) this.photo.src = photo.url;
    else this.photo.removeAttribute("src");
    this.photo.hidden = !photo;
    this.photo.toggleAttribute("data-transparent", photo?.transparent === true);
    this.#update();
    this.dispatchEvent(new Event("change"));
  }

  #update() {
    const { undo, redo, erase, clear } = this.buttons;
    this.root.toggleAttribute("data-empty", this.isEmpty);
    this.root.toggleAttribute("data-erasing", this.#erasing);
    const focused = document.activeElement;
    undo.disabled = this.#past.length === 0;
    redo.disabled = this.#future.length === 0;
    erase.disabled = this.#sheet.strokes.length === 0;
    erase.setAttribute("aria-pressed", this.#erasing);
    clear.disabled = this.isEmpty;
    // A disabled button would lose the keyboard focus.
    if (this.root.contains(focused) && focused.disabled) this.canvas.focus({ preventScroll: true });
  }

  #press(point) {
    this.#setPen(true);
    this.#erasedAt = point;
    if (this.#erasing) this.#erase([point]);
    else this.#change({ strokes: [...this.#sheet.strokes, [point]], photo: null }); // replaces a picture
  }

  /** Add points to the last stroke. */
  #extend(points) {
    const stroke = this.#sheet.strokes.at(-1);
    const before = stroke.length;
    for (const [x, y] of points) {
      const [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= MIN_STEP) stroke.push([x, y]);
    }
    if (stroke.length > before) this.#changed();
  }

  /** Remove the strokes between the last position and `points`. */
  #erase(points) {
    const { strokes } = this.#sheet;
    const path = points.flatMap((point, index) => interpolate(points[index - 1] ?? this.#erasedAt, point));
    this.#erasedAt = points.at(-1);
    const left = strokes.filter((stroke) => !path.some((point) => passesNear(stroke, point)));
    if (left.length < strokes.length) this.#change({ strokes: left, photo: null });
    if (left.length === 0) this.#endStroke(); // the next stroke draws
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
