// The chart as a table: the same numbers for whoever reads rather than looks.
/** @import {KeptCurve, Mount, ShownRun} from "../../state/types.js" */
import { compared } from "../../select/kept-curves.js";
import { dataTable } from "../data-table.js";
import { replaceIfChanged, setVisible } from "../dom.js";
import { count, percent } from "../../select/format.js";
import { shownRun, unitOf } from "../../select/shown-run.js";

const MOST_ROWS = 200;

/** @type {Mount} */
export function mount(element) {
  return (state) => {
    const { table } = state.chart;
    setVisible(element, table);
    if (!table) return;
    const run = shownRun(state);
    if (!run) return;
    const last = run.evaluations.at(-1);
    const kept = compared(state);
    const others = kept.map(({ key, label }) => `${key} ${label}`).join();
    replaceIfChanged(
      element,
      `${run.id} ${run.evaluations.length} ${run.exact.length} ${last?.step} ${last?.loss} ${others}`,
      () => [drawn(run, kept)],
    );
  };
}

/** @param {ShownRun} run @param {KeptCurve[]} kept */
function drawn(run, kept) {
  const { curve, uniformLoss, bigramLoss, steps } = run;
  const runs = [run, ...kept.map((other) => other.run)];
  const losses = runs.map(({ evaluations }) => new Map(evaluations.map((e) => [e.step, e.loss])));
  const all = [...new Set(losses.flatMap((of) => [...of.keys()]))].sort((a, b) => a - b);
  /** @param {number[]} list @param {number} most */
  const thin = (list, most) =>
    list.filter((_, i) => i % Math.ceil(list.length / most) === 0 || i === list.length - 1);
  const points = all.length ? thin(all, MOST_ROWS) : thin(curve.steps, 20);
  const titles = ["", ...kept.map(({ letter }) => `${letter} `)].flatMap((whose) =>
    whose ? [`${whose}smoothed`, `${whose}held out`] : ["Smoothed", "Held out"],
  );
  const right = new Map(run.exact.map((e) => [e.step, `${percent(e.right / e.tries)}%`]));
  if (right.size) titles.push("Right");
  const rows = points.map((step) => [
    count(step),
    ...runs.flatMap((other, i) => [smoothAt(other, step), losses[i].get(step)]).map(figure),
    ...(right.size ? [right.get(step) ?? "–"] : []),
  ]);
  const lines = [
    `guessing is ${uniformLoss.toFixed(3)}`,
    bigramLoss ? `counting ${unitOf(run)} pairs ${bigramLoss.toFixed(3)}` : "",
  ].filter(Boolean);
  const caption = `Loss over ${count(steps)} steps; ${lines.join(", ")}`;
  return dataTable(caption, ["Step", ...titles], rows);
}

/** @param {number|null|undefined} number */
const figure = (number) => (number === null || number === undefined ? "–" : number.toFixed(3));

/** @param {ShownRun} run @param {number} step */
function smoothAt({ curve, step: last }, step) {
  if (step > last) return null; // it had ended by then
  let found = null;
  for (let i = 0; i < curve.steps.length && curve.steps[i] <= step; i += 1) found = curve.smooth[i];
  return found;
}
