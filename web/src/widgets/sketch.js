/** A signature, a drawing, or drawing upon a photo; kept after every stroke, as a picture. */
import { say } from "../words/index.js";
import { button, make } from "./dom.js";
import { Attached } from "./files.js";
import { COLOURS, Pad } from "./pad.js";
import { shrunk } from "./photo.js";

const SIZES = { signature: [800, 400], draw: [1000, 750] };
const UPON_PIXELS = 1280;

/** One of the three. */
export class Sketch extends Attached {
  static get name() {
    return "Sketch";
  }

  static get selector() {
    const control = 'input[type="file"][accept^="image"]:not(.ignore)';
    return ["draw", "signature", "annotate"].map((look) => `.or-appearance-${look} ${control}`).join(", ");
  }

  get kind() {
    return ["signature", "annotate"].find((look) => this.props.appearances.includes(look)) ?? "draw";
  }

  show() {
    if (this.pad) {
      return;
    }
    if (this.fileName) {
      const picture = this.preview("img.thumb.sheet", { alt: say(`widgets.sketch.alt_${this.kind}`) });
      const drop = button(say("widgets.remove"), () => void this.drop(), { look: "quiet" });
      this.put(picture, !this.still && make("p.buttons", {}, this.opener("widgets.sketch.again", ""), drop));
    } else if (this.still) {
      this.put(make("p.none", { text: "—" }));
    } else {
      this.put(this.opener(`widgets.sketch.start_${this.kind}`, "tint.big"), this.undo());
    }
  }

  opener(key, look) {
    return this.kind === "annotate"
      ? this.picker(say(key), { accept: "image/*", look, icon: "camera" })
      : button(say(key), () => this.open(null), { look, icon: "pen" });
  }

  async picked(file) {
    try {
      const small = await shrunk(file, UPON_PIXELS);
      this.hold(small, file.name);
      this.open(await createImageBitmap(small));
    } catch {
      this.show();
      this.refuse("widgets.photo.unreadable");
    }
  }

  open(under) {
    const [width, height] = under ? [under.width, under.height] : SIZES[this.kind];
    const label = say(`widgets.sketch.alt_${this.kind}`);
    this.pad = new Pad({ width, height, under, label, stroke: () => this.soon() });
    const done = button(say("widgets.done"), () => void this.close(), { look: "main" });
    const back = button(say("widgets.sketch.back"), () => this.pad.back());
    const inks = this.kind === "signature" ? null : this.inks();
    this.put(make("p.hint", { text: say("widgets.sketch.hint") }), this.pad.node, inks, make("p.buttons", {}, done, back));
    this.pad.node.focus({ preventScroll: true });
  }

  inks() {
    const choices = Object.keys(COLOURS).map((name) => {
      const one = button(null, () => choose(name), { look: `ink.${name}`, label: say(`widgets.sketch.${name}`) });
      one.dataset.ink = name;
      return one;
    });
    const choose = (name) => {
      this.pad.ink(name);
      choices.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.ink === name)));
    };
    choose("black");
    return make("p.buttons.inks", {}, ...choices);
  }

  // A stroke follows the other: the picture is packed when the hand rests.
  soon() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.save(), 400);
  }

  async save() {
    clearTimeout(this.resting);
    if (this.pad && !this.pad.isEmpty) {
      this.hold(await this.pad.picture());
    }
  }

  async close() {
    await this.save();
    this.pad = null;
    this.show();
    this.control?.focus();
  }
}
