// Where the words of the chart stand, so that none covers another.
/** @import {Label, Picture, ShownRun} from "../state/types.js" */
import { count, loss, percent, steps as inSteps } from "./format.js";
import { isLive, unitOf } from "./shown-run.js";

const GAP = 20; // pixels from one line of words to the next
const NARROW = 480; // pixels of a picture that has no room beside it
const END = 110; // pixels that the words at the end of a curve take
const WIDE = 7.5; // pixels of a letter in the widest of the usual fonts
const HIGH = 23; // pixels of a line of words

/** @param {ShownRun} run @param {Picture} given1 */
export function layOut(run, { width, height, x, y, share, ticks, kept = [] }) {
  /** @type {Label[]} */
  const labels = [];
  /** @param {number} value */
  const at = (value) => Math.max(0, Math.round(y(value) * 10) / 10); // no higher than the picture
  const { uniformLoss, bigramLoss, evaluations, curve, step, steps, beat } = run;
  const left = Math.min(width, Math.round(x(step)));
  const atEnd = left > width - 4;

  labels.push({ kind: "plot__guess", top: at(uniformLoss) });
  if (bigramLoss !== null) labels.push({ kind: "plot__bigram", top: at(bigramLoss) });
  for (const tick of ticks.y)
    labels.push({
      kind: "plot__y",
      top: at(tick),
      words: [String(Number.isInteger(tick * 10) ? tick.toFixed(1) : tick)],
    });
  ticks.x.forEach((tick, i) => {
    const last =
      i === ticks.x.length - 1
        ? " plot__x--last"
        : i === ticks.x.length - 2
          ? " plot__x--late"
          : "";
    labels.push({
      kind: `plot__x${last}`,
      left: Math.round(x(tick)),
      words: [i ? count(tick) : "step 0"],
    });
  });

  const lines = [
    {
      kind: "plot__line",
      top: at(uniformLoss),
      words: [[loss(uniformLoss)], " "],
      term: "guessing",
    },
  ];
  if (bigramLoss !== null)
    lines.push({
      kind: "plot__line",
      top: at(bigramLoss),
      words: [[loss(bigramLoss)], " "],
      term: "bigram",
    });
  const ends = [];
  if (curve.now !== null)
    ends.push({
      kind: "plot__end",
      left,
      top: at(curve.now),
      words: [[loss(curve.now)], " smoothed"],
    });
  const last = evaluations.at(-1);
  if (last)
    ends.push({
      kind: "plot__end",
      left,
      top: at(last.loss),
      words: [[loss(last.loss)], " held out"],
    });
  const asked = run.exact.at(-1);
  if (asked && share) {
    const top = Math.round(share(asked.right / asked.tries));
    const words = [[`${percent(asked.right / asked.tries)}%`], " right"];
    ends.push({ kind: "plot__end", left, top, words });
  }
  // On a phone the names of the lines stand in the picture, where the ends of the curves may be, too.
  const meet = atEnd || (width < NARROW && left > width - 2 * END);
  const groups = meet ? [[...lines, ...ends]] : [lines, ends];
  // Before the end the words stand in the picture, and near the right edge to the left of their point.
  const place = atEnd ? " plot__end--last" : left > width - END ? " plot__end--before" : "";
  for (const end of ends) end.kind += place;
  for (const group of groups) spread(group, height);
  labels.push(...lines, ...ends);

  for (const [i, { letter, step: last, value }] of kept.entries())
    labels.push({
      kind: "plot__kept",
      left: Math.min(width, Math.round(x(last))) - 18 * i,
      top: at(value),
      words: [letter],
    });

  if (!atEnd && step > 0) labels.push({ kind: "plot__now", left });
  /**
   * What a line means, at the right edge above it or below it, where no curve runs.
   * @param {number} value @param {string} words @param {number} [from]  what is left of it is taken
   */
  const explain = (value, words, from = 0) => {
    const [begin, top] = [width - WIDE * words.length - GAP, at(value)];
    if (begin < from) return;
    const late = curve.steps.findLastIndex((step) => x(step) <= begin) + 1;
    const under = [
      ...curve.smooth.slice(late),
      ...evaluations.filter(({ step }) => x(step) > begin).map(({ loss }) => loss),
    ].map((loss) => y(loss) - top);
    const free = [-HIGH / 2, HIGH / 2].find((middle) =>
      under.every((at) => Math.abs(at - middle) >= HIGH / 2 + 2),
    );
    if (free === undefined) return;
    const kind = free < 0 ? "plot__why" : "plot__why plot__why--below";
    labels.push({ kind, top, words: [words] });
  };
  const letters = Math.round(Math.exp(uniformLoss));
  explain(
    uniformLoss,
    `ln ${letters} = ${uniformLoss.toFixed(3)}: every ${unitOf(run)} equally likely`,
  );
  const mile = beat === null ? "" : `by step ${count(beat)}: better than the bigram`;
  const marked = beat !== null && bigramLoss !== null && x(beat) < width * 0.6;
  if (marked)
    labels.push({
      kind: "plot__mile",
      left: Math.round(x(beat)),
      top: at(bigramLoss),
      words: [mile],
    });
  const taken = marked ? x(beat) + WIDE * mile.length + GAP : 0;
  if (bigramLoss !== null) explain(bigramLoss, `sees only one ${unitOf(run)} back`, taken);
  return labels.map((label) => (steps ? label : { ...label, left: undefined }));
}

/**
 * Push labels apart, from the top down and, where the end is reached, back up.
 * @param {{top: number}[]} labels @param {number} height
 */
function spread(labels, height) {
  labels.sort((a, b) => a.top - b.top);
  for (let i = 1; i < labels.length; i += 1)
    labels[i].top = Math.max(labels[i].top, labels[i - 1].top + GAP);
  let floor = height - 2;
  for (let i = labels.length - 1; i >= 0; i -= 1) {
    labels[i].top = Math.min(labels[i].top, floor);
    floor = labels[i].top - GAP;
  }
}

/** What a dotted word says. @type {{[term: string]: (unit: string) => string}} */
export const WORDS = {
  guessing: (unit) =>
    `Guessing is what a model that knows nothing does: every ${unit} equally likely. Its surprise is ln V, the logarithm of how many ${unit}s there are.`,
  bigram: (unit) =>
    `The bigram counts which ${unit} follows which in the data, and predicts from that alone. A model that stays below this line on held-out data has learned more than which ${unit} follows which.`,
};

/**
 * What the picture shows, in a sentence that does not change with every step.
 * @param {ShownRun} run
 */
export function name(run) {
  const whose = run.recorded ? "Loss of the recorded run" : "Loss of this run";
  if (isLive(run)) return `${whose}, so far, of ${inSteps(run.steps)}; the table has the numbers`;
  const [first, last] = [run.evaluations[0], run.evaluations.at(-1)];
  const fall =
    last && first !== last ? `, held out from ${loss(first.loss)} to ${loss(last.loss)}` : "";
  return `${whose} over ${inSteps(run.step)}${fall}; the table has the numbers`;
}
