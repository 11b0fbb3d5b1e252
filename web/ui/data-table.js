// A table that says in figures what a picture shows.
import { make } from "./dom.js";

/**
 * A table; the first cell of a row names it. Whoever shows it under a heading of its own may leave
 * the caption to those who cannot see that.
 * @param {string} caption @param {string[]} titles @param {(string|Node)[][]} rows
 * @param {{hidden?: boolean}} [captionIs]
 */
export function dataTable(caption, titles, rows, { hidden = false } = {}) {
  const heads = titles.map((title) => make("th", { scope: "col" }, title));
  const lines = rows.map(([name, ...cells]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      ...cells.map((cell) => make("td", {}, cell)),
    ),
  );
  return make(
    "table",
    {},
    make("caption", { class: hidden ? "vh" : null }, caption),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...lines),
  );
}
