// How fast Python computes in this tab, with and without what makes it fast.
/** @import {Mount, Row, State} from "../../state/types.js" */
import { dataTable } from "../data-table.js";
import { rows } from "../../select/benchmark-rows.js";
import { byName, replaceIfChanged, setAttribute, setText, setVisible } from "../dom.js";
import { rate } from "../../select/format.js";

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [go, copy, table, note, bad] = ["go", "copy", "results", "note", "problem"].map(find);
  /** @type {State["benchmark"]|null} */
  let current = null;
  let busy = false;
  go.addEventListener("click", () => send({ type: busy ? "benchmark-stop" : "benchmark" }));
  copy.addEventListener(
    "click",
    () => current && send({ type: "copy", text: asText(current), what: "Benchmark" }),
  );

  return ({ benchmark, python, run }) => {
    current = benchmark;
    busy = benchmark.busy;
    const training = run?.status === "running";
    setText(go, busy ? "Stop" : benchmark.results.length ? "Measure again" : "Measure");
    go.disabled = !busy && (python.status !== "ready" || training);
    setVisible(copy, benchmark.results.length > 0 && !busy);
    setText(note, said(benchmark, training));
    setVisible(bad, Boolean(benchmark.problem));
    setText(bad, benchmark.problem);
    setVisible(table, benchmark.results.length > 0);
    setAttribute(table, "aria-busy", busy);
    replaceIfChanged(table, JSON.stringify(benchmark.results), () => [
      dataTable(CAPTION, TITLES, rows(benchmark).map(cells), { hidden: true }),
    ]);
  };
}

/** @param {State["benchmark"]} state @param {boolean} training */
function said({ busy, kernel, results, done }, training) {
  if (training) return "Pause the training first: the two would slow each other.";
  if (busy) return "Measuring, in turns…";
  if (!results.length) return "This takes about twenty seconds.";
  if (!done) return "Stopped early: these are the turns until then.";
  return kernel ? "Medians." : "Medians. The kernel could not be loaded here.";
}

const CAPTION = "How fast Python computes in this tab";
const TITLES = ["Work", "How", "Steps/s", "Tokens/s", "GFLOP/s", "Times numpy"];

/** @param {Row} given */
function cells({ work, way, stepsPerSecond, tokensPerSecond, gflops, times }) {
  const figures = [stepsPerSecond, tokensPerSecond, gflops, times];
  return [work, way, ...figures.map((number) => (number ? rate(number) : "–"))];
}

/** @param {State["benchmark"]} benchmark */
const asText = (benchmark) =>
  [TITLES, ...rows(benchmark).map(cells)].map((row) => row.join("\t")).join("\n");
