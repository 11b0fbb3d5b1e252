// What the model can do, counted: a table that fills row by row.
/** @import {Mount, WithChat} from "../../state/types.js" */
/** @import {JudgeRow} from "../../state/chat-types.js" */
import { dataTable } from "../data-table.js";
import { make, onPress, replaceIfChanged, setDisabled, setText, setVisible } from "../dom.js";

const WORDS =
  "Questions that it has never been asked, 24 of each kind. It gives its likeliest answer, and the " +
  "number in it, or the whole of it, is compared with the right one. Sums are asked twice: with the " +
  "calculator and without it. On 24 stories it is measured how much each byte surprises it: a model that " +
  "was taught to answer is worse at continuing a text. In a terminal the command evaluate asks the " +
  "same.";

/** @type {Mount} */
export function mount(element, send) {
  const button = make("button", { class: "button", type: "button" }, "Ask them");
  const problem = make("p", { class: "bad", role: "alert", hidden: true });
  const table = make("div", {
    class: "table",
    tabindex: 0,
    role: "region",
    "aria-label": "Right answers",
    hidden: true,
  });
  element.append(
    make("h2", {}, "What it can do"),
    make("p", { class: "prose" }, WORDS),
    make("p", { class: "row" }, button),
    problem,
    table,
  );
  let busy = false;
  onPress(button, () => send({ type: busy ? "chat-judge-stop" : "chat-judge" }));
  return (state) => {
    const { judge, model } = /** @type {WithChat} */ (state).chat;
    busy = judge.id !== null;
    setText(button, busy ? "Stop" : judge.rows.length ? "Ask them again" : "Ask them");
    setDisabled(button, model.status !== "ready");
    setVisible(problem, Boolean(judge.problem));
    setText(problem, judge.problem);
    setVisible(table, judge.rows.length > 0);
    replaceIfChanged(table, JSON.stringify([judge.rows, busy]), () => [
      dataTable(
        "Right answers",
        ["Questions", "Right"],
        judge.rows.map((row) => [
          row.tools ? row.name : `${row.name}, without the calculator`,
          resultOf(row, busy),
        ]),
        { hidden: true },
      ),
    ]);
  };
}

/** @param {JudgeRow} row @param {boolean} busy */
function resultOf({ right, tries, of, bits }, busy) {
  if (tries < of) return busy ? `${tries} of ${of} asked` : "stopped";
  return typeof bits === "number" ? `${bits.toFixed(2)} bits a byte` : `${right} of ${of}`;
}
