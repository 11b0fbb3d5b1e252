// The logit lens: what the model would say if the line ended before its layers, and after each.
/** @import {State, WithIntervene} from "../../state/types.js" */
import { lensRows } from "../../select/inside/intervene.js";
import { make, replaceIfChanged } from "../dom.js";

export function logitLens() {
  const table = make("table", { class: "lens lens--guesses" });
  const element = make(
    "div",
    {},
    make("h3", {}, "Early guesses"),
    make(
      "p",
      { class: "prose" },
      "The line of the last letter, read as if it ended there: layer after layer the guess takes shape. (This is called the logit lens.)",
    ),
    make(
      "div",
      { class: "table parts-table", tabindex: 0, role: "region", "aria-label": "Guesses by layer" },
      table,
    ),
  );
  /** @param {State} state */
  function update(state) {
    const { answer } = /** @type {WithIntervene} */ (state).intervene.looks.lens;
    if (answer) replaceIfChanged(table, JSON.stringify(answer), () => drawn(lensRows(answer)));
  }
  return { element, update };
}

/** @param {ReturnType<typeof lensRows>} rows */
function drawn(rows) {
  const places = ["best", "second", "third", "fourth", "fifth"].slice(0, rows[0].guesses.length);
  const heads = places.map((place) => make("th", { scope: "col" }, place));
  return [
    make("caption", { class: "vh" }, "The likeliest next letters, before and after each layer"),
    make("thead", {}, make("tr", {}, make("td"), ...heads)),
    make(
      "tbody",
      {},
      ...rows.map(({ name, guesses }) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, name),
          ...guesses.map(({ text, p, share }) => {
            const cell = make("td", {}, make("b", {}, text), ` ${share}%`);
            cell.style.setProperty("--v", `${Math.round(100 * p)}%`);
            return cell;
          }),
        ),
      ),
    ),
  ];
}
