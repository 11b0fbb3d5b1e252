// One step, slowly, and one number's story: the state, and what is made of Python's answers.
import assert from "node:assert/strict";
import test from "node:test";
import {
  aboutStep,
  around,
  darkest,
  fine,
  links,
  matrices,
  nodeName,
  partRows,
  signed,
  steepestOf,
  surprises,
  told,
  useOf,
  weightAt,
} from "../../../web/select/one-step.js";
import { aboutPath, pathCurve, pathRows } from "../../../web/select/inside/path.js";
import { Page } from "../page.js";

const STEP = { step: 301, loss: 2.9, exactLoss: 2.9, lr: 0.0091, tokens: 3, examples: 1 };
const ANSWER = {
  ...STEP,
  remembers: true,
  summarised: false,
  largest: "wte[1,0]",
  still: 592,
  texts: [{ tokens: ["<edge>", "a", "b", "<edge>"], before: [3, 2, 1], after: [2.9, 2, 0.9] }],
  layout: [
    { name: "wte", shape: [3, 2], start: 0 },
    { name: "layer0.wq", shape: [2, 2], start: 6 },
    { name: "layer0.fc1", shape: [8, 2], start: 10 },
    { name: "layer0.norm1.gain", shape: [2], start: 26 },
    { name: "layer1.wq", shape: [2, 2], start: 28 },
    { name: "lm_head", shape: [3, 2], start: 32 },
  ],
  gradient: Float64Array.from({ length: 38 }, (_, i) => i - 19),
  move: new Float64Array(38),
};
const PLACE = { example: 0, position: 1, read: ["<edge>", "a"], next: "b" };
const STORY = {
  weight: "layer0.wq[1,0]",
  name: "layer0.wq",
  index: [1, 0],
  shape: [2, 2],
  count: 38,
  value: -0.119626,
  what: "what head 0 looks for",
  touches: "number 1 of its query",
  step: STEP,
  operations: [
    {
      ...{ operation: "linear", forward: "y = Σ w · x", backward: "dw = Σ g · x", at: PLACE },
      ...{ weight: -0.1, input: 2, term: -0.2, slope: 0.5, part: 1, total: 1.2, output: 0.7 },
    },
  ],
  gradient: {
    ...{ own: 0.25001, exact: 0.25, difference: 1e-5, dtype: "float32", largest: 0.2 },
    ...{ count: 3, rest: 0.1 },
    parts: [
      { ...PLACE, operation: "linear", slope: 0.1, input: 2, part: 0.2 },
      { ...PLACE, next: "<edge>", read: ["<edge>"], slope: -0.1, input: 0.5, part: -0.05 },
    ],
  },
  slope: {
    ...{ value: 0.25, step: 0.0001, down: 2.89, up: 2.91, farDown: 2.88, farUp: 2.92 },
    ...{ kinks: 0, error: 1e-11, difference: 2e-12 },
  },
  clipping: { limit: 0, norm: 2, factor: 1, before: 0.25, after: 0.25 },
  optimizer: {
    rule: "adam",
    lr: 0.0091,
    mean: 0.1,
    meanAfter: 0.12,
    square: 1e-4,
    squareAfter: 2e-4,
  },
  move: { before: -0.119626, after: -0.1287, move: -0.009074 },
  path_steps: Float64Array.of(0, 8, 10, 11, 12),
  path_values: Float64Array.of(0.5, 0.25, 0, 0.125, -0.5),
  pathSince: 10,
};

const NODES = [
  ["weights", "", ["wte"], [], [3, 2]],
  ["weights", "", ["layer0.wq", "layer0.wk"], [], [4, 2]],
  ["embedding", "", [], [0], [2, 2]],
  ["linear", "layer0.query", [], [2, 1], [2, 4]],
  ["cross_entropy", "", [], [3], []],
].map(([operation, name, weights, from, shape], id) => ({
  ...{ id, operation, name, weights, from, shape },
  ...{ seconds: 2e-5, secondsBack: 3e-5, size: 0.5, slope: 0.1 },
}));

/** A page on Inside with a run that has learned something. */
function inside() {
  const page = new Page("inside").load().send({ type: "start" });
  page.created();
  page.progress(5, [3, 2, 2, 2, 2]);
  return page.send({ type: "inside-text", text: "ab" });
}

// ---- the state

test("a step is asked for by a press, and gone through press by press", () => {
  const page = inside();
  assert.equal(page.last("one-step"), undefined);
  page.send({ type: "step-next" });
  assert.deepEqual(page.last("one-step").texts, ["ab"]);
  assert.deepEqual(page.send({ type: "step-next" }).outbox, []); // it waits
  page.answer("one-step", "one-step", ANSWER);
  assert.deepEqual(page.outbox, ["story"]);
  assert.equal(page.state.oneStep.stage, 1);
  page.answer("story", "story", STORY);
  assert.equal(page.state.oneStep.story.answer.weight, STORY.weight);
  page.send({ type: "step-next" }).send({ type: "step-next" });
  assert.equal(page.state.oneStep.stage, 3);
  assert.deepEqual(page.outbox, []);
  assert.deepEqual(page.send({ type: "step-next" }).outbox, ["one-step"]);
  assert.equal(page.state.oneStep.answer, null);
});

test("another number is asked for in the same text", () => {
  const page = inside().send({ type: "step-next" }).answer("one-step", "one-step", ANSWER);
  page.send({ type: "pick-weight", weight: "wte[0,0]" });
  assert.deepEqual([page.last("story").weight, page.last("story").texts], ["wte[0,0]", ["ab"]]);
  const late = page.last("story").id;
  page.send({ type: "another-weight", seed: 4 });
  assert.deepEqual([page.last("story").seed, page.last("story").weight], [4, undefined]);
  page.send({ type: "story", id: late, ...STORY });
  assert.equal(page.state.oneStep.story.answer, null); // an answer to the one before
  page.answer("story", "refused", { message: "This model has no weights called x." });
  assert.match(page.state.oneStep.story.problem, /no weights/);
});

test("a text that cannot be learned from says why, and another begins anew", () => {
  const page = inside().send({ type: "step-next" });
  page.answer("one-step", "refused", { message: "There is nothing to learn from." });
  assert.match(page.state.oneStep.problem, /nothing/);
  page.send({ type: "step-next" }).answer("one-step", "one-step", ANSWER);
  assert.equal(page.state.oneStep.problem, "");
  page.send({ type: "inside-text", text: "abc" });
  assert.deepEqual([page.state.oneStep.answer, page.state.oneStep.stage], [null, 0]);
});

test("without a model no step is asked for, and another model has another", () => {
  const none = new Page("inside").load().send({ type: "step-next" });
  assert.equal(none.last("one-step"), undefined);
  const page = inside().send({ type: "step-next" }).answer("one-step", "one-step", ANSWER);
  page.send({ type: "open", name: "m", bytes: new Uint8Array(1) }).opened("open");
  assert.equal(page.state.oneStep.answer, null);
});

test("the graph is walked from where the number is used", () => {
  const page = inside().send({ type: "step-next" }).answer("one-step", "one-step", ANSWER);
  page.answer("story", "story", STORY).send({ type: "walk-graph" });
  page.answer("graph", "graph", { nodes: NODES });
  assert.equal(page.state.oneStep.graph.at, 3);
  const { name, text, from, into } = around(NODES, 3);
  assert.equal(name, "linear, layer0.query (3)");
  assert.match(text, /^2 × 4\. .* forward it took 20 µs, back 30 µs\.$/);
  assert.deepEqual(
    [from.map(nodeName), into.map(nodeName)],
    [["embedding (2)", "layer0.wq, layer0.wk"], ["cross entropy (4)"]],
  );
  page.send({ type: "graph-node", at: 0 });
  assert.equal(around(NODES, page.state.oneStep.graph.at).name, "wte");
  assert.equal(useOf(NODES, "nothing"), 4); // the loss
  page.send({ type: "walk-graph" }).answer("graph", "refused", { message: "It is gone." });
  assert.equal(page.state.oneStep.graph.problem, "It is gone.");
});

// ---- in words and pictures

test("numbers have a sign and as many digits as are needed", () => {
  assert.deepEqual([0.25, -0.119626, 0, -2.5e-7].map(signed), [
    ...["+0.250000", "−0.119626", "+0.000000", "−2.50e−7"],
  ]);
  assert.deepEqual([fine(2.99, 2.8), fine(2.99401, 2.99402)], ["2.99", "2.99401"]);
  assert.equal(fine(2, 2), "2.000000");
});

test("each letter's surprise before and after, the last of them at the end", () => {
  const rows = surprises(ANSWER);
  assert.deepEqual(
    rows.map(({ token, was, now, wasChance }) => [token, was, now, wasChance]),
    [
      ["a", 3, 2.9, "5"],
      ["b", 2, 2, "14"],
      ["end", 1, 0.9, "37"],
    ],
  );
  assert.ok(rows.every(({ wasWidth, nowWidth }) => wasWidth < 1 && nowWidth <= wasWidth));
});

test("matrices stand in the order of the forward pass, vectors together at the end", () => {
  const groups = matrices(ANSWER, "gradient");
  assert.deepEqual(
    groups.map(({ title, numbers }) => [title, numbers]),
    [
      ["Embedding", 6],
      ["Layer 1: heads", 4],
      ["Layer 1: feed-forward", 16],
      ["Layer 2: heads", 4],
      ["Scores", 6],
      ["Norms, biases, gates", 2],
    ],
  );
  const [fc1] = groups[2].all;
  assert.deepEqual([fc1.turned, fc1.values[0], fc1.values.length], [true, -9, 16]);
});

test("a point of a picture is a number of the matrix, drawn turned or not, small or whole", () => {
  const [[wte], , [fc1], , , [gain]] = matrices(ANSWER, "gradient").map(({ all }) => all);
  assert.equal(weightAt(wte, 0.9, 0.5), "wte[1,1]");
  assert.equal(weightAt(wte, 1, 1.2), "wte[2,1]");
  assert.equal(weightAt(fc1, 0.99, 0.6), "layer0.fc1[7,1]");
  assert.equal(weightAt(gain, 0.7, 0.5), "layer0.norm1.gain[1]");
  assert.equal(weightAt({ ...wte, shape: [300, 200] }, 0.5, 0.5), "wte[150,100]");
});

test("the darkest is nearly the largest, and never zero", () => {
  assert.equal(darkest(Float64Array.from({ length: 1000 }, (_, i) => -i)), 985);
  assert.equal(darkest(new Float64Array(5)), 1);
});

test("what is said at each stage", () => {
  assert.match(told(null, 0, "ab", "letter"), /one step of training on “ab”/);
  assert.match(told(ANSWER, 1, "ab", "letter"), /The mean is the loss: 2\.00\.$/);
  assert.match(told(ANSWER, 2, "ab", "letter"), /With 592 of them, not at all\.$/);
  assert.match(told(ANSWER, 3, "ab", "letter"), /the loss falls from 2\.00 to 1\.93\./);
  const worse = { ...ANSWER, texts: [{ ...ANSWER.texts[0], after: [4, 2, 1] }] };
  assert.match(told(worse, 3, "ab", "letter"), /the loss rises from 2\.00 to 2\.33/);
  assert.match(aboutStep(ANSWER), /^what step 301 of this run would do; learning rate 0\.0091$/);
  assert.match(aboutStep({ ...ANSWER, remembers: false }), /its optimizer starts without a memory/);
});

test("the links of a story", () => {
  const found = links(STORY);
  assert.match(found[0].text, /what head 1 looks for/); // the names of weights count from 0
  assert.deepEqual(
    found.map(({ title, value }) => [title, value]),
    [
      ["It is", "−0.119626"],
      ["Forward", "−0.200000"],
      ["Back", "+0.250000"],
      ["Check", "+0.250000"],
      ["Remember", "+0.120000"],
      ["Move", "−0.009074"],
    ],
  );
  assert.match(found[1].text, /After “a” it is multiplied by \+2\.000000/);
  assert.match(found[2].text, /the loss rises\. It is a sum of 3 parts, below: each is/);
  assert.doesNotMatch(found[5].text, /still push it/);
});

test("a kink, a clip, Muon, and what Adam goes on with are told", () => {
  const kink = links({ ...STORY, slope: { ...STORY.slope, kinks: 2 } });
  assert.match(kink[3].text, /switches 2 units on or off/);
  const one = links({ ...STORY, slope: { ...STORY.slope, kinks: 1 } });
  assert.match(one[3].text, /switches 1 unit on or off/);
  const clipping = { ...STORY.clipping, limit: 1, factor: 0.5, after: 0.125 };
  assert.match(links({ ...STORY, clipping })[4].text, /each is multiplied by 0\.5000/);
  const optimizer = {
    ...{ rule: "muon", lr: 0.04, momentum: 0.1, momentumAfter: 0.2 },
    singularValues: { gradient: [3, 0.1], move: [0.5, 0.4] },
  };
  assert.match(links({ ...STORY, optimizer })[4].text, /gradient 3\.0 to 0\.10, of the move 0\.50/);
  const move = { ...STORY.move, move: 0.001 };
  assert.match(links({ ...STORY, move })[5].text, /The steps before still push it/);
  const unused = { ...STORY.gradient, exact: 0, count: 0, parts: [] };
  assert.match(links({ ...STORY, gradient: unused })[2].text, /does not use it/);
});

test("the parts as a table, with what is left", () => {
  assert.deepEqual(partRows(STORY), [
    ["+0.200000", "+0.100000", "+2.000000", "“a”", "b"],
    ["−0.050000", "−0.100000", "+0.500000", "the start", "end"],
    ["+0.100000", "", "", "1 other", ""],
  ]);
});

test("the way of a number over the run, and from which step on it is known", () => {
  const { points, since } = pathCurve(STORY, 120, 10);
  assert.deepEqual(points, [
    [0, 0],
    [80, 2.5],
    [100, 5],
    [110, 3.75],
    [120, 10],
  ]);
  assert.equal(since, 100);
  assert.equal(
    aboutPath(STORY),
    "From +0.500000 at step 0 to −0.500000 at step 12. Every step is known from step 10 on, and 2 steps before that, which the run keeps. From now on every step is noted.",
  );
  assert.deepEqual(pathRows(STORY)[1], ["8", "+0.250000"]);
  const all = { ...STORY, pathSince: 0 };
  assert.match(aboutPath(all), /Every step is known\. /);
  const none = { path_steps: new Float64Array(), path_values: new Float64Array(), pathSince: 0 };
  assert.match(aboutPath(none), /without its run/);
  const one = { path_steps: Float64Array.of(7), path_values: Float64Array.of(1), pathSince: 7 };
  assert.match(aboutPath(one), /\+1\.000000 at step 7/);
  const many = Float64Array.from({ length: 5000 }, (_, i) => i);
  const long = { path_steps: many, path_values: many, pathSince: 0 };
  assert.equal(pathRows(long).length, 24);
  assert.deepEqual(pathRows(long)[23], ["4,999", "+4999.000000"]);
  assert.equal(pathCurve(long, 100, 10).points.length, 240);
  const level = { ...one, path_steps: Float64Array.of(1, 2), path_values: Float64Array.of(3, 3) };
  assert.deepEqual(pathCurve(level, 100, 10).points[1], [100, 5]);
});

test("the steepest number of an array is where the graph goes on", () => {
  assert.equal(steepestOf(ANSWER, "wte"), "wte[0,0]");
  assert.equal(steepestOf(ANSWER, "layer1.wq"), "layer1.wq[1,1]");
  assert.equal(steepestOf(ANSWER, "layer0.norm1.gain"), "layer0.norm1.gain[1]");
  const layout = [{ name: "a", shape: [2, 2], of: [8, 4], start: 0 }];
  assert.equal(steepestOf({ layout, gradient: Float64Array.of(0, -3, 1, 2) }, "a"), "a[2,3]");
});
