// A run on the page: what each button asks of the worker, and what the worker's words change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "../page.js";

const started = (address) => new Page(address).load().send({ type: "start" });
const running = (address) => started(address).created();

test("Start asks for a run at its pace, and to train it to its end", () => {
  const page = started("train?steps=40&lr=0.02");
  assert.deepEqual(page.outbox, ["pace", "new", "train"]);
  assert.equal(page.last("pace").stepsPerSecond, 4); // ten seconds for all of it
  const { run, settings } = page.last("new");
  assert.deepEqual([settings.steps, settings.lr, settings.eval_every], [40, 0.02, 4]);
  assert.deepEqual(page.last("train"), { type: "train", run, until: 40 });
  assert.equal(page.state.run.status, "starting");
  page.created();
  assert.equal(page.state.run.status, "running");
  assert.equal(page.state.said, "Training has begun.");
});

test("Start before Python is there begins by itself, unless it is taken back", () => {
  const page = new Page().send({ type: "start" });
  assert.deepEqual([page.outbox, page.state.queuedAction], [[], "train"]);
  page.load();
  assert.deepEqual(page.outbox, ["describe", "pace", "new", "train"]);
  const other = new Page().send({ type: "start" }).send({ type: "unqueue" }).load();
  assert.deepEqual([other.outbox, other.state.run], [["describe"], null]);
});

test("Start that waits is forgotten when Python does not come or the text is bad", () => {
  const page = new Page().send({ type: "start" });
  page.send({ type: "failed", stage: "numpy", reason: "no network" });
  assert.equal(page.state.queuedAction, "");
  const other = new Page().send({ type: "start" });
  other.send({ type: "ready", python: "3", numpy: "2", memory: 1 });
  other.answer("data", "refused", { message: "It is empty." });
  assert.deepEqual([other.state.queuedAction, other.state.data.status], ["", "refused"]);
});

test("Pause and Stop are asked of the run; Go on trains to the same end", () => {
  const page = running("train?steps=40");
  assert.deepEqual(page.send({ type: "pause" }).outbox, ["pause"]);
  page.stopped("paused", 7);
  assert.deepEqual([page.state.run.status, page.state.said], ["paused", "Paused at step 7."]);
  assert.deepEqual(page.send({ type: "start" }).outbox, ["train"]);
  assert.equal(page.last("train").until, 40);
  assert.deepEqual(page.send({ type: "finish" }).outbox, ["finish"]);
  page.stopped("stopped", 9);
  assert.equal(page.state.run.status, "stopped");
});

test("Step makes one step, from nothing and from where it stands", () => {
  const page = new Page().load().send({ type: "step" });
  assert.equal(page.last("train").until, 1);
  page.created().stopped("paused", 1);
  assert.notEqual(page.state.said, "Paused at step 1."); // no milestone
  assert.deepEqual(page.send({ type: "step" }).outbox, ["train"]);
  assert.equal(page.last("train").until, 2);
});

test("Step goes on after the end of a run", () => {
  const page = running("train?steps=5").stopped("done", 5).send({ type: "step" });
  assert.deepEqual([page.outbox, page.last("train").until], [["train"], 6]);
});

test("Reset asks for a fresh run with the settings of now, and does not train it", () => {
  const page = running("train?steps=20").stopped("done", 20);
  page.send({ type: "settings", values: { seed: 7 } }).send({ type: "reset" });
  assert.deepEqual(page.outbox, ["pace", "new"]);
  assert.equal(page.last("new").settings.seed, 7);
  page.created();
  assert.deepEqual([page.state.run.status, page.state.run.step], ["idle", 0]);
  assert.equal(page.send({ type: "start" }).last("train").until, 20);
});

test("the end can be moved after it was reached, and the pace is told of it", () => {
  const page = running("train?steps=30").stopped("done", 30);
  page.send({ type: "settings", values: { steps: 50 } });
  assert.deepEqual(page.outbox, ["describe"]);
  page.send({ type: "start" });
  assert.deepEqual(page.outbox, ["pace", "train"]);
  assert.deepEqual([page.last("train").until, page.last("pace").stepsPerSecond], [50, 5]);
});

test("the end can be moved while it trains, but not that of a single step", () => {
  const page = running("train?steps=1000").send({ type: "settings", values: { steps: 3 } });
  assert.deepEqual([page.outbox, page.last("train").until], [["describe", "train"], 3]);
  const one = new Page().load().send({ type: "step" }).created();
  one.send({ type: "settings", values: { steps: 900 } });
  assert.deepEqual(one.outbox, ["describe"]);
});

test("a pace is asked for at once", () => {
  const page = running("train?steps=1000").send({ type: "page", values: { pace: "full" } });
  assert.deepEqual([page.outbox, page.last("pace").stepsPerSecond], [["pace"], 0]);
  page.send({ type: "page", values: { theme: "dark" } });
  assert.deepEqual(page.outbox, []);
});

test("a run that broke is tried again with clip 1", () => {
  const page = running("train?lr=100").stopped("diverged", 3, { message: "too fast" });
  assert.deepEqual([page.state.run.status, page.state.run.message], ["diverged", "too fast"]);
  page.send({ type: "retry-clipped" });
  assert.deepEqual(page.outbox, ["describe", "pace", "new", "train"]);
  assert.equal(page.last("new").settings.clip, 1);
});

test("a run that cannot be is refused in its words", () => {
  const page = started().answer("new", "refused", { message: "It needs 90 GB." });
  assert.deepEqual([page.state.run.status, page.state.said], ["refused", "It needs 90 GB."]);
});

test("what an older run says is dropped", () => {
  const page = running();
  const old = page.state.run.id;
  page.send({ type: "again" }).created();
  const { run } = page.state;
  page.send({ type: "progress", run: old, step: 99, losses: Float64Array.of(1) });
  page.send({ type: "stopped", run: old, step: 99, reason: "done" });
  page.send({ type: "samples", run: old, step: 99, samples: [] });
  page.send({ type: "evaluation", run: old, step: 99, loss: 1 });
  page.send({ type: "autosaved", run: old, step: 99 });
  assert.equal(page.state.run, run);
  assert.equal(page.state.saved.step, null);
});

test("progress draws the curve of its run, point by point", () => {
  const page = running("train?steps=100").progress(1, [3.3]).progress(3, [3.2, 3.1]);
  const { curve, step } = page.state.run;
  assert.deepEqual([step, curve.steps, curve.dots], [3, [1, 2, 3], [3.3, 3.2, 3.1]]);
});

test("the first loss below the bigram's is a milestone, once", () => {
  const page = running();
  const evaluate = (step, loss) =>
    page.send({ type: "evaluation", run: page.state.run.id, step, loss, bitsPerByte: 1 });
  evaluate(0, 2.4); // before anything was learned it would be luck
  assert.equal(page.state.run.beat, null);
  evaluate(100, 2.4);
  assert.deepEqual(
    [page.state.run.beat, page.state.said],
    [100, "By step 100: better than the bigram."],
  );
  evaluate(200, 2.3);
  assert.equal(page.state.run.beat, 100);
  assert.deepEqual(
    page.state.run.evaluations.map(({ step }) => step),
    [0, 100, 200],
  );
});

test("what is written before a new run stands is kept, but not for an opened model", () => {
  const page = running("train?steps=40").send({ type: "reset" }).send({ type: "write" });
  const { id } = page.state.writing;
  page.created().send({ type: "token", id, text: "r" });
  assert.deepEqual([page.state.writing.id, page.state.writing.text], [id, "r"]);
  page.send({ type: "open", name: "a", bytes: new Uint8Array(1) }).opened("open", { step: 5 });
  assert.equal(page.state.writing.text, "");
});

test("samples stand in their fifth of the run, and bring the chances of the next token anew", () => {
  const page = running("train?steps=100");
  const write = (step) =>
    page.send({
      type: "samples",
      run: page.state.run.id,
      step,
      samples: [{ text: "ann", new: true }],
    });
  assert.deepEqual(write(0).outbox, ["next"]);
  write(1); // the start has its own
  assert.equal(page.state.run.columns[0].step, 0);
  write(21); // near enough to a fifth
  write(50); // between two of them
  assert.deepEqual(Object.keys(page.state.run.columns), ["0", "1"]);
  assert.equal(page.state.run.live.step, 50);
});

test("kept curves are three at most, the oldest leaves first", () => {
  const page = running();
  for (let i = 0; i < 4; i += 1) page.send({ type: "keep-curve" });
  assert.deepEqual(
    page.state.keptCurves.map(({ key }) => key),
    [2, 3, 4],
  );
  page.send({ type: "drop-curve", key: 3 });
  assert.deepEqual(
    page.state.keptCurves.map(({ key }) => key),
    [2, 4],
  );
});

test("a mistake of ours that Python survives is said, and training can go on", () => {
  const page = running();
  page.send({ type: "crashed", fatal: false, run: page.state.run.id, message: "KeyError: x" });
  assert.deepEqual(page.state.internalError.message, "KeyError: x");
  assert.equal(page.state.run.message, "This is our mistake: KeyError: x");
  assert.equal(page.state.python.status, "ready");
});

test("when Python has stopped the run is lost, and a fresh Python begins anew", () => {
  const page = running("train?tokenizer=bpe");
  page.send({ type: "settings", values: { tokenizer: "trained" } });
  page.send({ type: "crashed", fatal: true, message: "out of memory" });
  assert.deepEqual([page.state.run.status, page.state.python.status], ["lost", "crashed"]);
  page.send({ type: "retry" });
  assert.deepEqual([page.state.run, page.state.settings.tokenizer], [null, "chars"]);
  assert.equal(page.state.python.attempt, 2);
  page.load();
  assert.deepEqual(page.outbox, ["describe"]);
});

// ---- what is on the screen is what runs

test("after Reset, Start trains the settings on the screen", () => {
  const page = running("train?steps=2").stopped("done", 2).send({ type: "reset" }).created();
  page.send({ type: "settings", values: { lr: 0.1 } }).send({ type: "start" });
  assert.deepEqual(page.outbox, ["pace", "new", "train"]);
  assert.equal(page.last("new").settings.lr, 0.1);
  assert.equal(page.state.run.settings.lr, 0.1);
});

test("after Step and Reset, Step takes the settings on the screen", () => {
  const page = started("train?steps=9").created().stopped("paused", 1);
  page
    .send({ type: "reset" })
    .created()
    .send({ type: "settings", values: { n_embd: 32 } });
  page.send({ type: "step" });
  assert.equal(page.last("new").settings.n_embd, 32);
  assert.equal(page.last("train").until, 1);
});

test("a run with steps goes on with its own settings", () => {
  const page = running("train?steps=9").stopped("paused", 3);
  page.send({ type: "settings", values: { lr: 0.1 } }).send({ type: "start" });
  assert.deepEqual(page.outbox, ["train"]);
  assert.equal(page.state.run.settings.lr, 0.01);
});

test("nothing is trained with a value other than the one on the screen", () => {
  const page = new Page("train").load();
  const problem = "Learning rate must be a number from 0 to 100.";
  page.send({ type: "mistyped", place: "settings", name: "lr", problem }).send({ type: "start" });
  assert.deepEqual(page.outbox, []);
  assert.deepEqual([page.state.run, page.state.refusal, page.state.said], [null, problem, problem]);
  page.send({ type: "settings", values: { lr: 0.02 } });
  assert.equal(page.state.refusal, "");
  page.send({ type: "start" });
  assert.equal(page.last("new").settings.lr, 0.02);
});

test("nor is anything written", () => {
  const page = running().stopped("paused", 2);
  const problem = "Temperature must be a number from 0 to 100.";
  page.send({ type: "mistyped", place: "sampling", name: "temperature", problem });
  for (const type of ["write", "letter"]) {
    page.send({ type });
    assert.deepEqual([page.outbox, page.state.writing.problem], [[], problem]);
  }
  page.send({ type: "sampling", values: { temperature: 0.8 } });
  assert.deepEqual([page.state.mistyped, page.state.writing.problem], [{}, ""]);
});

test("An idle page asks for what a start does without, once Python is there", () => {
  const page = new Page().send({ type: "idle" });
  assert.deepEqual(page.outbox, []);
  page.load().send({ type: "idle" });
  assert.deepEqual(page.outbox, ["complete"]);
});
