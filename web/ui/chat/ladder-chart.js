// The chart of a stage, and the table behind it: those of Train, drawn for another run.
/** @import {Mount, Send, ShownRun, State} from "../../state/types.js" */
import { make, setVisible } from "../dom.js";

/** @typedef {ReturnType<typeof chartOf>} StageChart */

/** @type {State["keptCurves"]} */
const NONE_KEPT = [];

/**
 * @param {{chart: {mount: Mount}, table: {mount: Mount}}} ofTrain
 * @param {Send} send @param {string} words what is held out
 */
export function chartOf({ chart, table }, send, words) {
  const act = (/** @type {string} */ words, /** @type {object} */ attributes) =>
    make("button", { class: "act", type: "button", ...attributes }, words);
  const element = make(
    "figure",
    { class: "chart rung__chart" },
    make(
      "div",
      { class: "plot" },
      make("div", { class: "plot__canvas", role: "img", "aria-label": "Loss" }),
      make("div", { class: "plot__labels" }),
      make(
        "div",
        {
          class: "plot__progress",
          role: "progressbar",
          "aria-label": "Steps done",
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          "aria-valuenow": 0,
        },
        make("i"),
      ),
    ),
    make(
      "figcaption",
      { class: "chart__key" },
      make("span", { class: "key__raw" }, "each step"),
      make("span", { class: "key__smooth", "data-span": true }),
      make("span", { class: "key__held" }, `held out: ${words}`),
      make("span", { "data-held": true, hidden: true }), // what it is in Train
      make(
        "span",
        { class: "key__right", "data-right": true, hidden: true },
        "answered right, from none (bottom) to all (top)",
      ),
      make(
        "span",
        { class: "tools" },
        act("Stretch the start", { "data-stretch": true, "aria-pressed": "false" }),
        act("As a table", { "data-table": true, "aria-expanded": "false" }),
      ),
    ),
    make("p", { class: "note", "data-words": true, "aria-live": "polite", hidden: true }),
  );
  const rows = make("div", {
    class: "table",
    tabindex: 0,
    role: "region",
    "aria-label": "Loss as a table",
    hidden: true,
  });
  let open = false; // whether the table is
  /** @type {[State, ShownRun|null]|null} */
  let latest = null;
  /** @type {((state: State) => void)[]} */
  let drawn = [];

  /** The table of each stage opens by itself. @type {Send} */
  function hear(action) {
    if (action.type !== "table") return send(action);
    open = !open;
    if (latest) update(...latest);
  }

  /** @param {State} state @param {ShownRun|null} run */
  function update(state, run) {
    latest = [state, run];
    setVisible(element, Boolean(run));
    if (!run) return setVisible(rows, false);
    if (!drawn.length) drawn = [chart.mount(element, hear), table.mount(rows, hear)];
    const shown = {
      ...state,
      run: known.get(run) ?? remember(run, /** @type {any} */ ({ ...run, ready: true })),
      recorded: null,
      keptCurves: NONE_KEPT,
      chart: { ...state.chart, table: open },
    };
    for (const draw of drawn) draw(shown);
  }
  /** @type {WeakMap<ShownRun, any>} */
  const known = new WeakMap(); // the same run is the same object, or it would be drawn again
  /** @param {ShownRun} run @param {any} shown */
  function remember(run, shown) {
    known.set(run, shown);
    return shown;
  }
  return { element: make("div", {}, element, rows), update };
}
