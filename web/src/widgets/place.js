/** "Lấy vị trí": one large button, live accuracy, stops by itself when good; works without network. */
import { say } from "../words/index.js";
import { Base } from "./base.js";
import { button, make, own } from "./dom.js";
import { searchPanel } from "./gps.js";
import {
  judged,
  pointsMissing,
  readCoordinates,
  readLine,
  readPoint,
  shownPoint,
  threshold,
  writeLine,
} from "./place_text.js";

/** What a point and a line of points share: the search, the troubles, coordinates typed as the last resort. */
class Places extends Base {
  _init() {
    this.quietLabel();
    this.good = threshold(this.element.dataset.accuracyThreshold);
    this.body = make("div.body");
    this.frame("place", this.body);
    this.update();
  }

  update() {
    this.show();
  }

  disable() {
    this.search?.stop();
  }

  put(...inside) {
    this.body.replaceChildren(...inside.filter(Boolean));
    this.control = this.body.querySelector("button, input");
  }

  start() {
    this.search?.stop();
    this.search = searchPanel({
      good: this.good,
      taken: (value) => this.taken(value),
      left: (trouble) => (trouble ? this.stuck(trouble) : this.back()),
    });
    this.put(this.search.node);
    this.search.node.querySelector("button:not([hidden])").focus();
  }

  back() {
    this.show();
    this.control?.focus();
  }

  stuck(trouble) {
    const text = make("p.trouble", { role: "alert", text: say(`widgets.place.trouble_${trouble}`) });
    const again = button(say("widgets.again"), () => this.start(), { look: "main" });
    this.put(text, make("p.buttons", {}, again, this.typing(), button(say("widgets.leave"), () => this.back())));
  }

  typing() {
    return button(say("widgets.place.type"), () => this.type(), { look: "quiet" });
  }

  type() {
    const north = own({ type: "text", inputmode: "decimal", placeholder: "21,0285" });
    const east = own({ type: "text", inputmode: "decimal", placeholder: "105,8542" });
    const fault = make("p.trouble", { role: "alert" });
    const done = () => {
      const found = readCoordinates(north.value, east.value);
      const doubt = found.fault ?? (found.odd ? "odd" : "");
      const sentence = doubt && say(`widgets.place.${doubt}`);
      // A place abroad is believed when it is said twice.
      if (found.fault || (doubt && fault.textContent !== sentence)) {
        fault.textContent = sentence;
      } else {
        this.taken(found.value);
      }
    };
    north.setAttribute("aria-label", say("widgets.place.north"));
    east.setAttribute("aria-label", say("widgets.place.east"));
    const pair = make("div.pair", {}, labelled("widgets.place.north", north), labelled("widgets.place.east", east));
    const use = button(say("widgets.place.use_typed"), done, { look: "main" });
    const hint = make("p.hint", { text: say("widgets.place.type_hint") });
    this.put(hint, pair, fault, make("p.buttons", {}, use, button(say("widgets.leave"), () => this.back())));
    north.focus();
  }
}

function labelled(key, control) {
  return make("span.field", {}, make("span", { "aria-hidden": "true", text: say(key) }), control);
}

function told(value, good) {
  const point = readPoint(value);
  if (!point) {
    return make("span.shown", { text: value });
  }
  const { accuracy } = point;
  const within = () => say("widgets.place.within", { metres: Math.round(accuracy) });
  const how = make("span.how", { text: accuracy === undefined ? say("widgets.place.by_hand") : within() });
  const shown = make("span.shown", { text: shownPoint(point) });
  return make("span.point", { "data-judged": judged(accuracy ?? 0, good || undefined) }, shown, how);
}

/** A geopoint. */
export class Place extends Places {
  static get name() {
    return "Place";
  }

  static get selector() {
    return '.question input[data-type-xml="geopoint"]';
  }

  show() {
    const value = this.element.value;
    if (value) {
      this.showTaken(value);
    } else if (this.still) {
      this.put(make("p.none", { text: "—" }));
    } else {
      const take = button(say("widgets.place.take"), () => this.start(), { look: "main.big", icon: "place" });
      this.put(take, this.removed && this.undo(), make("p.buttons", {}, this.typing()));
    }
  }

  showTaken(value) {
    const again = button(say("widgets.place.again"), () => this.start());
    const drop = button(say("widgets.remove"), () => this.drop(), { look: "quiet" });
    const done = make("p.done", {}, make("strong", { text: say("widgets.place.taken") }), told(value, this.good));
    this.put(done, !this.still && make("p.buttons", {}, again, drop));
  }

  undo() {
    const restore = button(say("widgets.undo"), () => this.taken(this.removed), { look: "quiet" });
    return make("p.undo", { role: "status" }, say("widgets.place.removed"), restore);
  }

  drop() {
    this.removed = this.element.value;
    this.keep("");
    this.back();
  }

  taken(value) {
    this.removed = null;
    this.keep(value);
    this.back();
  }
}

/** A geotrace or geoshape, point by point as one walks it; no map. */
export class Line extends Places {
  static get name() {
    return "Line";
  }

  static get selector() {
    return '.question input[data-type-xml="geotrace"], .question input[data-type-xml="geoshape"]';
  }

  get closed() {
    return this.element.dataset.typeXml === "geoshape";
  }

  show() {
    const points = readLine(this.element.value, this.closed);
    const list = make("ol.points", {}, ...points.map((point) => make("li", {}, told(point, this.good))));
    const add = button(say("widgets.line.add"), () => this.start(), { look: "tint.big", icon: "place" });
    const drop = points.length ? button(say("widgets.line.drop"), () => this.drop()) : null;
    const back = this.removed && button(say("widgets.undo"), () => this.taken(this.removed), { look: "quiet" });
    const intro = make("p.hint", { text: this.standing(points.length) });
    const buttons = make("p.buttons", {}, drop, back, this.typing());
    this.put(intro, points.length > 0 && list, !this.still && add, !this.still && buttons);
  }

  standing(count) {
    const kind = this.closed ? "shape" : "trace";
    const missing = pointsMissing(count, this.closed);
    if (!count) {
      return say(`widgets.line.hint_${kind}`);
    }
    return say(missing ? "widgets.line.short" : "widgets.line.count", { count, missing });
  }

  taken(value) {
    this.removed = null;
    this.hold([...readLine(this.element.value, this.closed), value]);
  }

  drop() {
    const points = readLine(this.element.value, this.closed);
    this.removed = points.pop();
    this.hold(points);
  }

  hold(points) {
    this.keep(writeLine(points, this.closed));
    const missing = pointsMissing(points.length, this.closed);
    if (missing) {
      this.refuse("widgets.line.missing", { missing });
    } else {
      this.accept();
    }
    this.back();
  }
}
