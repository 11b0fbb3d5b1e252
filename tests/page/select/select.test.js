// What is shown, computed from the state: numbers, curves, labels, sentences.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { habit, shares, told } from "../../../web/select/attention-text.js";
import { rows } from "../../../web/select/benchmark-rows.js";
import { points } from "../../../web/select/chart-points.js";
import * as format from "../../../web/select/format.js";
import { compared, ownLabel } from "../../../web/select/kept-curves.js";
import { notices } from "../../../web/select/notices.js";
import { pending, recordedRun, shownRun, unitOf } from "../../../web/select/shown-run.js";
import { FIELDS, settingsOf } from "../../../web/settings/fields.js";
import { Page } from "../page.js";

// ---- numbers

const FORMATS = [
  ["count", [1234.5], "1,235"],
  ["loss", [2.345], "2.35"],
  ["loss", [NaN], "–"],
  ["bytes", [999], "999 bytes"],
  ["bytes", [33_536], "33.5 kB"],
  ["bytes", [228_145], "228 kB"],
  ["bytes", [9_160_000], "9.2 MB"],
  ["rate", [5.25], "5.3"],
  ["rate", [1632], "1,632"],
  ["rate", [11_234], "11.2 k"],
  ["rate", [2_345_678], "2.35 M"],
  ["duration", [0.5], ["0.50", "s"]],
  ["duration", [9], ["9.0", "s"]],
  ["duration", [89], ["89", "s"]],
  ["duration", [3600], ["60", "min"]],
  ["duration", [7200], ["2.0", "h"]],
  ["roughly", [0.2], "half a second"],
  ["roughly", [1], "a second"],
  ["roughly", [10], "ten seconds"],
  ["roughly", [33], "35 seconds"],
  ["roughly", [60 * 60], "60 minutes"],
  ["roughly", [7200], "two hours"],
  ["percent", [0.004], "<1"],
  ["percent", [0], "0"],
  ["percent", [0.185], "19"],
  ["visible", [" "], "␣"],
  ["visible", ["\n"], "↵"],
  ["visible", ["a"], "a"],
  ["documents", [{ kind: "full-names" }], "names"],
  ["documents", [{ kind: "text", split: "blank" }], "paragraphs"],
  ["documents", [{ kind: "text", split: "line" }], "lines"],
  ["documents", [{ name: "stories" }], "stories"],
  ["stepsPerSecond", ["slow", 1000], 5],
  ["stepsPerSecond", ["watch", 1000], 100],
  ["stepsPerSecond", ["watch", 5], 2],
  ["stepsPerSecond", ["full", 1000], 0],
  ["heldOut", [1800, 0.1], 180],
  ["heldOut", [12, 0.01], 1],
  ["heldOut", [9, 0.01], 0],
];

for (const [name, given, expected] of FORMATS)
  test(`${name}(${given.map((value) => JSON.stringify(value))})`, () =>
    assert.deepEqual(format[name](...given), expected));

// ---- curves

const recorded = JSON.parse(readFileSync(new URL("../../../web/recorded.json", import.meta.url)));

test("before there is a run the recorded example is shown, in the shape of a run", () => {
  const page = new Page().send({ type: "recorded", recorded });
  const shown = shownRun(page.state);
  assert.equal(shown, shownRun(page.state)); // made once
  const { steps } = recorded.settings;
  assert.deepEqual([shown.recorded, shown.step, shown.steps], [true, steps, steps]);
  assert.equal(shown.curve.seen, recorded.losses.length);
  assert.ok(shown.beat > 0 && shown.columns.length === 6);
  const fields = new Set(Object.keys(shown));
  page.load().send({ type: "start" }).created();
  const missing = [...fields].filter((name) => !(name in page.state.run) && name !== "recorded");
  assert.deepEqual(missing, []);
});

test("a run is shown once it has begun, and stays until another has opened", () => {
  const page = new Page().send({ type: "recorded", recorded }).load().send({ type: "start" });
  assert.equal(shownRun(page.state).recorded, true);
  const { id } = page.created().state.run;
  page.send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  assert.equal(shownRun(page.state).id, id);
  assert.equal(shownRun(page.opened("open").state).id, page.state.run.id);
});

test("what the next run would have otherwise is named", () => {
  const page = new Page().load().send({ type: "start" }).created();
  assert.deepEqual(pending(page.state, FIELDS), []);
  page.send({ type: "settings", values: { lr: 5, steps: 9 } });
  assert.deepEqual(pending(page.state, FIELDS), ["Learning rate"]);
  page.send({ type: "choose-data", kind: "stories" }).haveData();
  assert.deepEqual(pending(page.state, FIELDS), ["Data", "Learning rate"]);
});

test("a token is called a letter unless it is a piece of text", () => {
  assert.equal(unitOf(null), "letter");
  assert.equal(unitOf({ tokenizer: { kind: "bpe" } }), "token");
});

// ---- kept curves

test("a kept curve is called by what sets it apart", () => {
  const page = new Page("train?steps=60").load().send({ type: "start" }).created();
  page.stopped("done", 60).send({ type: "keep-curve" });
  page.send({ type: "settings", values: { activation: "gelu" } });
  assert.deepEqual(
    compared(page.state).map(({ letter, label }) => [letter, label]),
    [["A", "microgpt, ReLU"]],
  );
  page.send({ type: "start" }).created();
  assert.equal(ownLabel(page.state), "microgpt, GELU");
  page.send({ type: "settings", values: settingsOf("llama", page.state.settings) });
  page.send({ type: "again" }).created();
  assert.equal(compared(page.state)[0].label, "microgpt");
  assert.equal(ownLabel(page.state), "llama");
});

test("a curve of other data says so", () => {
  const page = new Page().load().send({ type: "start" }).created().send({ type: "keep-curve" });
  page.send({ type: "choose-data", kind: "stories" }).haveData();
  assert.equal(compared(page.state)[0].label, "microgpt, on names");
});

// ---- points of the chart

const titles = (page) => notices(page.state).map(({ title }) => title);

test("there is nothing to notice where nothing is to be said", () => {
  assert.deepEqual(titles(new Page()), []);
  assert.deepEqual(titles(new Page().load().send({ type: "start" }).created()), []);
});

test("why a text was refused is said where the settings are folded away", () => {
  const page = new Page().load().send({ type: "choose-data", kind: "text", name: "old.txt" });
  const why = "old.txt is not in UTF-8.";
  page.answer("data", "refused", { message: why, encoding: "windows-1252" });
  const [notice] = notices(page.state);
  assert.deepEqual([notice.text, notice.narrow], [why, true]);
  assert.deepEqual(
    notice.actions?.map(([words]) => words),
    ["Read it as Windows text"],
  );
  assert.deepEqual(titles(page.send({ type: "choose-data", kind: "names" })), []);
});

const kept = (step, steps) => ({
  key: "a",
  saved: 1,
  bytes: 9,
  step,
  steps,
  parameters: 5,
  settings: settingsOf("microgpt"),
  data: { kind: "stories", name: "stories", split: "line", digest: "x" },
});

test("what this browser keeps is offered, with its step, until there is a run", () => {
  const page = new Page().send({ type: "kept", runs: [kept(4, 900)] });
  const [offer] = notices(page.state);
  assert.equal(offer.title, "Continue where you left off");
  assert.match(offer.text, /microgpt on stories, 4 of 900 steps/);
  assert.deepEqual(offer.actions, []); // not before Python is there
  assert.deepEqual(
    notices(page.load().state)[0].actions?.map(([words]) => words),
    ["Continue", "Delete it"],
  );
  assert.deepEqual(titles(page.send({ type: "start" })), []);
  const done = new Page().send({ type: "kept", runs: [kept(900, 900)] });
  assert.match(notices(done.state)[0].text, /finished, 900 steps/);
});

test("a link with a model, a broken one, and one that is not understood", () => {
  const page = new Page("train?model=mgptAA&nonsense=1&lr=much");
  assert.deepEqual(titles(page), [
    "This link holds a model",
    "Part of this link was not understood",
  ]);
  assert.match(notices(page.state)[1].text, /^nonsense, lr: /);
  page.load().answer("open-link", "refused", { message: "It is cut short." });
  const [broken] = notices(page.state);
  assert.deepEqual(
    [broken.title, broken.text],
    ["The model in this link did not open", "It is cut short."],
  );
});

test("what ends a run is said in its words, with a way on", () => {
  const page = new Page().load().send({ type: "start" }).created();
  page.stopped("diverged", 3, { message: "the learning rate is too high" });
  const [broke] = notices(page.state);
  assert.deepEqual(
    [broke.title, broke.text, broke.actions],
    [
      "The run broke at step 4",
      "The learning rate is too high",
      [["Try again with clip 1", { type: "retry-clipped" }]],
    ],
  );
  page.send({ type: "again" }).answer("new", "refused", { message: "it needs 90 GB" });
  assert.deepEqual(titles(page), ["This run cannot start"]);
  page.send({ type: "again" }).created().stopped("paused", 3, { message: "KeyError" });
  assert.deepEqual(titles(page), ["Training broke off at step 3"]);
  page.send({ type: "crashed", fatal: false, message: "KeyError: x" });
  assert.deepEqual(titles(page), ["Something went wrong here", "Training broke off at step 3"]);
});

test("a model that only writes says why, and a link to the full names offers them", () => {
  const page = new Page().load().send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  page.opened("open", { canTrain: false, message: "it learned from mine.txt" });
  assert.deepEqual(
    notices(page.state).map(({ title, text }) => [title, text]),
    [["It can write, but not be trained further", "It learned from mine.txt"]],
  );
  const offered = new Page();
  offered.state.data.offered = true;
  assert.deepEqual(notices(offered.state)[0].actions?.[0][1], {
    type: "choose-data",
    kind: "full-names",
  });
});

// ---- labels of the chart

const tokens = ["<edge>", "a", "b"];
const weights = Float32Array.from([1, 0, 0, 0.75, 0.25, 0, 0.5, 0.125, 0.375]);

test("the shares of a head are a triangle of rows", () => {
  const answer = {
    tokens,
    heads: 2,
    weights: Float32Array.from([...new Array(9).fill(0), ...weights]),
  };
  assert.deepEqual(shares(answer, 0, 1), [[1], [0.75, 0.25], [0.5, 0.125, 0.375]]);
});

test("a row says where it looks, most first, and what is of note beside it", () => {
  const say = (line, row) => told(tokens, line, row, "letter");
  assert.equal(say([1], 0), "At the start there is nothing else to look at.");
  assert.equal(
    say([0.75, 0.25], 1),
    "Reading letter 1, a, this head spends 75% of its attention on the start, and 25% on letter 1 itself.",
  );
  assert.equal(
    say([0.01, 0.98, 0.01], 2),
    "Reading letter 2, b, this head spends 98% of its attention on letter 1, a.",
  );
});

test("a head has a habit, or none", () => {
  const say = (lines) => habit(lines, "letter");
  assert.equal(say([[1]]), "");
  assert.match(say([[1], [0.1, 0.9], [0.1, 0.1, 0.8]]), /mostly looks at the letter itself: 85%/);
  assert.match(say([[1], [0.9, 0.1], [0.2, 0.7, 0.1]]), /mostly looks one letter back: 80%/);
  assert.match(say([[1], [0.5, 0.5], [0.3, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]]), /no fixed place/);
  // Nearly all of each row on one letter, another distance each time: that is not even.
  const sharp = [[1], [0, 1], [0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0, 0]];
  assert.equal(say(sharp), "On this text this head has no fixed place where it looks.");
});

// ---- the benchmark

test("rows of the benchmark compare with plain numpy", () => {
  const results = [
    { work: "small", way: "kernel", stepsPerSecond: 30 },
    { work: "small", way: "numpy", stepsPerSecond: 10 },
    { work: "medium", way: "kernel", stepsPerSecond: 5 },
  ];
  assert.deepEqual(
    rows({ results }).map(({ times }) => times),
    [3, null, null],
  );
  assert.equal(rows({ results })[0].way, "recorded, with the kernel");
});

test("the recorded example is converted without being changed", () => {
  const before = structuredClone(recorded);
  recordedRun(recorded);
  assert.deepEqual(recorded, before);
});
