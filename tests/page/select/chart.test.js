// The chart: its curves, its range and lines, and the words at its edge.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut } from "../../../web/select/chart-labels.js";
import {
  endOf,
  nice,
  points,
  range,
  splitsOf,
  stillPaths,
} from "../../../web/select/chart-points.js";
import { extend, newCurve } from "../../../web/select/curve.js";
import * as format from "../../../web/select/format.js";
import { notices } from "../../../web/select/notices.js";

test("a curve is the same whether its losses come at once or one by one", () => {
  const losses = Array.from({ length: 5000 }, (_, i) => 3 + Math.sin(i));
  let bit = newCurve(5000);
  for (const loss of losses) bit = extend(bit, [loss]);
  assert.deepEqual(bit, extend(newCurve(5000), losses));
});

test("a curve of any length has a bounded number of points, the last of them near its end", () => {
  const curve = extend(newCurve(100_000), new Float64Array(100_000).fill(2));
  assert.ok(curve.steps.length < 1500 && curve.steps.length > 700);
  assert.ok(100_000 - curve.steps.at(-1) < curve.width);
  assert.equal(curve.width, 128); // always doubled
  assert.equal(Math.max(...curve.smooth), 2);
});

test("the smooth line is the mean of the last losses, from the first on", () => {
  const curve = extend(newCurve(100), [4, 2, 3, 3, 3, 9]); // over five steps
  assert.deepEqual(curve.smooth, [4, 3, 3, 3, 3, 4]);
  assert.equal(curve.now, 4);
});

test("a curve that goes on from a later step knows where it is", () => {
  assert.deepEqual(extend(newCurve(100, 40), [1, 2]).steps, [41, 42]);
});

test("extending a curve leaves the one before as it was", () => {
  const curve = extend(newCurve(10), [1, 2]);
  const before = structuredClone(curve);
  extend(curve, [3, 4]);
  assert.deepEqual(curve, before);
});

// ---- the shown run

const drawn = (losses, values = {}) => ({
  curve: extend(newCurve(100), losses),
  step: losses.length,
  steps: 100,
  evaluations: [],
  exact: [],
  uniformLoss: 3.3,
  bigramLoss: 2.5,
  ...values,
});

test("the chart has a column for the dots and two for each curve, on steps that have any", () => {
  const shown = drawn([3, 2], { evaluations: [{ step: 0, loss: 3.3 }] });
  const kept = [{ letter: "A", run: drawn([1], { evaluations: [{ step: 2, loss: 1.5 }] }) }];
  assert.deepEqual(points(shown, kept), [
    [0, 1, 2],
    [null, 3, 2], // dots
    [null, 3, 2.5], // smoothed
    [3.3, null, null], // held out
    [null, 1, null], // smoothed, of the kept curve
    [null, null, 1.5], // held out
  ]);
});

test("a small picture has no more points than pixels, and the last of them", () => {
  const shown = drawn(Array.from({ length: 100 }, (_, i) => 3 - i / 100));
  const [steps] = points(shown, [], 30);
  assert.ok(steps.length <= 30 && steps.at(-1) === 100);
  assert.equal(points(shown, [])[0].length, 100);
});

test("a kept curve ends where it ended, where the picture does, or has no end to draw", () => {
  const run = drawn([3, 2, 1]);
  assert.deepEqual(endOf({ letter: "A", run }, 100), [{ letter: "A", step: 3, value: 2 }]);
  assert.deepEqual(endOf({ letter: "A", run }, 2), [{ letter: "A", step: 2, value: 2.5 }]);
  assert.deepEqual(endOf({ letter: "A", run: drawn([]) }, 100), []);
});

test("the range has room for the dots and for guessing, and stands still in between", () => {
  const [low, high] = range(drawn([3, 2.6, 2.4]), []);
  assert.ok(low <= 2.3 && high >= 3.3 * 1.1);
  assert.deepEqual(range(drawn([3, 2.6, 2.41]), []), [low, high]);
  const kept = [{ letter: "A", run: drawn([1]) }];
  assert.ok(range(drawn([3, 2.6, 2.4]), kept)[0] < 1);
  assert.ok(range(drawn([]), [])[1] > 3.3);
});

test("lines stand at round numbers, and at fifths or powers of ten of the run", () => {
  assert.deepEqual(nice([2, 3.8]), [2, 2.5, 3, 3.5]);
  assert.deepEqual(nice([0, 0.5]), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  assert.deepEqual(splitsOf({ steps: 1000 }, false), [0, 200, 400, 600, 800, 1000]);
  assert.deepEqual(splitsOf({ steps: 1000 }, true), [0, 1, 10, 100, 1000]);
});

// ---- notices

const place = { width: 600, height: 300, x: (step) => step * 6, y: (loss) => 300 - loss * 75 };
const ticks = { x: [0, 50, 100], y: [2, 3] };
const run = (values) => ({
  uniformLoss: 3.296,
  bigramLoss: 2.5,
  evaluations: [{ step: 100, loss: 2.51 }],
  exact: [],
  curve: { now: 2.49, steps: [], smooth: [] },
  step: 100,
  steps: 100,
  beat: null,
  ...values,
});

test("words at the right edge stand apart, in the order of their values", () => {
  const labels = layOut(run(), { ...place, ticks }).filter(({ kind }) =>
    /plot__(line|end)/.test(kind),
  );
  const tops = labels.map(({ top }) => top).sort((a, b) => a - b);
  assert.equal(labels.length, 4);
  for (let i = 1; i < tops.length; i += 1) assert.ok(tops[i] - tops[i - 1] >= 20);
  assert.ok(tops.at(-1) <= 298);
});

test("before the end the words stand at their point, with a mark of now", () => {
  const labels = layOut(run({ step: 50 }), { ...place, ticks });
  const ends = labels.filter(({ kind }) => kind.startsWith("plot__end"));
  assert.deepEqual(
    ends.map(({ left }) => left),
    [300, 300],
  );
  assert.ok(labels.some(({ kind }) => kind === "plot__now"));
  assert.ok(!layOut(run(), { ...place, ticks }).some(({ kind }) => kind === "plot__now"));
});

test("near the edge the words stand before their point", () => {
  const labels = layOut(run({ step: 95 }), { ...place, ticks });
  assert.ok(labels.some(({ kind }) => kind === "plot__end plot__end--before"));
});

test("the milestone is marked where there is room for it, and guessing is explained", () => {
  const words = (values) =>
    layOut(run(values), { ...place, ticks }).flatMap(({ words: said }) => said ?? []);
  assert.ok(words({ beat: 20 }).includes("by step 20: better than the bigram"));
  assert.ok(!words({ beat: 90 }).includes("by step 90: better than the bigram"));
  assert.ok(words({}).includes("ln 27 = 3.296: every letter equally likely"));
  assert.ok(!words({ bigramLoss: null }).some((each) => String(each).includes("one letter back")));
});

test("what a line means stands where no curve runs: above it, below it, or not at all", () => {
  const back = (losses, evaluations = []) =>
    layOut(run({ curve: { now: 2.3, steps: [80, 90, 100], smooth: losses }, evaluations }), {
      ...place,
      ticks,
    }).find(({ words }) => String(words).includes("one letter back"))?.kind;
  assert.equal(back([2.2, 2.2, 2.2]), "plot__why");
  assert.equal(back([2.6, 2.6, 2.6]), "plot__why plot__why--below");
  assert.equal(back([2.6, 2.5, 2.4]), undefined);
  assert.equal(back([2, 2, 2], [{ step: 90, loss: 2.65 }]), "plot__why plot__why--below");
});

test("kept curves have their letter at their end", () => {
  const kept = [{ letter: "A", step: 50, value: 2 }];
  const found = layOut(run(), { ...place, ticks, kept }).find(({ kind }) => kind === "plot__kept");
  assert.deepEqual([found.words, found.left, found.top], [["A"], 300, 150]);
});

// ---- attention

test("a loss that climbed to the sky leaves the picture and its numbers readable", () => {
  assert.deepEqual([2.244, 1154.8, 301_508_742.4, NaN].map(format.loss), [
    "2.24",
    "1154.80",
    "302M",
    "–",
  ]);
  const evaluations = [{ step: 9, loss: 3e8 }];
  const curve = { dots: [3.3, 1e9], now: 5e8 };
  const [low, high] = range({ curve, evaluations, uniformLoss: 3.3, bigramLoss: 2.5 }, []);
  assert.ok(low <= 2.5 && high < 10.2, `${low} to ${high}`);
});

test("the still picture has the curve between its edges, and a ring for each held-out loss", () => {
  const curve = extend(newCurve(100), new Float64Array(100).fill(2));
  const evaluations = [
    { step: 0, loss: 3 },
    { step: 50, loss: 1 },
  ];
  const run = { curve, evaluations, exact: [], steps: 100, step: 100 };
  const paths = stillPaths(run, [1, 3], { width: 212, height: 112, edge: 6 });
  assert.equal(paths.ring, "M0.0 0.0h0M100.0 100.0h0");
  assert.match(paths.line, /^M2\.0 50\.0L.*L200\.0 50\.0$/);
  assert.equal(paths.dots.match(/h0/g).length, 100);
  assert.match(paths.grid, /M40\.0 0v100.*M0 100\.0h200/);
});

test("a run of one step has two ticks, and is one step in words", () => {
  assert.deepEqual(splitsOf({ steps: 1 }, false), [0, 1]);
  assert.deepEqual(splitsOf({ steps: 5 }, false), [0, 1, 2, 3, 4, 5]);
  assert.equal(format.steps(1), "1 step");
  assert.equal(format.steps(1000), "1,000 steps");
});
