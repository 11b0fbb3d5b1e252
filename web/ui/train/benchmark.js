// How fast Python computes in this tab, with and without what makes it fast.
import { rows } from "../../select/benchmark-rows.js";
import { make, replaceIfChanged, setAttribute, setText, setVisible } from "../dom.js";
import { rate } from "../../select/format.js";

export function mount(element, send) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [go, copy, table, note, bad] = ["go", "copy", "results", "note", "problem"].map(find);
  let [current, busy] = [null, false];
  go.addEventListener("click", () => send({ type: busy ? "benchmark-stop" : "benchmark" }));
  copy.addEventListener("click", () =>
    send({ type: "copy", text: asText(current), what: "Benchmark" }),
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
    replaceIfChanged(table, JSON.stringify(benchmark.results), () => [drawn(rows(benchmark))]);
  };
}

function said({ busy, kernel, results, done }, training) {
  if (training) return "Pause the training first: the two would slow each other.";
  if (busy) return "Measuring, in turns…";
  if (!results.length) return "This takes about twenty seconds.";
  if (!done) return "Stopped early: these are the turns until then.";
  return kernel ? "Medians." : "Medians. The kernel could not be loaded here.";
}

const TITLES = ["Work", "How", "Steps/s", "Tokens/s", "GFLOP/s", "Times numpy"];

function cells({ work, way, stepsPerSecond, tokensPerSecond, gflops, times }) {
  const figures = [stepsPerSecond, tokensPerSecond, gflops, times];
  return [work, way, ...figures.map((number) => (number ? rate(number) : "–"))];
}

function drawn(measured) {
  const heads = TITLES.map((title) => make("th", { scope: "col" }, title));
  const row = (result) => {
    const [work, ...rest] = cells(result);
    const more = rest.map((words) => make("td", {}, words));
    return make("tr", {}, make("th", { scope: "row" }, work), ...more);
  };
  return make(
    "table",
    {},
    make("caption", { class: "vh" }, "How fast Python computes in this tab"),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...measured.map(row)),
  );
}

const asText = (benchmark) =>
  [TITLES, ...rows(benchmark).map(cells)].map((row) => row.join("\t")).join("\n");
