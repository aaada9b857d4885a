/**
 * A pad for a drawing, made with mouse, finger or pen, or for a picture. Independent of the page around it: its root
 * holds the parts of #digit-pad in workspace.html. The pad shows a part of a sheet that is longer than the pad.
 *
 * @typedef {import("./ink.js").Stroke} Stroke
 * @typedef {import("./ink.js").Picture} Picture
 * @typedef {{ strokes: Stroke[], photo: Picture | null }} Sheet a drawing or a picture
 * @typedef {{ left: number, top: number, scale: number }} Placement of a picture on the pad, in pixels of the screen
 */
import { Ink, MIN_STEP, findBounds, interpolate, passesNear } from "./ink.js";
import { Pen } from "./pen.js";

/** Height of the PNG that can be downloaded, in pixels. */
const DOWNLOAD_HEIGHT = 896;
/** Maximum number of steps that can be undone: limits the memory of a page that stays open. */
const MAX_UNDO = 200;
/** Length of the sheet, in heights of the pad. */
const SHEET = 12;
/** Share of the pad that a step along the sheet moves, and that is free of ink beside a drawing that was loaded. */
const STEP = 0.6;
const FREE = 0.06;
/** Share of the pad, at its right end, in which ink offers more room. */
const NEAR_END = 0.3;
/** Least height of a typed digit, in heights of the pad, and the gap before it, in its own. */
const MIN_TYPED = 0.15;
const TYPED_GAP = 0.2;
/** Time after the last change until the pen rests, in milliseconds. */
const REST = 400;
/** Points of a drawing that are replayed in a frame, at least, and the longest replay, in frames. */
const REPLAY_POINTS = 2;
const REPLAY_FRAMES = 110;
/** Elements that handle the pad's keys themselves. */
const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [role=dialog]";

/**
 * Fires "change" when the drawing or picture changes, "replace" before all of it is replaced, "rest" when the pen rests
 * after a change, and "move" when the view of the sheet moves or the pad is resized.
 */
export class DigitPad extends EventTarget {
  /** @type {Sheet} */ #sheet = { strokes: [], photo: null };
  /** @type {Sheet[]} */ #past = [];
  /** @type {Sheet[]} */ #future = [];
  #erasing = false;
  #penIsDown = false;
  #restTimer = 0;
  #replay = 0;
  /** Left edge of the view, in heights of the pad. */ #offset = 0;
  /** The eraser's last position. */ #erasedAt = [0, 0];

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.photo = root.querySelector(".digit-pad-photo");
    this.ink = new Ink(this.canvas);
    this.pen = new Pen(this.canvas, this.canvas.parentElement, {
      press: (point) => this.#press(this.#onSheet(point)),
      move: (points) => this.#move(points.map((point) => this.#onSheet(point))),
      lift: () => this.#setPen(false),
    });
    this.buttons = {};
    for (const action of ["undo", "redo", "erase", "clear"]) {
      this.buttons[action] = root.querySelector(`[data-action=${action}]`);
      this.buttons[action].addEventListener("click", () => this[action]());
    }
    this.back = root.querySelector("[data-action=back]");
    this.on = root.querySelector("[data-action=on]");
    this.back.addEventListener("click", () => this.#step(-STEP));
    this.on.addEventListener("click", () => this.#step(STEP));
    document.addEventListener("keydown", (event) => this.#pressKey(event));
    new ResizeObserver(() => this.#resized()).observe(this.canvas);
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

  /** Whether the pen has been up for a while. */
  get isResting() {
    return this.#restTimer === 0 && !this.#penIsDown;
  }

  /** Width of the pad, in its heights. */
  get width() {
    return this.canvas.clientWidth / this.canvas.clientHeight || 1;
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

  /** Replace the sheet by a drawing, in the middle of the pad, and smaller if it is wider. @param {Stroke[]} strokes */
  load(strokes) {
    this.#replace({ strokes: this.#fit(strokes), photo: null });
  }

  /** Replace the sheet by a drawing, stroke by stroke, unless motion is reduced. @param {Stroke[]} strokes */
  replay(strokes) {
    if (this.ink.reducedMotion.matches) return this.load(strokes);
    const fitted = this.#fit(strokes);
    const total = fitted.flat().length;
    const step = Math.max(REPLAY_POINTS, total / REPLAY_FRAMES);
    const before = this.#sheet;
    this.root.toggleAttribute("data-empty", false);
    const show = (count) => {
      if (this.#sheet !== before) return; // something else was drawn or loaded
      if (count >= total) return this.load(strokes);
      this.ink.show(takePoints(fitted, count), { isDrawing: true });
      this.#replay = requestAnimationFrame(() => show(count + step));
    };
    show(step);
  }

  /** Replace the sheet by a picture. @param {Picture} photo */
  loadPhoto(photo) {
    this.#replace({ strokes: [], photo });
  }

  /** Add a drawing to the right of the ink, such as a digit that is typed. @param {Stroke[]} strokes */
  append(strokes) {
    const drawn = this.#sheet.strokes;
    const [left, top, right, bottom] = findBounds(strokes);
    const isFirst = drawn.length === 0;
    const [, inkTop, inkEnd, inkBottom] = isFirst ? [0, top, (this.width - right + left) / 2, bottom] : findBounds(drawn);
    const height = Math.max(MIN_TYPED, inkBottom - inkTop);
    const [by, start] = [height / (bottom - top), inkEnd + (isFirst ? 0 : TYPED_GAP * height)];
    const added = strokes.map((stroke) => stroke.map(([x, y]) => [start + (x - left) * by, inkTop + (y - top) * by]));
    const end = start + (right - left) * by;
    if (end > SHEET) return;
    this.#erasing = false;
    this.#change({ strokes: [...drawn, ...added], photo: null });
    if (end + FREE > this.#offset + this.width) this.#show(end + FREE - this.width);
  }

  /** Return the picture to read. @returns {Picture} */
  takePicture() {
    return this.#sheet.photo ?? this.ink.takePicture();
  }

  /** Return where the picture that was read lies on the pad. @param {Picture} picture @returns {Placement} */
  place({ unit, left, top, width, height }) {
    const { clientWidth, clientHeight } = this.canvas;
    if (unit) {
      const scale = clientHeight / unit;
      return { left: -left * scale - this.#offset * clientHeight, top: -top * scale, scale };
    }
    const scale = Math.min(clientWidth / width, clientHeight / height);
    return { left: (clientWidth - width * scale) / 2, top: (clientHeight - height * scale) / 2, scale };
  }

  /** Return the drawing or picture for download, as the data URL of a PNG. */
  toDataURL() {
    if (!this.hasPhoto) return this.ink.toDataURL(DOWNLOAD_HEIGHT);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: this.photo.naturalWidth, height: this.photo.naturalHeight });
    canvas.getContext("2d").drawImage(this.photo, 0, 0);
    return canvas.toDataURL("image/png");
  }

  #fit(strokes) {
    const [left, top, right, bottom] = findBounds(strokes);
    const by = Math.min(1, ((1 - FREE) * this.width) / (right - left));
    const [x, y] = [this.width / 2 - (by * (left + right)) / 2, by < 1 ? (1 - by * (top + bottom)) / 2 : 0];
    return strokes.map((stroke) => stroke.map((point) => [point[0] * by + x, point[1] * by + y]));
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
    this.#offset = 0;
    this.dispatchEvent(new Event("replace"));
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
    cancelAnimationFrame(this.#replay);
    if (strokes.length === 0) [this.#erasing, this.#offset] = [false, 0];
    if (photo) this.photo.src = photo.url;
    else this.photo.removeAttribute("src");
    this.photo.hidden = !photo;
    this.photo.toggleAttribute("data-transparent", photo?.transparent === true);
    this.#show(this.#offset);
    this.#update();
    this.#awaitRest();
    this.dispatchEvent(new Event("change"));
  }

  /** Fire "rest" when nothing has changed for a while. */
  #awaitRest() {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => {
      this.#restTimer = 0;
      if (this.isResting) this.dispatchEvent(new Event("rest"));
    }, REST);
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

  /** Show the sheet from `offset` on. */
  #show(offset) {
    const hasMoved = offset !== this.#offset;
    this.#offset = offset;
    this.ink.show(this.#sheet.strokes, { offset, isDrawing: this.#penIsDown });
    if (!this.#penIsDown) this.#updateSteps();
    if (hasMoved) this.dispatchEvent(new Event("move"));
  }

  /** Show the arrows where there is more of the sheet; a pen that is down hides them. */
  #updateSteps() {
    const { strokes } = this.#sheet;
    const end = strokes.length > 0 ? findBounds(strokes)[2] : 0;
    this.back.hidden = this.#offset === 0;
    this.on.hidden = end < this.#offset + (1 - NEAR_END) * this.width || this.#offset + this.width >= SHEET;
  }

  #step(share) {
    const farthest = Math.max(0, SHEET - this.width);
    this.#endStroke();
    this.#show(Math.min(farthest, Math.max(0, this.#offset + share * this.width)));
    this.canvas.focus({ preventScroll: true });
  }

  /** Fit the view to the new size of the pad: the ink stays in it. */
  #resized() {
    const [left, , right] = this.#sheet.strokes.length > 0 ? findBounds(this.#sheet.strokes) : [this.#offset, 0, this.#offset];
    const isInView = left >= this.#offset && right <= this.#offset + this.width;
    this.#show(isInView ? this.#offset : Math.max(0, (left + right - this.width) / 2));
    this.dispatchEvent(new Event("move"));
  }

  #onSheet([x, y]) {
    return [x + this.#offset, y];
  }

  #press(point) {
    this.#setPen(true);
    this.#erasedAt = point;
    if (this.#erasing) this.#erase([point]);
    else this.#change({ strokes: [...this.#sheet.strokes, [point]], photo: null }); // replaces a picture
  }

  #move(points) {
    if (this.#erasing) this.#erase(points);
    else this.#extend(points);
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

  /** Remove the strokes on the way to and between `points`. */
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
    const wasDown = this.#penIsDown;
    this.#penIsDown = down;
    this.root.toggleAttribute("data-pen-down", down);
    if (!wasDown || down) return;
    this.#show(this.#offset); // with the pen that suits the drawing
    this.#awaitRest();
  }

  #pressKey(event) {
    if (event.defaultPrevented || event.target.closest?.(OWN_KEYS)) return;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (command && key === "z") event.shiftKey ? this.redo() : this.undo();
    else if (command && key === "y") this.redo();
    else if (!command && key === "escape" && this.#erasing) this.erase();
    else if (!command && (key === "escape" || key === "delete")) this.clear();
    else return;
    event.preventDefault();
  }
}

/** Return the first points of a drawing. @param {Stroke[]} strokes */
function takePoints(strokes, count) {
  const taken = [];
  for (const stroke of strokes) {
    if (count <= 0) break;
    taken.push(stroke.slice(0, Math.ceil(count)));
    count -= stroke.length;
  }
  return taken;
}
