/**
 * Points on Earth: how good a fix is, in words; as the form keeps them; as a person types them. Pure.
 *
 * Source: https://getodk.github.io/xforms-spec/#data-type:geopoint
 */

/** Metres: the search stops by itself at a fix as good as this, if the form names no other. */
export const GOOD_METRES = 10;

const FAIR_METRES = 30;
const POOR_METRES = 100;

/**
 * A fix in plain judgement.
 *
 * @param {number} metres radius of the error
 * @param {number} good the form's own threshold in metres
 * @returns {"good" | "fair" | "poor" | "useless"}
 */
export function judged(metres, good = GOOD_METRES) {
  if (metres <= good) {
    return "good";
  }
  if (metres <= Math.max(FAIR_METRES, good)) {
    return "fair";
  }
  return metres <= POOR_METRES ? "poor" : "useless";
}

/**
 * The threshold a form names, in metres.
 *
 * @param {string | undefined} asked the attribute's text
 * @returns {number} `GOOD_METRES` where it names none; a threshold of 0 (never by itself) stays 0
 */
export function threshold(asked) {
  const metres = Number(asked);
  return asked === undefined || asked === "" || !Number.isFinite(metres) || metres < 0 ? GOOD_METRES : metres;
}

const short = (number, digits) => String(Number(number.toFixed(digits)));

/**
 * A fix as the form keeps it.
 *
 * @param {{latitude: number, longitude: number, altitude?: number | null, accuracy?: number}} fix
 * @returns {string} "latitude longitude altitude accuracy"; without an accuracy (typed by hand) the first two only
 */
export function writePoint({ latitude, longitude, altitude, accuracy }) {
  const where = `${short(latitude, 7)} ${short(longitude, 7)}`;
  return accuracy === undefined ? where : `${where} ${short(altitude ?? 0, 1)} ${short(accuracy, 1)}`;
}

/**
 * A kept point.
 *
 * @param {string} value
 * @returns {{latitude: number, longitude: number, altitude?: number, accuracy?: number} | null}
 */
export function readPoint(value) {
  const numbers = value.trim().split(/\s+/).map(Number);
  if (numbers.length < 2 || numbers.some((number) => !Number.isFinite(number))) {
    return null;
  }
  const [latitude, longitude, altitude, accuracy] = numbers;
  return { latitude, longitude, altitude, accuracy };
}

/**
 * The points of a kept line or area.
 *
 * @param {string} value points divided by ";"
 * @param {boolean} closed an area: its last point repeats the first and is left out
 * @returns {string[]}
 */
export function readLine(value, closed) {
  const points = value
    .split(";")
    .map((point) => point.trim())
    .filter(Boolean);
  const shut = closed && points.length > 3 && points[0] === points[points.length - 1];
  return shut ? points.slice(0, -1) : points;
}

/**
 * A line or area as the form keeps it, even while it has too few points: a draft loses none.
 *
 * @param {string[]} points
 * @param {boolean} closed an area of three points or more ends where it began
 * @returns {string}
 */
export function writeLine(points, closed) {
  return (closed && points.length >= 3 ? [...points, points[0]] : points).join(";");
}

/**
 * How many more points a line (2) or an area (3) needs.
 *
 * @param {number} count
 * @param {boolean} closed
 * @returns {number} 0 when there are enough, or none at all (no answer)
 */
export function pointsMissing(count, closed) {
  return count === 0 ? 0 : Math.max(0, (closed ? 3 : 2) - count);
}

/**
 * Coordinates as a person types or pastes them.
 *
 * @param {string} north "21.0285", "21,0285", or both numbers at once: "21.0285, 105.8542"
 * @param {string} east empty where both stand in the first
 * @returns {{value: string, odd?: boolean} | {fault: "partial" | "letters" | "swapped" | "off_earth"}}
 *   odd: on Earth, but not in Việt Nam
 */
export function readCoordinates(north, east) {
  const pair = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(north);
  const texts = !east.trim() && pair ? [pair[1], pair[2]] : [north, east];
  const [first, second] = texts.map((text) => text.trim().replace(",", ".").replace(/°$/, ""));
  if (!first || !second) {
    return { fault: "partial" };
  }
  const latitude = Number(first);
  const longitude = Number(second);
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) {
    return { fault: "letters" };
  }
  if (inVietnam(longitude, latitude)) {
    return { fault: "swapped" };
  }
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
    return { fault: "off_earth" };
  }
  return { value: writePoint({ latitude, longitude }), odd: !inVietnam(latitude, longitude) };
}

function inVietnam(latitude, longitude) {
  return latitude >= 6 && latitude <= 24 && longitude >= 102 && longitude <= 118;
}

/**
 * A point for eyes: five digits behind the comma are a metre.
 *
 * @param {{latitude: number, longitude: number}} point
 * @returns {string} "21,02850; 105,85420"
 */
export function shownPoint({ latitude, longitude }) {
  const shown = (number) => number.toFixed(5).replace(".", ",");
  return `${shown(latitude)}; ${shown(longitude)}`;
}
