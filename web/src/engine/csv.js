/** Lists beside a form: comma-separated text to rows. */

const BOM = "\uFEFF";

/**
 * Reads as ODK Collect does: the first row names the columns, quotes may hold commas, quotes and line ends, a
 * head that has semicolons and no comma is separated by those.
 * @param {string} text
 * @returns {{columns: string[], rows: string[][]}} rows as long as the head; empty lines left out
 */
export function readCsv(text) {
  const plain = text.startsWith(BOM) ? text.slice(1) : text;
  const head = plain.slice(0, plain.search(/[\r\n]|$/));
  const [columns = [], ...rows] = cells(plain, head.includes(";") && !head.includes(",") ? ";" : ",");
  return {
    columns: columns.map((name) => name.trim()),
    rows: rows.map((row) => columns.map((_, place) => row[place] ?? "")),
  };
}

/** @returns {string[][]} the cells of every line that has any */
function cells(text, comma) {
  const lines = [];
  let line = [];
  let start = 0;
  while (start <= text.length) {
    const quoted = text[start] === '"';
    const [cell, end] = quoted ? quotedCell(text, start + 1) : plainCell(text, start, comma);
    line.push(cell);
    if (text[end] === comma) {
      start = end + 1;
      continue;
    }
    if (line.length > 1 || line[0] !== "" || quoted) {
      lines.push(line);
    }
    line = [];
    start = end + (text[end] === "\r" && text[end + 1] === "\n" ? 2 : 1);
  }
  return lines;
}

/** @returns {[string, number]} the cell and where what ends it stands */
function plainCell(text, start, comma) {
  let end = start;
  while (end < text.length && text[end] !== comma && text[end] !== "\n" && text[end] !== "\r") {
    end += 1;
  }
  return [text.slice(start, end), end];
}

/** The same for a cell whose opening quote has been read; what follows its closing quote is left out. */
function quotedCell(text, start) {
  let end = text.indexOf('"', start);
  while (end !== -1 && text[end + 1] === '"') {
    end = text.indexOf('"', end + 2);
  }
  const last = end === -1 ? text.length : end;
  const cell = text.slice(start, last).replaceAll('""', '"');
  const after = /[,;\r\n]|$/g;
  after.lastIndex = last + 1;
  return [cell, end === -1 ? text.length : after.exec(text).index];
}
