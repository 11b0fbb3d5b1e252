// What heads do, by two stated scores: looking at the token before, and at what followed last time.
/** @import {Send, State, WithIntervene} from "../../state/types.js" */
import { headRows } from "../../select/inside/intervene.js";
import { percent } from "../../select/format.js";
import { make, replaceIfChanged, setText } from "../dom.js";
import { progress } from "./pieces.js";

/** @param {Send} send */
export function headScores(send) {
  const wait = progress(() => send({ type: "intervene-stop" }));
  const table = make("table", { class: "lens" });
  const even = make("p", { class: "prose" });
  const element = make(
    "div",
    {},
    make("h3", {}, "What the heads do"),
    make(
      "p",
      { class: "prose" },
      "Measured on 16 texts of random letters that come twice, A B C … A B C …: how much of its attention a head gives to the letter before, and, the second time, to the letter that followed this one the first time. The second kind, an induction head, is how a model repeats what it has read. A head gets such a name if it gives at least half of its attention that way.",
    ),
    make(
      "div",
      {
        class: "table parts-table",
        tabindex: 0,
        role: "region",
        "aria-label": "Scores of the heads",
      },
      table,
    ),
    even,
    wait.element,
  );
  /** @param {State} state */
  function update(state) {
    const { answer, id } = /** @type {WithIntervene} */ (state).intervene.looks.heads;
    wait.update(id !== null, answer?.share ?? 0);
    if (!answer) return;
    replaceIfChanged(table, JSON.stringify(answer), () => drawn(headRows(answer)));
    const { previous, induction } = answer.even;
    setText(
      even,
      `A head that looks everywhere equally would have ${percent(previous)}% and ${percent(induction)}%.`,
    );
  }
  return { element, update };
}

/** @param {ReturnType<typeof headRows>} rows */
function drawn(rows) {
  /** @param {string} words */
  const head = (words) => make("th", { scope: "col" }, words);
  /** @param {number} share */
  const cell = (share) => {
    const made = make("td", {}, `${percent(share)}%`);
    made.style.setProperty("--v", `${Math.round(100 * share)}%`);
    return made;
  };
  return [
    make("caption", { class: "vh" }, "Two scores of every head, in percent of its attention"),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("td"),
        head("to the one before"),
        head("to what followed"),
        head("it is"),
      ),
    ),
    make(
      "tbody",
      {},
      ...rows.map(({ name, previous, induction, called }) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, name),
          cell(previous),
          cell(induction),
          make("td", { class: "lens__words" }, called),
        ),
      ),
    ),
  ];
}
