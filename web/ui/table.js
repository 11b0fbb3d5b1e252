// The chart as a table: the same numbers for whoever reads rather than looks.
import { fill, make, show } from "../dom.js";
import { count } from "../format.js";
import { story } from "../story.js";

const MOST_ROWS = 200;

export function mount(element) {
  return (state) => {
    const { table } = state.chart;
    show(element, table);
    if (!table) return;
    const run = story(state);
    if (!run) return;
    const last = run.evaluations.at(-1);
    fill(element, `${run.id} ${run.evaluations.length} ${last?.step} ${last?.loss}`, () => [drawn(run)]);
  };
}

function drawn({ curve, evaluations, uniformLoss, bigramLoss, steps }) {
  const every = Math.ceil(evaluations.length / MOST_ROWS);
  const rows = evaluations.filter((_, i) => i % every === 0 || i === evaluations.length - 1);
  const points = rows.length ? rows : curve.steps.map((step) => ({ step, loss: null })).filter((_, i) => i % Math.ceil(curve.steps.length / 20) === 0);
  const head = make("thead", {}, make("tr", {}, ...["Step", "Smoothed", "Held out"].map((title) => make("th", { scope: "col" }, title))));
  const body = make("tbody", {}, ...points.map(({ step, loss }) =>
    make("tr", {}, make("th", { scope: "row" }, count(step)), make("td", {}, figure(smoothAt(curve, step))), make("td", {}, figure(loss)))));
  const lines = [`guessing is ${uniformLoss.toFixed(3)}`, bigramLoss ? `counting letter pairs ${bigramLoss.toFixed(3)}` : ""].filter(Boolean);
  return make("table", {}, make("caption", {}, `Loss over ${count(steps)} steps; ${lines.join(", ")}`), head, body);
}

const figure = (number) => (number === null || number === undefined ? "–" : number.toFixed(3));

function smoothAt(curve, step) {
  let found = null;
  for (let i = 0; i < curve.steps.length && curve.steps[i] <= step; i += 1) found = curve.smooth[i];
  return found;
}
