// A sweep: which settings to try, a curve for each run as it comes, and a table with where it ended.
/** @import {Mount, Send, State, Trial, WithSweep} from "../../state/types.js" */
import { FIELDS } from "../../settings/fields.js";
import { amount, count, loss } from "../../select/format.js";
import { apart, best, calledOf, choices, suggested } from "../../settings/sweep.js";
import { dataTable } from "../data-table.js";
import { make, onPress, replaceIfChanged, setDisabled, setText, setVisible } from "../dom.js";
import { curves } from "./curves.js";

const NAMED = ["Setting to try", "Second setting to try"];
const HOW = {
  waiting: "waits",
  training: "",
  done: "",
  diverged: "diverged",
  failed: "",
  stopped: "stopped",
};

/** @type {Mount} */
export function mount(element, send) {
  const axes = [0, 1].map((at) => axisOf(at, send));
  const go = make("button", { class: "button", type: "button" });
  const told = make("span", { class: "facts", role: "status" });
  const bad = make("p", { class: "bad", role: "alert", hidden: true });
  const picture = make("div", { class: "sweep__curves" });
  const table = make("div", {
    class: "table sweep__table",
    tabindex: 0,
    role: "region",
    "aria-label": "Runs of the sweep",
  });
  const take = make("button", { class: "button", type: "button" });
  element.append(
    make("p", { class: "prose" }, ABOUT),
    ...axes.map(({ row }) => row),
    make("p", { class: "row" }, go, told),
    bad,
    picture,
    table,
    make("p", { class: "row" }, take),
  );
  /** @type {State|null} */
  let latest = null;
  onPress(go, () => latest && send({ type: ours(latest).busy ? "sweep-stop" : "sweep-start" }));
  onPress(take, () => {
    const winner = latest && best(ours(latest).trials);
    if (latest && winner) send({ type: "settings", values: apart(winner, latest.settings) });
  });

  return (state) => {
    latest = state;
    const { axes: chosen, busy, problem, trials } = ours(state);
    axes.forEach(({ update }, at) => update(state, chosen[at], busy));
    setText(go, busy ? "Stop" : "Start the sweep");
    setDisabled(go, !busy && (state.python.status !== "ready" || state.data.status !== "ready"));
    setText(told, said(trials, busy));
    setText(bad, problem);
    setVisible(bad, Boolean(problem));
    const winner = best(trials);
    for (const part of [picture, table]) setVisible(part, trials.length > 0);
    const key = JSON.stringify(trials.map(({ curve, how }) => [curve.length, how]));
    replaceIfChanged(picture, key, () => curves(trials, winner));
    const rows = trials.map((trial) => cells(trial, winner));
    replaceIfChanged(table, JSON.stringify([rows, winner && trials.indexOf(winner)]), () => [
      dataTable("Runs of the sweep", TITLES, rows.map(marked(winner && trials.indexOf(winner))), {
        hidden: true,
      }),
    ]);
    setVisible(take, Boolean(winner));
    setText(take, winner ? `Take ${calledOf(winner)}` : "");
    setDisabled(take, !winner || !Object.keys(apart(winner, state.settings)).length);
  };
}

const ABOUT =
  "The run of the settings on this page, once for each value. Each run is trained as if you had started it by itself, several at a time where there are processors, and judged by the loss on held-out data.";
const TITLES = ["Run", "Held out", "Step"];

/** @param {State} state */
const ours = (state) => /** @type {WithSweep} */ (state).sweep;

/** Which setting, and its values. @param {number} at @param {Send} send */
function axisOf(at, send) {
  const which = make("select", { class: "value", "aria-label": NAMED[at] });
  const values = make("input", { class: "value", autocomplete: "off", spellcheck: "false" });
  const label = make("label", {}, "values ", values);
  which.addEventListener("change", () => send({ type: "sweep-axis", at, name: which.value }));
  values.addEventListener("change", () =>
    send({ type: "sweep-axis", at, name: which.value, text: values.value }),
  );
  const row = make("p", { class: "row sweep__axis" }, at ? "and" : "Try", which, label);

  /** @param {State} state @param {{name: string, text: string}} axis @param {boolean} busy */
  function update({ settings }, { name, text }, busy) {
    const known = choices(settings);
    if (name && !known.some(([each]) => each === name)) known.push([name, FIELDS[name].label]);
    replaceIfChanged(which, JSON.stringify(known), () => [
      ...(at ? [make("option", { value: "" }, "nothing else")] : []),
      ...known.map(([value, words]) => make("option", { value }, words)),
    ]);
    if (which.value !== name) which.value = name;
    which.disabled = values.disabled = busy;
    setVisible(label, Boolean(name));
    const wanted = text || suggested(name, settings);
    if (values !== document.activeElement && values.value !== wanted) values.value = wanted;
    values.size = Math.max(12, values.value.length);
    values.setAttribute("aria-label", name ? `Values of ${FIELDS[name].label}` : "Values");
  }
  return { row, update };
}

/** @param {Trial[]} trials @param {boolean} busy */
function said(trials, busy) {
  if (!trials.length) return "";
  const over = trials.filter(({ how }) => !["waiting", "training"].includes(how)).length;
  return busy ? `${over} of ${amount(trials.length, "run")} done` : amount(over, "run");
}

/** @param {Trial} trial @param {Trial|null} winner */
function cells(trial, winner) {
  const { how, why, step, curve, settings } = trial;
  const last = curve.at(-1);
  const at = how === "waiting" ? "" : `${count(step)} of ${count(settings.steps)}`;
  return [
    calledOf(trial) + (trial === winner ? ", the best" : ""),
    last ? loss(last.loss) : "–",
    [HOW[how], how === "done" ? count(settings.steps) : why || at].filter(Boolean).join(", "),
  ];
}

/** The best stands out. @param {number|null} winner */
const marked = (winner) => (/** @type {string[]} */ row, /** @type {number} */ i) =>
  i === winner ? row.map((cell) => make("b", {}, cell)) : row;
