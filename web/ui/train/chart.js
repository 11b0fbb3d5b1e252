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
import { count, documents } from "../../select/format.js";
import { WORDS, layOut, name } from "../../select/chart-labels.js";
import { endOf, nice, points, range, splitsOf } from "../../select/chart-points.js";
import { isLive, shownRun, unitOf } from "../../select/shown-run.js";

const EDGE = 6; // pixels around the plot, for points that stand on its edge; as in train.css

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
  /** @type {any} */
  let chart = null; // what it has made
  /** @type {{run?: ShownRun, theme?: string, stretch?: boolean, kept?: State["keptCurves"], asked?: boolean}} */
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
  // Later than the page itself: it is complete without a chart.
  document.head.append(
    make("link", {
      rel: "stylesheet",
      href: String(new URL("../../vendor/uPlot.min.css", import.meta.url)),
    }),
  );
  const library = new URL("../../vendor/uPlot.iife.min.js", import.meta.url);
  const arrived = () => {
    uPlot = /** @type {{uPlot?: unknown}} */ (globalThis).uPlot;
    queue();
  };
  document.head.append(make("script", { src: String(library), onload: arrived }));
  new ResizeObserver(() => queue()).observe(plot);
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
    const { width, height } = canvas.getBoundingClientRect();
    if (!run || !uPlot || !width) return;
    const { theme } = state.page;
    const { stretch: stretched } = state.chart;
    if (drawn.theme !== theme) {
      for (const [name, probe] of Object.entries(probes))
        colours[name] = getComputedStyle(probe).color;
    }
    const kept = compared(state);
    const asked = run.exact.length > 0;
    const other = drawn.stretch !== stretched || drawn.asked !== asked;
    if (!chart || other || drawn.kept?.length !== kept.length) {
      chart?.destroy();
      const made = options(stretched, colours, width, height, kept.length, asked);
      const first = !chart;
      chart = new uPlot(made, null, canvas); // with what it shall show, it would draw it twice
      drawn = { theme, stretch: stretched, kept: state.keptCurves, asked };
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
      if (asked) chart.setScale("share", { min: 0, max: 1 });
    });
    const first = !drawn.run;
    drawn = { run, theme, stretch: stretched, kept: state.keptCurves, asked };
    const words = () => drawn.run === run && write(run, kept, y, { width, height });
    if (first) requestAnimationFrame(words);
    else words();
  }

  /**
   * The words on the picture.
   * @param {ShownRun} run @param {ReturnType<typeof compared>} kept @param {number[]} y
   * @param {{width: number, height: number}} size
   */
  function write(run, kept, y, { width, height }) {
    /** @param {"x"|"y"|"share"} scale @returns {(value: number) => number} */
    const place = (scale) => (value) => chart.valToPos(value, scale);
    const ticks = { x: splitsOf(run, latest?.chart.stretch ?? false), y: nice(y) };
    const made = layOut(run, {
      width: width - 2 * EDGE,
      height: height - 2 * EDGE,
      x: place("x"),
      y: place("y"),
      share: drawn.asked ? place("share") : undefined,
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
 * The accent is for the trace that is being drawn.
 * @param {{status: string}} run
 */
const isDrawn = (run) => isLive(run) || run.status === "paused";

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

/** @typedef {{run?: ShownRun, scales: {y: {min: number, max: number}}}} Drawn  a chart of uPlot */

const DASHES = [[8, 5], [2, 4], []];
const WIDTHS = [1.75, 2, 1];

/**
 * What uPlot is told of the chart.
 * @param {boolean} stretched @param {{[name: string]: string}} colours
 * @param {number} width @param {number} height @param {number} kept
 * @param {boolean} asked  whether there are questions with a right answer
 */
function options(stretched, colours, width, height, kept, asked) {
  // Muted, and told apart by how they are drawn: the list below shows each with its letter.
  const muted = Array.from({ length: kept }, (_, i) => [
    {
      stroke: () => colours[i === 2 ? "ink-2" : "trace"],
      width: WIDTHS[i],
      dash: DASHES[i],
      spanGaps: true,
      points: { show: false },
    },
    {
      paths: () => null,
      points: {
        show: true,
        size: 6,
        width: 1,
        fill: () => colours.paper,
        stroke: () => colours.trace,
      },
    },
  ]).flat();
  const right = {
    scale: "share",
    stroke: () => colours["ink-2"],
    width: 1.5,
    dash: [2, 3],
    spanGaps: true,
    points: { show: true, size: 6, width: 0, fill: () => colours.ink, stroke: () => colours.ink },
  };
  /** @param {(u: Drawn) => number[]} splits @param {number} side */
  const axis = (splits, side) => ({
    side,
    size: 0,
    gap: 0,
    ticks: { show: false },
    values: () => [],
    splits,
    grid: { stroke: () => colours.line, width: 1 },
  });
  const x = stretched
    ? { time: false, distr: 100, fwd: Math.log1p, bwd: Math.expm1 }
    : { time: false };
  /** @param {Drawn} u */
  const live = (u) => (u.run && isDrawn(u.run) ? colours.accent : colours.ink);
  return {
    width: Math.round(width),
    height: Math.round(height),
    padding: [EDGE, EDGE, EDGE, EDGE],
    legend: { show: false },
    cursor: { show: false },
    pxAlign: false,
    scales: {
      x: { ...x, auto: false },
      y: { auto: false },
      ...(asked && { share: { auto: false } }),
    },
    axes: [
      axis((u) => splitsOf(u.run ?? { steps: 1 }, stretched), 2),
      axis((u) => nice([u.scales.y.min, u.scales.y.max]), 3),
    ],
    series: [
      {},
      {
        paths: () => null,
        points: {
          show: true,
          size: 2,
          width: 0,
          fill: () => colours.trace,
          stroke: () => colours.trace,
        },
      },
      { stroke: live, width: 2.5, spanGaps: true, points: { show: false } },
      {
        paths: () => null,
        points: {
          show: true,
          size: 8,
          width: 1.5,
          fill: () => colours.paper,
          stroke: () => colours.ink,
        },
      },
      ...muted,
      ...(asked ? [right] : []),
    ],
  };
}
