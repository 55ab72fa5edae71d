/** A photo by the camera or from the phone's pictures, made small before it is kept. */
import { say } from "../words/index.js";
import { button, make } from "./dom.js";
import { fitted } from "./file_text.js";
import { Attached } from "./files.js";

/** Pixels of the longer side where the form names none: a house number stays readable, at a twentieth of the bytes. */
const MOST_PIXELS = 2048;
const KEPT_TYPES = ["image/jpeg", "image/png", "image/webp"];
const QUALITY = 0.85;

/** A picture. Drawing and signing are questions of their own. */
export class Photo extends Attached {
  static get name() {
    return "Photo";
  }

  static get selector() {
    const drawn = ["draw", "signature", "annotate"].map((look) => `:not(.or-appearance-${look})`).join("");
    return `.question${drawn} input[type="file"][accept^="image"]:not(.ignore)`;
  }

  show() {
    if (this.fileName) {
      this.showTaken();
    } else if (this.still) {
      this.put(make("p.none", { text: "—" }));
    } else {
      this.put(this.camera("widgets.photo.take", "tint.big"), make("p.buttons", {}, this.gallery()), this.undo());
    }
  }

  showTaken() {
    const picture = this.preview("img.thumb", { alt: say("widgets.photo.alt") });
    const drop = button(say("widgets.remove"), () => void this.drop(), { look: "quiet" });
    const again = this.camera("widgets.photo.again", "");
    this.put(picture, ...this.facts(), !this.still && make("p.buttons", {}, again, drop));
  }

  camera(key, look) {
    const front = this.props.appearances.some((name) => name === "new-front" || name === "selfie");
    const capture = front ? "user" : "environment";
    return this.picker(say(key), { accept: "image/*", capture, look, icon: "camera" });
  }

  // A form that asks for a new picture wants none of the old ones.
  gallery() {
    const fresh = this.props.appearances.some((name) => name.startsWith("new"));
    return fresh ? null : this.picker(say("widgets.photo.choose"), { accept: "image/*" });
  }

  async picked(file) {
    this.put(make("p.hint", { role: "status", text: say("widgets.photo.working") }));
    try {
      this.hold(await shrunk(file, Number(this.element.dataset.maxPixels) || MOST_PIXELS), file.name);
    } catch {
      this.show();
      this.refuse("widgets.photo.unreadable");
    }
  }
}

/**
 * A picture with its longer side at most so many pixels, upright. One that is small enough keeps its bytes.
 *
 * The browser decodes and packs beside the page's own work, so that a large picture does not freeze it.
 *
 * @param {Blob} file
 * @param {number} most
 * @returns {Promise<Blob>} rejects when the browser cannot read it
 */
export async function shrunk(file, most) {
  // Read at once: what a camera hands over may be gone a minute later.
  const here = new Blob([await file.arrayBuffer()], { type: file.type });
  const picture = await decoded(here);
  const { width, height, smaller } = fitted(picture.width, picture.height, most);
  if (smaller || !KEPT_TYPES.includes(file.type)) {
    const canvas = globalThis.OffscreenCanvas ? new OffscreenCanvas(width, height) : make("canvas", { width, height });
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, width, height);
    picture.close?.();
    return packed(canvas, file.type === "image/png" ? "image/png" : "image/jpeg");
  }
  picture.close?.();
  return here;
}

async function decoded(blob) {
  if (globalThis.createImageBitmap) {
    try {
      return await createImageBitmap(blob, { imageOrientation: "from-image" });
    } catch {
      // Older browsers know no such setting; an image element turns the picture upright by itself.
    }
  }
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function packed(canvas, type) {
  if (canvas.convertToBlob) {
    return canvas.convertToBlob({ type, quality: QUALITY });
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("empty canvas"))), type, QUALITY);
  });
}
