/** Paper and pen: strokes by finger, pen or mouse on a canvas. */
import { make } from "./dom.js";

/** Colours of the pen, by name of the button's style. */
export const COLOURS = { black: "#111111", red: "#c5221f", blue: "#1a56b8", green: "#0b6e4f" };

/**
 * A canvas that takes strokes.
 *
 * @param {{width: number, height: number, under?: CanvasImageSource | null, label: string, stroke: () => void}} setup
 *   under: the picture that is drawn upon; stroke: called after each stroke and undo
 * @returns {{node: HTMLCanvasElement, ink: (name: keyof COLOURS) => void, back: () => void, empty: () => boolean,
 *   picture: () => Promise<Blob>}}
 */
export function pad({ width, height, under, label, stroke }) {
  const node = make("canvas.pad", { width, height, tabindex: "0", role: "img", "aria-label": label });
  const pen = node.getContext("2d");
  const strokes = [];
  let colour = COLOURS.black;
  let current = null;
  const paint = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, width, height);
    if (under) {
      pen.drawImage(under, 0, 0, width, height);
    }
    strokes.forEach((one) => draw(pen, one));
  };
  const at = ({ clientX, clientY }) => {
    const box = node.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * width, ((clientY - box.top) / box.height) * height];
  };
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture?.(event.pointerId);
    current = { colour, wide: width / 140, points: [at(event)] };
    strokes.push(current);
    draw(pen, current);
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (current) {
      current.points.push(at(event));
      draw(pen, { ...current, points: current.points.slice(-2) });
    }
  });
  const lift = () => {
    if (current) {
      current = null;
      stroke();
    }
  };
  node.addEventListener("pointerup", lift);
  node.addEventListener("pointercancel", lift);
  paint();
  return {
    node,
    ink: (name) => (colour = COLOURS[name]),
    back: () => {
      strokes.pop();
      paint();
      stroke();
    },
    empty: () => strokes.length === 0,
    picture: () => new Promise((resolve) => node.toBlob(resolve, "image/png")),
  };
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
