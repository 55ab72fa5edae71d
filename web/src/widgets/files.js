/** What pictures, sounds, films and files share: the file in the record, its name, its undo. */
import fileManager from "enketo/file-manager";

import { say } from "../words/index.js";
import { Base } from "./base.js";
import { button, make, own } from "./dom.js";
import { fileName, readableSize } from "./file_text.js";

/** Bytes above which sending costs more than a thought on a prepaid card. */
const HEAVY = 15e6;

let last = 0;

/**
 * A question that is answered by a file. The file lies in the engine's own control, under the name the record has for
 * it; a file that a draft or a sent record came with is known by that name only.
 */
export class Attached extends Base {
  _init() {
    this.quietLabel();
    this.body = make("div.body");
    this.frame("attached", this.body);
    this.update();
  }

  /** The file chosen now, undefined where it came with the record. */
  get file() {
    return this.element.files[0];
  }

  /** The name the record has, "" for none. */
  get fileName() {
    return this.file?.name ?? this.element.dataset.loadedFileName ?? "";
  }

  update() {
    this.show();
  }

  put(...inside) {
    this.body.replaceChildren(...inside.filter(Boolean));
    this.control = this.body.querySelector("button");
  }

  /**
   * A button that opens the phone's camera, recorder or files.
   *
   * @param {string} text
   * @param {{accept?: string, capture?: string, look?: string, icon?: string}} settings
   * @returns {HTMLElement}
   */
  picker(text, { accept, capture, look, icon }) {
    const field = own({ type: "file", accept, capture, class: "ignore unseen", tabindex: "-1", "aria-hidden": "true" });
    field.addEventListener("change", () => {
      const [file] = field.files;
      if (file) {
        void this.picked(file);
      }
    });
    const open = button(text, () => this.leave(field), { look, icon });
    return make("span.picker", {}, open, field);
  }

  // The camera may cost a cheap phone this page: what is filled is saved first.
  leave(field) {
    this.element.dispatchEvent(new CustomEvent("collector:before-leave", { bubbles: true }));
    field.value = "";
    field.click();
  }

  /**
   * A file was chosen.
   *
   * @param {File} file
   * @returns {Promise<void>}
   */
  picked(file) {
    this.hold(file, file.name);
    return Promise.resolve();
  }

  /**
   * Keeps a file as the answer; refuses one that is too large.
   *
   * @param {Blob} content
   * @param {string} [name] what it was called, for the kind of a file the browser does not know
   */
  hold(content, name) {
    if (fileManager.isTooLarge(content)) {
      this.show();
      this.refuse("widgets.file.too_large", { size: readableSize(content.size), most: fileManager.getMaxSizeReadable() });
      return;
    }
    last = Math.max(last + 1, Date.now());
    this.called = name;
    this.accept();
    this.lay(new File([content], fileName(last, { type: content.type, name }), { type: content.type }));
  }

  /**
   * Puts a file into the engine's control, or takes what is there out.
   *
   * @param {File | null} file
   */
  lay(file) {
    const tray = new DataTransfer();
    if (file) {
      tray.items.add(file);
    }
    this.removed = null;
    this.called = file ? this.called : undefined;
    this.element.files = tray.files;
    delete this.element.dataset.loadedFileName;
    this.element.dispatchEvent(new Event("change", { bubbles: true }));
    this.show();
  }

  async drop() {
    const file = this.file ?? (await this.loaded());
    this.lay(null);
    this.removed = file;
    this.show();
    this.control?.focus();
  }

  // What a draft came with, as a file again, so that its removal can be taken back.
  async loaded() {
    const name = this.fileName;
    const blob = name ? await fileManager.getBlob(name) : null;
    return blob && new File([blob], name, { type: blob.type });
  }

  /** The undo of a removal, while the question stands empty. */
  undo() {
    const { removed } = this;
    const back = button(say("widgets.undo"), () => this.lay(removed), { look: "quiet" });
    return removed && make("p.undo", { role: "status" }, say("widgets.file.removed"), back);
  }

  /** Name and size of what is there. */
  facts() {
    const size = this.file ? readableSize(this.file.size) : "";
    const heavy = this.file && this.file.size > HEAVY;
    const name = make("span.file-name", { text: this.called ?? this.fileName });
    return [
      make("p.facts", {}, name, size && make("span.number", { text: size })),
      heavy && make("p.hint", { text: say("widgets.file.heavy", { size }) }),
    ];
  }

  /**
   * What shows the file, or a sentence that it is not on this phone.
   *
   * @param {"img" | "audio" | "video"} tag with classes behind dots
   * @param {Record<string, unknown>} about
   * @returns {HTMLElement}
   */
  preview(tag, about) {
    const shown = make(tag, about);
    fileManager.getFileUrl(this.file ?? this.fileName).then(
      (url) => (shown.src = url),
      () => shown.replaceWith(make("p.none", { text: say("widgets.file.not_here") })),
    );
    return shown;
  }
}

const KINDS = {
  audio: { capture: true, icon: "microphone" },
  video: { capture: true, icon: "film" },
  file: { capture: false, icon: "file" },
};

/** Sound, film, or any file. */
export class Attachment extends Attached {
  static get name() {
    return "Attachment";
  }

  static get selector() {
    return '.question input[type="file"]:not([accept^="image"]):not(.ignore)';
  }

  get kind() {
    return /^(audio|video)/.exec(this.element.getAttribute("accept") ?? "")?.[1] ?? "file";
  }

  show() {
    const { kind } = this;
    if (this.fileName) {
      const player = kind === "file" ? null : this.preview(kind, { controls: true, preload: "metadata" });
      const again = this.choose("widgets.file.other", "");
      const drop = button(say("widgets.remove"), () => void this.drop(), { look: "quiet" });
      this.put(player, ...this.facts(), !this.still && make("p.buttons", {}, again, drop));
    } else if (this.still) {
      this.put(make("p.none", { text: "—" }));
    } else {
      const { capture, icon } = KINDS[kind];
      const settings = { accept: this.accepted, capture: "environment", look: "tint.big", icon };
      const record = capture && this.picker(say(`widgets.file.record_${kind}`), settings);
      const choose = this.choose(`widgets.file.choose_${kind}`, capture ? "" : "tint.big", icon);
      this.put(record || choose, record && make("p.buttons", {}, choose), this.undo());
    }
  }

  // The form's sheet says application/*, which hides a spreadsheet's CSV and every picture.
  get accepted() {
    return this.kind === "file" ? undefined : this.element.getAttribute("accept");
  }

  choose(key, look, icon) {
    return this.picker(say(key), { accept: this.accepted, look, icon: look && icon });
  }
}
