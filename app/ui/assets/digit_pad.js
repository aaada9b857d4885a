/**
 * A pad to draw digits on with mouse, finger or pen.
 *
 * Knows nothing of the page around it: give it an element that holds a canvas, a hint and two buttons
 * (see digit_pad.html), listen to "drawing", and ask it for its strokes or for a picture of them.
 *
 * @typedef {[x: number, y: number]} Point in shares of the pad's side: 0, 0 is the upper left corner.
 * @typedef {Point[]} Stroke
 */

/** Width of the pen as a share of the pad's side: MNIST's pens are about a tenth of a digit's height. */
const PEN_WIDTH = 0.065;
/** Points closer than this share of the side add nothing to be seen. */
const SMALLEST_STEP = 0.002;
/** Side of the picture to be read, in pixels, whatever the size and density of the screen. */
const PICTURE_SIDE = 256;
/** Blank paper around the pad in that picture, in pixels: ink at a picture's edge may pass for a frame. */
const PICTURE_MARGIN = 16;

/**
 * The stroke as a smooth line: quadratic curves between the midpoints of its points.
 * @param {Stroke} stroke
 */
function tracePath(stroke) {
  const path = new Path2D();
  const [first, ...rest] = stroke;
  path.moveTo(...first);
  rest.forEach(([x, y], index) => {
    const [nextX, nextY] = rest[index + 1] ?? [x, y];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  });
  if (rest.length === 0) path.lineTo(first[0] + SMALLEST_STEP / 10, first[1]); // with round caps, a dot
  return path;
}

/**
 * Draws strokes over a whole square canvas but its margin, in the context's own colour.
 * @param {CanvasRenderingContext2D} context
 * @param {Iterable<Path2D>} paths
 * @param {number} margin in pixels
 */
function drawPaths(context, paths, margin = 0) {
  const side = context.canvas.width - 2 * margin;
  context.setTransform(side, 0, 0, side, margin, margin);
  Object.assign(context, { lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round" });
  for (const path of paths) context.stroke(path);
}

/** Fires "drawing" whenever what is drawn has changed. */
export class DigitPad extends EventTarget {
  /** @type {Stroke[]} */ #strokes = [];
  /** What undo goes back to. @type {Stroke[][]} */ #past = [];
  /** The finished strokes' paths, so that a long drawing is not traced anew for every frame. */
  #paths = new WeakMap();
  #pointerId = null;
  #frame = 0;

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.undoButton = root.querySelector("[data-action=undo]");
    this.clearButton = root.querySelector("[data-action=clear]");
    this.#listenToPen();
    this.undoButton.addEventListener("click", () => this.undo());
    this.clearButton.addEventListener("click", () => this.clear());
    document.addEventListener("keydown", (event) => this.#pressKey(event));
    new ResizeObserver(() => this.#fitCanvas()).observe(this.canvas);
  }

  /** @returns {Stroke[]} */
  get strokes() {
    return structuredClone(this.#strokes);
  }

  get isEmpty() {
    return this.#strokes.length === 0;
  }

  undo() {
    if (this.#past.length === 0) return;
    this.#pointerId = null; // a stroke under way ends here
    this.#strokes = this.#past.pop();
    this.#changed();
  }

  /** Empties the pad; undo brings the drawing back. */
  clear() {
    if (this.isEmpty) return;
    this.#pointerId = null;
    this.#change([]);
  }

  /** The drawing, black on white, as a data URL of a PNG. */
  toDataURL() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = PICTURE_SIDE;
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, PICTURE_SIDE, PICTURE_SIDE);
    const padSide = PICTURE_SIDE - 2 * PICTURE_MARGIN;
    context.beginPath();
    context.rect(PICTURE_MARGIN, PICTURE_MARGIN, padSide, padSide);
    context.clip(); // what went over the pad's edge is not seen on the pad either
    drawPaths(context, this.#allPaths(), PICTURE_MARGIN);
    return canvas.toDataURL("image/png");
  }

  /** @param {Stroke[]} strokes */
  #change(strokes) {
    this.#past.push(this.#strokes);
    this.#strokes = strokes;
    this.#changed();
  }

  #changed() {
    this.root.toggleAttribute("data-empty", this.isEmpty);
    const focused = document.activeElement;
    this.undoButton.disabled = this.#past.length === 0;
    this.clearButton.disabled = this.isEmpty;
    // A button that is disabled would lose the keyboard's place on the page.
    if (this.root.contains(focused) && focused.disabled) this.canvas.focus({ preventScroll: true });
    this.#redrawSoon();
    this.dispatchEvent(new Event("drawing"));
  }

  #listenToPen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.#penDown(event));
    canvas.addEventListener("pointermove", (event) => this.#penMove(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(type, (event) => this.#penUp(event));
    }
    // A long press would open a menu or a magnifier in the middle of a stroke.
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  }

  #penDown(event) {
    if (this.#pointerId !== null || event.button !== 0) return; // one pen at a time: palms do not draw
    this.#pointerId = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.#change([...this.#strokes, [this.#pointAt(event)]]);
  }

  #penMove(event) {
    if (event.pointerId !== this.#pointerId) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.#extend((events.length > 0 ? events : [event]).map((each) => this.#pointAt(each)));
  }

  #penUp(event) {
    if (event.pointerId !== this.#pointerId) return;
    this.#pointerId = null;
  }

  /** @param {Point[]} points that the pen has moved through. */
  #extend(points) {
    const stroke = this.#strokes.at(-1);
    const before = stroke.length;
    for (const [x, y] of points) {
      const [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= SMALLEST_STEP) stroke.push([x, y]);
    }
    if (stroke.length === before) return;
    this.#paths.delete(stroke);
    this.#changed();
  }

  /** @returns {Point} */
  #pointAt(event) {
    const area = this.canvas.getBoundingClientRect();
    return [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  }

  #pressKey(event) {
    const here = this.root.contains(event.target) || event.target === document.body;
    if (!here || event.defaultPrevented || this.isEmpty && this.#past.length === 0) return;
    const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (command && event.key.toLowerCase() === "z") this.undo();
    else if (event.key === "Escape" || event.key === "Delete") this.clear();
    else return;
    event.preventDefault();
  }

  /** Gives the canvas as many pixels as the screen has there. */
  #fitCanvas() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (side === 0 || side === this.canvas.width) return;
    this.canvas.width = this.canvas.height = side; // which empties it
    this.#redraw();
  }

  #redrawSoon() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#redraw());
  }

  #redraw() {
    this.#frame = 0;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    drawPaths(context, this.#allPaths());
  }

  #allPaths() {
    return this.#strokes.map((stroke) => {
      if (!this.#paths.has(stroke)) this.#paths.set(stroke, tracePath(stroke));
      return this.#paths.get(stroke);
    });
  }
}
