/** Days as dd/mm/yyyy, times by 24 hours, whatever the phone's locale; the phone's own pickers beside them. */
import { say } from "../words/index.js";
import { Base } from "./base.js";
import { readDay, slashed, writeDay } from "./date_text.js";
import { coloned, readTime, writeTime } from "./time_text.js";
import { Typed, typedField } from "./typed.js";

const same = (value) => value;

function dayReading(grain, calendar) {
  const pickers = {
    day: { type: "date", from: (value) => value.slice(0, 10), to: same },
    month: { type: "month", from: (value) => value.slice(0, 7), to: (value) => value && `${value}-01` },
  };
  return {
    read: (text) => readDay(text, grain),
    write: (value) => writeDay(value, grain),
    assist: (text, before) => slashed(text, before, grain),
    keys: "numeric",
    hint: say(`widgets.day.hint_${grain}`),
    picker: calendar && pickers[grain] && { ...pickers[grain], label: say(`widgets.day.pick_${grain}`) },
  };
}

function hourReading() {
  return {
    read: readTime,
    write: writeTime,
    assist: coloned,
    keys: "numeric",
    hint: say("widgets.hour.hint"),
    picker: { type: "time", from: writeTime, to: same, label: say("widgets.hour.pick") },
  };
}

/** A date, a month of a year, or a year. */
export class Day extends Typed {
  static get name() {
    return "Day";
  }

  static get selector() {
    return '.question input[type="date"]';
  }

  get words() {
    return "day";
  }

  reading() {
    const { appearances } = this.props;
    const grain = appearances.includes("year") ? "year" : appearances.includes("month-year") ? "month" : "day";
    return dayReading(grain, !appearances.includes("no-calendar"));
  }
}

/** A time of day. */
export class Hour extends Typed {
  static get name() {
    return "Hour";
  }

  static get selector() {
    return '.question input[type="time"]';
  }

  get words() {
    return "hour";
  }

  reading() {
    return hourReading();
  }

  update() {
    this.element.value = writeTime(this.element.value);
    super.update();
  }
}

/** A date and a time of that day: an answer only when both are there. */
export class Moment extends Base {
  static get name() {
    return "Moment";
  }

  static get selector() {
    return '.question input[type="datetime-local"]';
  }

  _init() {
    this.quietLabel();
    this.day = this.half("day", dayReading("day", true));
    this.hour = this.half("hour", hourReading());
    this.control = this.day.control;
    this.frame("moment", this.day.node, this.hour.node);
    this.halves = { day: "", hour: "" };
    this.update();
  }

  half(name, reading) {
    return typedField(reading, {
      still: this.still,
      changed: (value) => {
        this.halves[name] = value;
        this.join();
      },
      refused: (found) => {
        this.keep("");
        this.refuse(`widgets.${name}.${found.fault}`, found);
      },
    });
  }

  join() {
    const { day, hour } = this.halves;
    this.accept();
    const kept = day && hour ? `${day}T${hour}` : "";
    if (this.element.value.slice(0, 16) !== kept) {
      this.originalInputValue = kept;
    }
    // Asked for when the person has left the question: half of it is there while he goes from one to the other.
    if (Boolean(day) !== Boolean(hour) && !this.waiting) {
      this.waiting = true;
      this.box.addEventListener("focusout", (event) => this.left(event));
    }
  }

  left(event) {
    const { day, hour } = this.halves;
    if (this.box.contains(event.relatedTarget) || Boolean(day) === Boolean(hour)) {
      return;
    }
    if (!this.question.classList.contains("invalid-value")) {
      this.refuse(day ? "widgets.moment.no_hour" : "widgets.moment.no_day");
    }
  }

  update() {
    this.named(this.day.control, say("widgets.moment.day"));
    this.named(this.hour.control, say("widgets.moment.hour"));
    const kept = this.element.value;
    if (kept || !this.box.contains(document.activeElement)) {
      this.halves = { day: kept.slice(0, 10), hour: writeTime(kept) };
      this.day.show(kept);
      this.hour.show(kept);
      this.accept();
    }
  }
}

