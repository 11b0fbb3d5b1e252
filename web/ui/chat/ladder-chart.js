// The chart of a stage: that of Train, drawn for another run.
/** @import {Mount, Send, ShownRun, State} from "../../state/types.js" */
import { make, one, setText, setVisible } from "../dom.js";

/** @typedef {ReturnType<typeof chartOf>} StageChart */

/** @param {Mount} mount of Train's @param {Send} send @param {string} words what is held out */
export function chartOf(mount, send, words) {
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
      make("span", { class: "key__held", "data-held": true }),
      make(
        "span",
        { class: "key__right", "data-right": true, hidden: true },
        "answered right, from none (bottom) to all (top)",
      ),
      make(
        "span",
        { class: "tools" },
        act("Stretch the start", { "data-stretch": true, "aria-pressed": "false" }),
        act("As a table", { "data-table": true, "aria-expanded": "false", hidden: true }),
      ),
    ),
    make("p", { class: "note", "data-words": true, "aria-live": "polite", hidden: true }),
  );
  const held = one(element, "[data-held]");
  /** @type {((state: State) => void)|null} */
  let drawn = null;

  /** @param {State} state @param {ShownRun|null} run */
  function update(state, run) {
    setVisible(element, Boolean(run));
    if (!run) return;
    drawn ??= mount(element, send);
    const shown = /** @type {any} */ ({ ...run, ready: true });
    drawn({
      ...state,
      run: known.get(run) ?? remember(run, shown),
      recorded: null,
      keptCurves: [],
    });
  }
  /** @type {WeakMap<ShownRun, any>} */
  const known = new WeakMap(); // the same run is the same object, or it would be drawn again
  /** @param {ShownRun} run @param {any} shown */
  function remember(run, shown) {
    known.set(run, shown);
    return shown;
  }
  return { element, update };
}
