// The next token's bars, now and before, side by side; for See and intervene.
/** @import {Changed} from "../../state/types.js" */
import { aboutChange, changedRows } from "../../select/inside/intervene.js";
import { make, replaceIfChanged, setText } from "../dom.js";

/** A table of bars, and a sentence about `how` they have changed; `update(answer, how, unit)`. */
export function nextBars() {
  const title = make("h3", {});
  const table = make("table", { class: "changed" });
  const rest = make("p", { class: "changed__rest" });
  const told = make("p", { class: "prose", "data-told": true });
  const voice = make("p", { class: "vh", "aria-live": "polite" });
  /** @type {string|null} */
  let spoken = null; // what the sentence was about when it was said last
  /** @param {Changed} answer @param {string} how @param {string} unit */
  function update(answer, how, unit) {
    setText(title, `Next ${unit}, now and before`);
    setText(told, aboutChange(answer, how));
    // It is said where the reader has switched or patched here, and not as the model learns.
    const here = told.closest("section")?.contains(document.activeElement);
    if (here && spoken !== null && how !== spoken) setText(voice, aboutChange(answer, how));
    spoken = how;
    const rows = changedRows(answer);
    replaceIfChanged(table, JSON.stringify([rows, unit]), () => drawn(rows, unit));
    const { others, othersAfter } = answer;
    const share = `${(100 * Math.max(0, othersAfter)).toFixed(othersAfter < 0.1 ? 1 : 0)}%`;
    setText(rest, others ? `${others} more share ${share}. Hollow: before.` : "Hollow: before.");
  }
  return { all: [title, table, rest, told, voice], update };
}

/** @param {ReturnType<typeof changedRows>} rows @param {string} unit */
function drawn(rows, unit) {
  /** @param {string} words */
  const head = (words) => make("th", { scope: "col" }, words);
  return [
    make("caption", { class: "vh" }, `Chances of the next ${unit}, now and before, in percent`),
    make("thead", {}, make("tr", {}, head(unit), make("td"), head("now"), head("before"))),
    make(
      "tbody",
      {},
      ...rows.map((row) => {
        const [now, was] = [make("i"), make("u")];
        now.style.setProperty("--p", String(row.afterWidth));
        was.style.setProperty("--p", String(row.beforeWidth));
        return make(
          "tr",
          {},
          make("th", { scope: "row" }, row.token),
          make("td", {}, make("span", { class: "changed__track" }, now, was)),
          make("td", {}, make("b", {}, `${row.after}%`)),
          make("td", {}, `${row.before}%`),
        );
      }),
    ),
  ];
}
