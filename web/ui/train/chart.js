// The loss, drawn by uPlot on a canvas; its words stand beside it as text of the page.
/** @import {Label, Mount, ShownRun, State} from "../../state/types.js" */
import { compared } from "../../select/kept-curves.js";
import {
  all,
  bySelector,
  make,
  replaceIfChanged,
  setAttribute,
  setText,
  setVisible,
  targetOf,
} from "../dom.js";
import { EDGE, options } from "../chart-options.js";
import { stillChart } from "../still-chart.js";
import { count, documents } from "../../select/format.js";
import { WORDS, layOut, name } from "../../select/chart-labels.js";
import { endOf, nice, points, range, scale, splitsOf } from "../../select/chart-points.js";
import { isDrawn, shownRun, unitOf } from "../../select/shown-run.js";

/** @type {Mount} */
export function mount(element, send) {
  const find = bySelector(element);
  const [plot, canvas, labels, progress] = [
    ".plot",
    ".plot__canvas",
    ".plot__labels",
    ".plot__progress",
  ].map(find);
  const [span, held, right, stretch, table, note] = [
    "[data-span]",
    "[data-held]",
    "[data-right]",
    "[data-stretch]",
    "[data-table]",
    "[data-words]",
  ].map(find);
  const key = find("figcaption");
  const bare = make(
    "p",
    { class: "prose", hidden: true },
    "This model came without its history, so there is no loss to draw. See below what it can do.",
  );
  element.append(bare);
  const probes = Object.fromEntries(
    ["line", "trace", "ink", "ink-2", "accent", "paper"].map((name) => [
      name,
      make("span", { class: `probe probe--${name}` }),
    ]),
  );
  plot.append(...Object.values(probes));
  /** @type {{[name: string]: string}} */
  const colours = {};
  /** @type {any} */
  let uPlot = null; // the library, once it has arrived
  let asked = false; // for the library
  /** @type {any} */
  let chart = null; // what it has made
  /** @type {{run?: ShownRun, theme?: string, stretch?: boolean, kept?: State["keptCurves"], shares?: boolean}} */
  let drawn = {};
  let queued = false;
  let seen = false; // whether the picture is on the screen
  /** @type {State|null} */
  let latest = null;
  let told = ""; // the term that is explained

  stretch.addEventListener("click", () => send({ type: "stretch" }));
  table.addEventListener("click", () => send({ type: "table" }));
  labels.addEventListener("click", (event) => {
    const { term } = targetOf(event).dataset;
    if (!term) return;
    told = told === term ? "" : term;
    explain();
  });
  element.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    told = "";
    explain();
  });
  /** The still picture needs no library, so it comes with the first run. */
  function fetchLibrary() {
    if (asked) return;
    asked = true;
    const style = String(new URL("../../vendor/uPlot.min.css", import.meta.url));
    const src = String(new URL("../../vendor/uPlot.iife.min.js", import.meta.url));
    const onload = () => {
      uPlot = /** @type {{uPlot?: unknown}} */ (globalThis).uPlot;
      queue();
    };
    document.head.append(make("link", { rel: "stylesheet", href: style }));
    document.head.append(make("script", { src, onload }));
  }
  let size = { width: 0, height: 0 }; // as it was laid out: to ask for it may lay out the page again
  new ResizeObserver(([{ contentRect }]) => {
    size = contentRect;
    queue();
  }).observe(canvas);
  // The first drawing takes a phone a tenth of a second: not before it is looked at.
  new IntersectionObserver(([{ isIntersecting }]) => {
    seen = isIntersecting;
    queue();
  }).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn = {};
    queue();
  });

  function queue() {
    if (queued || !latest || !(seen || chart)) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      if (latest) draw(latest);
    });
  }

  function explain() {
    for (const button of all(labels, "[data-term]"))
      setAttribute(button, "aria-expanded", button.dataset.term === told);
    setVisible(note, Boolean(told));
    setText(note, told ? WORDS[told](unitOf(latest && shownRun(latest))) : "");
  }

  /** @param {State} state */
  function draw(state) {
    const run = shownRun(state);
    const { width, height } = size;
    if (!run || !width) return;
    if (isStill(state, run)) return drawStill(run);
    fetchLibrary();
    if (!uPlot) return;
    const { theme } = state.page;
    const { stretch: stretched } = state.chart;
    if (drawn.theme !== theme || !colours.ink) {
      for (const [name, probe] of Object.entries(probes))
        colours[name] = getComputedStyle(probe).color;
    }
    const kept = compared(state);
    const shares = run.exact.length > 0;
    const other = drawn.stretch !== stretched || drawn.shares !== shares;
    if (!chart || other || drawn.kept?.length !== kept.length) {
      chart?.destroy();
      canvas.replaceChildren(); // of a still picture
      const made = options(stretched, colours, width, height, kept.length, shares);
      const first = !chart;
      chart = new uPlot(made, null, canvas); // with what it shall show, it would draw it twice
      drawn = { theme, stretch: stretched, kept: state.keptCurves, shares };
      if (first) return queue(); // the first picture takes long, so it gets several frames
    }
    chart.run = run;
    if (chart.width !== Math.round(width) || chart.height !== Math.round(height))
      chart.setSize({ width: Math.round(width), height: Math.round(height) });
    const y = range(run, kept);
    chart.batch(() => {
      chart.setData(points(run, kept, width), false);
      chart.setScale("x", { min: 0, max: Math.max(1, run.steps) });
      chart.setScale("y", { min: y[0], max: y[1] });
      if (shares) chart.setScale("share", { min: 0, max: 1 });
    });
    const first = !drawn.run;
    drawn = { run, theme, stretch: stretched, kept: state.keptCurves, shares };
    /** @param {"x"|"y"|"share"} scale @returns {(value: number) => number} */
    const place = (scale) => (value) => chart.valToPos(value, scale);
    const share = shares ? place("share") : undefined;
    const places = { x: place("x"), y: place("y"), share };
    const words = () => drawn.run === run && write(run, kept, y, { width, height, ...places });
    if (first) requestAnimationFrame(words);
    else words();
  }

  /**
   * In a task of its own, and its words in the next frame.
   * @param {ShownRun} run
   */
  function drawStill(run) {
    const { width, height } = size;
    const y = range(run, []);
    const [wide, tall] = [width - 2 * EDGE, height - 2 * EDGE];
    chart?.destroy();
    chart = null;
    setTimeout(() => {
      if (drawn.run === run && !chart)
        canvas.replaceChildren(stillChart(run, y, { width, height, edge: EDGE }));
    });
    const x = scale([0, Math.max(1, run.steps)], wide);
    drawn = { run, theme: latest?.page.theme, stretch: false, kept: latest?.keptCurves };
    const places = { x, y: scale([y[1], y[0]], tall) };
    requestAnimationFrame(() => {
      if (drawn.run === run && !chart) write(run, [], y, { width, height, ...places });
    });
  }

  /** @typedef {(value: number) => number} Place */

  /**
   * The words on the picture.
   * @param {ShownRun} run @param {ReturnType<typeof compared>} kept @param {number[]} y
   * @param {{width: number, height: number, x: Place, y: Place, share?: Place}} size  and places
   */
  function write(run, kept, y, { width, height, ...places }) {
    const ticks = { x: splitsOf(run, latest?.chart.stretch ?? false), y: nice(y) };
    const made = layOut(run, {
      width: width - 2 * EDGE,
      height: height - 2 * EDGE,
      ...places,
      ticks,
      kept: kept.flatMap((curve) => endOf(curve, run.steps)),
    });
    replaceIfChanged(labels, JSON.stringify(made), () => made.map(label));
    explain();
  }

  return (state) => {
    const run = shownRun(state);
    if (!run) return;
    const drawable = run.curve.seen > 0 || run.evaluations.length > 0 || Boolean(run.canTrain);
    setVisible(plot, drawable);
    setVisible(key, drawable);
    setVisible(bare, !drawable);
    latest = state;
    if (
      run !== drawn.run ||
      state.keptCurves !== drawn.kept ||
      state.chart.stretch !== drawn.stretch ||
      state.page.theme !== drawn.theme
    )
      queue();
    setAttribute(
      element,
      "class",
      run.recorded ? "chart chart--recorded" : isDrawn(run) ? "chart chart--live" : "chart",
    );
    const done = Math.min(100, (100 * run.step) / Math.max(1, run.steps));
    progress.firstElementChild.style.setProperty("--done", `${done}%`);
    setAttribute(progress, "aria-valuenow", Math.floor(done));
    setText(span, `smoothed over ${run.curve.span} steps`);
    setText(
      held,
      run.heldOut > 1
        ? `held out: ${count(run.heldOut)} ${documents({ name: run.dataName, split: state.data.split })} it never trains on`
        : "held out: the end of the text, which it never trains on",
    );
    setVisible(right, run.exact.length > 0);
    setAttribute(stretch, "aria-pressed", state.chart.stretch);
    setAttribute(table, "aria-expanded", state.chart.table);
    setAttribute(canvas, "aria-label", name(run));
  };
}

/**
 * The recorded run as it comes, as long as nothing else has been drawn.
 * @param {State} state @param {ShownRun} run
 */
const isStill = (state, run) =>
  Boolean(run.recorded) && !state.chart.stretch && !compared(state).length && !run.exact.length;

/**
 * A label as an element; where it stands is set as a property, because the policy forbids style attributes.
 * @param {Label} given
 */
function label({ kind, left, top, words = [], term }) {
  const parts = words.map((part) => (Array.isArray(part) ? make("b", {}, part[0]) : part));
  const element = make("span", { class: kind }, ...parts);
  if (term)
    element.append(
      make(
        "button",
        { class: "term", type: "button", "data-term": term, "aria-expanded": "false" },
        term,
      ),
    );
  if (left !== undefined) element.style.left = `${left}px`;
  if (top !== undefined) element.style.top = `${top}px`;
  return element;
}
