/** Paper and pen: strokes by finger, pen or mouse on a canvas. */
import { make } from "./dom.js";

/** Colours of the pen, by name of the button's style. */
export const COLOURS = { black: "#111111", red: "#c5221f", blue: "#1a56b8", green: "#0b6e4f" };

/** A canvas that takes strokes. */
export class Pad {
  #strokes = [];
  #current = null;
  #colour = COLOURS.black;

  /**
   * @param {{width: number, height: number, under?: CanvasImageSource | null, label: string, stroke: () => void}} setup
   *   under: the picture that is drawn upon; stroke: called after each stroke and undo
   */
  constructor({ width, height, under, label, stroke }) {
    this.under = under;
    this.stroke = stroke;
    /** @type {HTMLCanvasElement} */
    this.node = make("canvas.pad", { width, height, tabindex: "0", role: "img", "aria-label": label });
    this.pen = this.node.getContext("2d");
    this.node.addEventListener("pointerdown", (event) => this.#down(event));
    this.node.addEventListener("pointermove", (event) => this.#move(event));
    this.node.addEventListener("pointerup", () => this.#lift());
    this.node.addEventListener("pointercancel", () => this.#lift());
    this.#paint();
  }

  /** Whether nothing was drawn. */
  get isEmpty() {
    return this.#strokes.length === 0;
  }

  /** @param {keyof COLOURS} name of the pen from now on */
  ink(name) {
    this.#colour = COLOURS[name];
  }

  /** Takes the last stroke back. */
  back() {
    this.#strokes.pop();
    this.#paint();
    this.stroke();
  }

  /** @returns {Promise<Blob>} as PNG */
  picture() {
    return new Promise((resolve) => {
      this.node.toBlob(resolve, "image/png");
    });
  }

  #at({ clientX, clientY }) {
    const box = this.node.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * this.node.width, ((clientY - box.top) / box.height) * this.node.height];
  }

  #down(event) {
    this.node.setPointerCapture?.(event.pointerId);
    this.#current = { colour: this.#colour, wide: this.node.width / 140, points: [this.#at(event)] };
    this.#strokes.push(this.#current);
    draw(this.pen, this.#current);
    event.preventDefault();
  }

  #move(event) {
    if (this.#current) {
      this.#current.points.push(this.#at(event));
      draw(this.pen, { ...this.#current, points: this.#current.points.slice(-2) });
    }
  }

  #lift() {
    if (this.#current) {
      this.#current = null;
      this.stroke();
    }
  }

  #paint() {
    const { width, height } = this.node;
    this.pen.fillStyle = "#ffffff";
    this.pen.fillRect(0, 0, width, height);
    if (this.under) {
      this.pen.drawImage(this.under, 0, 0, width, height);
    }
    this.#strokes.forEach((one) => draw(this.pen, one));
  }
}

function draw(pen, { colour, wide, points }) {
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = wide;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  if (points.length === 1) {
    pen.arc(...points[0], wide / 2, 0, 2 * Math.PI);
    pen.fill();
    return;
  }
  points.forEach((point, at) => (at ? pen.lineTo(...point) : pen.moveTo(...point)));
  pen.stroke();
}
