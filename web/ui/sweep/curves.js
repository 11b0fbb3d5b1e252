// The held-out losses of the runs of a sweep, step by step: a line each, the best in the accent.
/** @import {Trial} from "../../state/types.js" */
import { amount, count, loss } from "../../select/format.js";
import { valuesIn } from "../../settings/sweep.js";
import { make } from "../dom.js";

const [WIDTH, HEIGHT] = [600, 220]; // units of the picture, which is stretched
const APART = 8; // percent of the height between two labels
const SVG = "http://www.w3.org/2000/svg";

/** @param {Trial[]} trials @param {Trial|null} winner @returns {Node[]} */
export function curves(trials, winner) {
  const drawn = trials.filter(({ curve }) => curve.length > 0);
  const losses = drawn.flatMap(({ curve }) => curve.map((point) => point.loss));
  const low = Math.min(...losses);
  const high = mostOf(drawn);
  const last = Math.max(1, ...trials.map(({ settings }) => settings.steps));
  /** @param {number} value */
  const part = (value) => (high - Math.min(value, high)) / (high - low || 1);
  const lines = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `Held-out loss of ${amount(drawn.length, "run")} by step; the table has the figures`,
  });
  // The best is drawn last, over the others.
  const ordered = [...drawn].sort((a, b) => Number(a === winner) - Number(b === winner));
  for (const trial of ordered) {
    const points = trial.curve.map(
      (point) => `${(point.step / last) * WIDTH},${part(point.loss) * HEIGHT}`,
    );
    const kind = trial === winner ? "sweep__line sweep__line--best" : "sweep__line";
    lines.append(svg("polyline", { points: points.join(" "), class: kind }));
  }
  const labels = spread(
    drawn.map((trial) => ({ trial, top: part(trial.curve.at(-1)?.loss ?? high) * 100 })),
  ).map(({ trial, top }) =>
    at(
      "sweep__label",
      { top },
      trial === winner ? make("b", {}, valuesIn(trial)) : valuesIn(trial),
    ),
  );
  const ticks = drawn.length
    ? [at("sweep__y", { top: 0 }, loss(high)), at("sweep__y", { top: 100 }, loss(low))]
    : [];
  const steps = make(
    "p",
    { class: "sweep__x" },
    make("span", {}, "step 0"),
    make("span", {}, count(last)),
  );
  return [make("div", { class: "sweep__plot" }, lines, ...ticks, ...labels), steps];
}

/** What is far above the first losses is cut off. @param {Trial[]} drawn */
function mostOf(drawn) {
  const firsts = drawn.map(({ curve }) => curve[0].loss).sort((a, b) => a - b);
  return firsts[firsts.length >> 1] ?? 1;
}

/**
 * Labels that would lie on each other move down, and up again where there is no room.
 * @template {{top: number}} Label
 * @param {Label[]} labels
 */
export function spread(labels) {
  const sorted = [...labels].sort((a, b) => a.top - b.top);
  const room = Math.min(APART, 100 / Math.max(1, sorted.length - 1));
  let least = -Infinity;
  const down = sorted.map((label) => ({
    ...label,
    top: (least = Math.max(label.top, least + room)),
  }));
  let most = 100;
  for (const label of down.reverse()) {
    label.top = Math.min(label.top, most);
    most = label.top - room;
  }
  return down.reverse();
}

/** @param {string} kind @param {{top: number}} place @param {Node|string} words */
function at(kind, { top }, words) {
  const element = make("span", { class: kind }, words);
  element.style.top = `${top}%`;
  return element;
}

/** @param {string} tag @param {{[name: string]: string}} attributes */
function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
