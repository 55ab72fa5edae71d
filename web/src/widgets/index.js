/** Which widgets there are: those nearly every form needs, and those fetched with a form that uses them. */
import { Choices, Quick, Sieve } from "./choices.js";
import { Faults } from "./faults.js";
import { Attachment } from "./files.js";
import { Digits, Figure } from "./number.js";
import { Photo } from "./photo.js";
import { Picker } from "./picker.js";
import { Line, Place } from "./place.js";
import { Repeats } from "./repeats.js";
import { Prose } from "./text.js";
import { Day, Hour, Moment } from "./when.js";

/** Made with every form, in this order. */
export const AT_ONCE = [
  Choices,
  Sieve,
  Quick,
  Picker,
  Day,
  Hour,
  Moment,
  Figure,
  Digits,
  Prose,
  Place,
  Line,
  Photo,
  Attachment,
  Repeats,
  Faults,
];

const drawn = ["draw", "signature", "annotate"].map((look) => `.or-appearance-${look} input[type="file"]`);

/**
 * Fetched where a form has what `selector` names.
 *
 * @type {{selector: string, load: () => Promise<unknown[]>}[]}
 */
export const ON_DEMAND = [
  {
    selector: [...drawn, "input.rank", 'input[type="number"][min][max][step]'].join(", "),
    load: () => import("./rare.js").then((part) => part.default),
  },
  {
    selector: ".or-appearance-image-map",
    load: () => import("enketo-core/src/widget/image-map/image-map").then((part) => [part.default]),
  },
  {
    selector: ".or-appearance-url",
    load: () => import("enketo-core/src/widget/url/url-widget").then((part) => [part.default]),
  },
  {
    selector: "a.or-big-image",
    load: () => import("enketo-core/src/widget/big-image/image-viewer").then((part) => [part.default]),
  },
];
