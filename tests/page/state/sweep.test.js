// A sweep: which runs a grid has, what comes of them, and which is taken.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reduce } from "../../../web/state/index.js";
import * as sweep from "../../../web/settings/sweep.js";
import { spread } from "../../../web/ui/sweep/curves.js";
import { Page } from "../page.js";

class SweepPage extends Page {
  constructor(address) {
    super(address);
    Object.assign(this.state, sweep.initial());
    this.load();
  }

  send(action) {
    this.state = reduce(this.state, action, [sweep]);
    this.asked.push(...this.state.outbox);
    return this;
  }

  axis(at, name, text) {
    return this.send({ type: "sweep-axis", at, name, text });
  }

  news(trial, values) {
    return this.send({ type: "sweep-news", round: this.sweep.round, trial, ...values });
  }

  get sweep() {
    return this.state.sweep;
  }
}

const begun = (text = "0.003, 0.01, 0.03") =>
  new SweepPage("train?steps=50").axis(0, "lr", text).send({ type: "sweep-start" });

test("values around that of now are suggested, whatever kind a setting is", () => {
  const { settings } = new SweepPage("train?lr=0.01&n_layer=1&batch_size=32&dropout=0").state;
  const found = (name) => sweep.suggested(name, settings);
  assert.equal(found("lr"), "0.003, 0.01, 0.03");
  assert.equal(found("batch_size"), "10, 32, 100");
  assert.equal(found("n_layer"), "1, 3"); // none at all is no model
  assert.equal(found("dropout"), "0, 0.1, 0.3");
  assert.equal(found("seed"), `${settings.seed}, ${settings.seed + 1}, ${settings.seed + 2}`);
  assert.equal(found("bias"), "on, off");
  assert.equal(found("optimizer"), "adam, adamw, muon");
  for (const [name] of sweep.choices(settings))
    assert.equal(sweep.valuesOf(name, found(name)).problem, undefined, name);
});

test("lists are read with spaces and with commas, as people write numbers", () => {
  const read = (name, text) => sweep.valuesOf(name, text).values;
  assert.deepEqual(read("lr", "0.003,0.01"), [0.003, 0.01]);
  assert.deepEqual(read("lr", "0,003 0,01; 1e-1"), [0.003, 0.01, 0.1]);
  assert.deepEqual(read("steps", "1,000, 2000, 2000"), [1000, 2000]);
  assert.deepEqual(read("bias", "on off"), [true, false]);
  assert.match(sweep.valuesOf("lr", "0.1, much").problem, /^Learning rate: much is not a number/);
  const unclear = "Stop at step: 1.000 can mean 1 or 1000.";
  assert.equal(sweep.valuesOf("steps", "1.000 3000").problem, unclear);
  assert.match(sweep.valuesOf("lr", "0,01").problem, /is 0,01 one number or more/);
  assert.deepEqual(read("n_layer", "1,2"), [1, 2]);
  assert.match(sweep.valuesOf("bias", "yes").problem, /neither on nor off/);
  assert.match(sweep.valuesOf("lr", " ").problem, /no values/);
});

test("two settings make a grid, and each run has all the settings of the screen", () => {
  const page = new SweepPage("train?steps=50&seed=9").axis(0, "lr", "0.1 0.2");
  page.axis(1, "n_layer", "1 2 3").send({ type: "sweep-start" });
  const values = page.sweep.trials.map(({ settings }) => [settings.lr, settings.n_layer]);
  assert.deepEqual(values, [
    [0.1, 1],
    [0.1, 2],
    [0.1, 3],
    [0.2, 1],
    [0.2, 2],
    [0.2, 3],
  ]);
  const { settings } = page.state;
  for (const trial of page.sweep.trials)
    assert.deepEqual({ ...trial.settings, lr: settings.lr, n_layer: settings.n_layer }, settings);
  assert.equal(sweep.calledOf(page.sweep.trials[5]), "learning rate 0.2, layers 3");
  assert.equal(sweep.valuesIn(page.sweep.trials[5]), "0.2, 3");
  assert.equal(page.state.said, "A sweep of 6 runs has begun.");
  const one = new SweepPage().axis(0, "lr", "0.1").send({ type: "sweep-start" });
  assert.equal(one.state.said, "A sweep of 1 run has begun.");
  assert.deepEqual(page.outbox, []); // the worker of the page has nothing to do with it
});

test("what cannot be a sweep is refused with a sentence", () => {
  const refused = (page) => page.send({ type: "sweep-start" }).sweep;
  const many = Array.from({ length: 25 }, (_, i) => i + 1).join(" ");
  for (const [page, sentence] of [
    [new SweepPage("train?val_fraction=0"), /nothing is held out/],
    [new SweepPage().axis(0, "n_layer", many), /These are 25 runs, and 24 are the most/],
    [new SweepPage().axis(0, "n_layer", "0"), /^Layers: 0 is not a whole number from 1/],
    [new SweepPage().axis(1, "lr", "1"), /the same/],
    [new SweepPage().axis(0, ""), /Choose a setting/],
    [new SweepPage().send({ type: "settings", values: { tokenizer: "trained" } }), /tokenizer of/],
    [
      new SweepPage().send({ type: "mistyped", place: "settings", name: "lr", problem: "No lr." }),
      /No lr/,
    ],
  ]) {
    const { busy, trials, problem } = refused(page);
    assert.deepEqual([busy, trials.length], [false, 0]);
    assert.match(problem, sentence);
  }
});

test("values that make no sense are told when they are typed, before any run", () => {
  const page = new SweepPage().axis(0, "n_layer", "0 1");
  assert.match(page.sweep.problem, /^Layers: 0 is not a whole number from 1/);
  page.axis(1, "lr", "much");
  assert.match(page.sweep.problem, /^Layers/); // it stays until it is mended
  assert.match(page.axis(0, "n_layer", "1 2").sweep.problem, /^Learning rate: much/);
  assert.equal(page.axis(1, "").sweep.problem, "");
});

test("the run with the lowest loss at its end is the best, and its settings can be taken", () => {
  const page = begun();
  page.news(0, { how: "training" }).news(1, { how: "training" });
  page.news(0, { point: { step: 0, loss: 3.3 } }).news(0, { point: { step: 50, loss: 2.6 } });
  page.news(1, { point: { step: 50, loss: 2.4 } }); // lower, and not at its end
  page.news(0, { how: "done", step: 50 });
  assert.equal(sweep.best(page.sweep.trials), page.sweep.trials[0]);
  page.news(1, { how: "done", step: 50 });
  assert.equal(page.sweep.busy, true);
  page.news(2, { how: "diverged" });
  assert.equal(page.sweep.busy, false);
  assert.equal(page.state.said, "The sweep is done; the best is learning rate 0.01.");
  const winner = sweep.best(page.sweep.trials);
  const other = page.send({ type: "settings", values: { lr: 1, seed: 5 } }).state.settings;
  assert.deepEqual(sweep.apart(winner, other), { lr: 0.01, seed: 42 });
});

test("a run whose worker was lost begins anew", () => {
  const page = begun()
    .news(0, { how: "training" })
    .news(0, { point: { step: 0, loss: 3 } });
  page.news(0, { how: "waiting", step: 0 });
  assert.deepEqual(page.sweep.trials[0].curve, []);
});

test("a sweep that is stopped hears no more, and what was done stays", () => {
  const page = begun()
    .news(0, { point: { step: 50, loss: 2 } })
    .news(0, { how: "done" });
  page.send({ type: "sweep-stop" });
  assert.deepEqual(
    page.sweep.trials.map(({ how }) => how),
    ["done", "stopped", "stopped"],
  );
  const before = page.sweep;
  assert.equal(page.news(1, { how: "training" }).sweep, before);
  const { round } = page.send({ type: "sweep-start" }).sweep;
  page.send({ type: "sweep-news", round: round - 1, trial: 0, how: "diverged" });
  assert.equal(page.sweep.trials[0].how, "waiting");
});

test("labels that would lie on each other make room", () => {
  const tops = (list) => spread(list.map((top) => ({ top }))).map(({ top }) => top);
  assert.deepEqual(tops([50, 10, 12]), [10, 18, 50]);
  assert.deepEqual(tops([99, 98, 100]), [84, 92, 100]);
});
