// Models and settings outside the page: files, links, the command, what this browser keeps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsIn } from "../../../web/select/kept-runs.js";
import { notices } from "../../../web/select/notices.js";
import { Page } from "../page.js";

test("a link with a model opens as soon as Python is there, beside reading the data", () => {
  const page = new Page("train?model=mgptAA");
  page.send({ type: "ready", python: "3", numpy: "2", memory: 1 });
  assert.deepEqual(page.outbox, ["data", "open-link", "pace"]);
  assert.equal(page.last("open-link").text, "mgptAA");
  const note = { data: "names", step: 5 };
  page.haveData().opened("open-link", { origin: "link", step: 5, canTrain: false, note });
  assert.deepEqual(page.outbox, ["pace", "describe", "next", "write"]);
  assert.deepEqual([page.last("write").count, page.last("write").prompt], [20, ""]);
  assert.deepEqual([page.state.run.status, page.state.run.ready], ["done", true]);
});

test("a broken link says so, and Start still begins a run", () => {
  const page = new Page("train?model=hello").load();
  page.answer("open-link", "refused", { message: "This is no model." });
  assert.deepEqual([page.state.link.problem, page.state.run], ["This is no model.", null]);
  assert.deepEqual(page.send({ type: "step" }).outbox, ["pace", "new", "train"]);
});

test("samples of an opened model come letter by letter", () => {
  const page = new Page().load().send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  page.opened("open", { step: 5 });
  const { id, count } = page.last("write");
  assert.equal(count, 5); // they may be long texts
  for (const text of "an") page.send({ type: "token", id, index: 1, text });
  assert.equal(page.state.preview.texts[1], "an");
  page.send({ type: "written", id, texts: ["x", "an"], new: [true, null], reason: "end" });
  assert.deepEqual(page.state.run.live.samples[1], { text: "an", new: null });
  assert.equal(page.state.preview.id, null);
});

test("a file that is no model leaves the run before as it was", () => {
  const page = new Page().load().send({ type: "start" }).created().stopped("paused", 4);
  const { run } = page.state;
  page.send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  assert.equal(page.state.run.before, run);
  page.answer("open", "refused", { message: "a is damaged." });
  assert.equal(page.state.run, run);
  assert.deepEqual(page.outbox, ["pace"]); // that of the run before
  assert.equal(page.state.saved.problem, "a is damaged.");
  page.send({ type: "open", name: "b", bytes: new Uint8Array(1) });
  assert.equal(page.state.saved.problem, ""); // a good file after a bad one
});

test("a run goes on, and ends, while a file that is no model opens", () => {
  const page = new Page().load().send({ type: "start" }).created();
  const run = page.state.run.id;
  page.send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  page.progress(1, [3.2], { run }).stopped("done", 1, { run });
  assert.equal(page.state.run.before.status, "done");
  page.answer("open", "refused", { message: "a is damaged." });
  const { id, status, curve } = page.state.run;
  assert.deepEqual([id, status, curve.steps], [run, "done", [1]]);
});

test("the form follows an opened model, and its prompt is one the model can read", () => {
  const page = new Page("train?prompt=%C3%A9").load();
  page.send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  page.opened("open", {
    step: 3,
    settings: { steps: 9, n_embd: 64 },
    losses: Float64Array.of(3, 2, 1),
  });
  const { settings, run, prompt } = page.state;
  assert.deepEqual([settings.steps, settings.n_embd, run.status], [9, 64, "paused"]);
  assert.deepEqual([prompt, run.curve.steps], ["", [1, 2, 3]]);
});

// ---- the runs that are kept

const kept = (key, values = {}) => ({
  key,
  saved: 1,
  step: 4,
  steps: 9,
  bytes: 100,
  settings: new Page("train?steps=9").state.settings,
  data: { kind: "names", name: "names", split: "line", digest: "names" },
  ...values,
});

test("Continue opens a run that this browser keeps, and goes on under its key", () => {
  const page = new Page().send({ type: "kept", runs: [kept("b"), kept("a")] }).load();
  assert.equal(page.state.run, null); // it is not finished: the reader is asked
  page.send({ type: "continue", key: "a" });
  assert.deepEqual(page.outbox, ["continue", "pace"]);
  assert.equal(page.last("continue").key, "a");
  page.opened("continue", { step: 4, origin: "autosave" });
  page.send({ type: "autosaved", run: page.state.run.id, step: 5, key: "a" });
  assert.deepEqual([page.state.saved.key, page.state.saved.step], ["a", 5]);
});

test("two runs of one name are told apart by their settings", () => {
  /** @param {string} address */
  const made = (address) => settingsIn(kept("a", { settings: new Page(address).state.settings }));
  assert.deepEqual(made("train?preset=microgpt&steps=9&eval_tokens=600"), []);
  assert.deepEqual(made("train?preset=microgpt&lr=0.1&seed=7"), ["learning rate 0.1", "seed 7"]);
  const many = made("train?preset=llama&lr=0.1&seed=7&n_head=1&batch_size=9&clip=1.5&dropout=0.5");
  assert.equal(many.length, 5);
  assert.match(many[4], /^\d more$/);
});

test("a run with steps that is reset stays in the list, and is one press away", () => {
  const page = new Page("train?steps=9").load().send({ type: "start" }).created();
  const first = page.state.run.id;
  page.progress(4, [3, 3, 3, 3]).send({ type: "reset" });
  page.send({ type: "autosaved", run: first, step: 4, key: "a" });
  page.send({ type: "kept", runs: [kept("a")] }).created();
  const [notice] = notices(page.state);
  assert.equal(notice.title, "Your previous run is kept");
  assert.match(notice.text, /^Microgpt on names, 4 of 9 steps/);
  page.send({ type: "reset" }); // once more: there was nothing in between
  assert.deepEqual(notices(page.state)[0].actions, [
    ["Open it again", { type: "continue", key: "a" }],
  ]);
  page.send({ type: "start" });
  assert.deepEqual(notices(page.state), []);
});

test("a finished run is there again after a reload, with its samples", () => {
  const page = new Page("train?steps=9")
    .send({ type: "kept", runs: [kept("a", { step: 9 })] })
    .load();
  assert.equal(page.last("continue").key, "a");
  const samples = [0, 9].map((step) => ({ step, samples: [{ text: `at ${step}`, new: true }] }));
  page.opened("continue", { step: 9, settings: { steps: 9 }, origin: "autosave", samples });
  assert.deepEqual([page.state.run.status, page.state.run.columns.length], ["done", 6]);
  assert.equal(page.state.run.live.samples[0].text, "at 9");
  assert.equal(page.last("write"), undefined); // it need not write others to have some
});

test("an opened run is the one of the list, unless another tab has it or it came from a file", () => {
  const page = new Page("train?steps=9")
    .send({ type: "kept", runs: [kept("a", { step: 9 })] })
    .load();
  page.opened("continue", { step: 9, origin: "autosave", key: "a" });
  assert.deepEqual([page.state.saved.key, page.state.saved.step], ["a", 9]);
  page.send({ type: "open", name: "b", bytes: new Uint8Array(1) }).opened("open", { step: 3 });
  assert.deepEqual([page.state.saved.key, page.state.saved.step], [null, null]);
});

test("an older finished run is there again, too, if it was the one on the screen", () => {
  const settings = new Page("train?steps=9&lr=0.1").state.settings;
  const runs = [kept("b", { step: 9 }), kept("a", { step: 9, settings })];
  const opened = (address, given = runs) =>
    new Page(address).send({ type: "kept", runs: given }).load().last("continue")?.key;
  assert.equal(opened("train?steps=9&lr=0.1"), "a");
  assert.equal(opened("train?steps=9"), "b");
  assert.equal(opened("train?steps=9&lr=0.1&question=step"), undefined); // to be tried anew
  assert.equal(opened("train?steps=9&lr=0.1", [kept("c"), ...runs]), undefined); // c is not finished
});

test("what another tab keeps later is listed, and not opened here", () => {
  const page = new Page("train?steps=9").send({ type: "kept", runs: [] }).load();
  page.send({ type: "kept", runs: [kept("a", { step: 9 })] });
  assert.equal(page.last("continue"), undefined);
  assert.equal(page.state.saved.runs.length, 1);
});

test("an address that asks for something else is not overruled by a kept run", () => {
  const runs = [kept("a", { step: 9 })];
  for (const address of [
    "train?steps=9&lr=0.5",
    "train?steps=9&data=stories",
    "train?steps=9&model=x",
  ]) {
    const page = new Page(address).send({ type: "kept", runs }).load();
    assert.equal(page.last("continue"), undefined, address);
  }
  const early = new Page("train?steps=9")
    .send({ type: "start" })
    .send({ type: "kept", runs })
    .load();
  assert.equal(early.last("continue"), undefined);
});

test("a new run never takes the place of a kept one", () => {
  const page = new Page()
    .send({ type: "kept", runs: [kept("a")] })
    .load()
    .send({ type: "start" })
    .created();
  assert.deepEqual([page.state.saved.key, page.state.saved.step], [null, null]);
  page.send({ type: "autosaved", run: page.state.run.id, step: 5, key: "b" });
  assert.equal(page.state.saved.key, "b");
});

test("kept runs can be renamed, downloaded and deleted, each by its key", () => {
  const page = new Page().load().send({ type: "kept", runs: [kept("a"), kept("b")] });
  page.send({ type: "rename", key: "b", label: "  mine " });
  assert.deepEqual(page.state.outbox, [{ type: "rename", key: "b", label: "mine" }]);
  assert.deepEqual(page.send({ type: "rename", key: "b", label: " " }).outbox, []);
  page.send({ type: "kept-file", key: "b", name: "mine.safetensors" });
  assert.deepEqual(
    [page.last("kept-file").key, page.last("kept-file").name],
    ["b", "mine.safetensors"],
  );
  assert.deepEqual(page.send({ type: "forget", key: "a" }).state.outbox, [
    { type: "forget", key: "a" },
  ]);
  page.send({ type: "forgotten", key: "a" }).send({ type: "kept", runs: [kept("b")] });
  assert.deepEqual(
    page.state.saved.runs.map(({ key }) => key),
    ["b"],
  );
});

test("where there is no room the oldest is offered for deletion, and not taken", () => {
  const page = new Page().load().send({ type: "start" }).created();
  const runs = [kept("new"), kept("old")];
  page.send({ type: "kept", runs });
  page.send({ type: "storage-full", run: page.state.run.id, oldest: runs[1] });
  assert.equal(page.state.saved.full.key, "old");
  assert.deepEqual(page.outbox, []);
  page.send({ type: "forget", key: "old" }).send({ type: "kept", runs: [runs[0]] });
  assert.equal(page.state.saved.full, null);
});

test("a run that Reset has put away, and that found no room, is offered it", () => {
  const page = new Page().load().send({ type: "start" }).created();
  const runs = [kept("new"), kept("old")];
  page.send({ type: "kept", runs }).answer("train", "progress", { step: 3, losses: [3, 2, 1] });
  const { id } = page.state.run;
  page.send({ type: "reset" }).created();
  page.send({ type: "storage-full", run: id, oldest: runs[1] });
  const [notice] = notices(page.state).filter(({ title }) => title.includes("not kept"));
  assert.match(notice.title, /previous run/);
  assert.deepEqual(notice.actions[0][1], { type: "forget", key: "old" });
  page.send({ type: "forget", key: "old" }).send({ type: "kept", runs: [runs[0]] });
  page.send({ type: "autosaved", run: id, step: 3, key: "put-away" });
  page.send({ type: "kept", runs: [kept("put-away"), runs[0]] });
  const titles = notices(page.state).map(({ title }) => title);
  assert.deepEqual(titles, ["Your previous run is kept"]);
});

test("the command and the link with a model are asked for and shown to be copied", () => {
  const page = new Page("train?steps=8&n_head=2").load().send({ type: "as-command" });
  const { settings } = page.last("command");
  assert.deepEqual([settings.steps, settings.n_head, settings.eval_every], [8, 2, 1]);
  page.answer("command", "command", { text: "python -m py.microgpt train" });
  assert.deepEqual(page.state.saved.panel, {
    kind: "command",
    text: "python -m py.microgpt train",
  });
  page.send({ type: "copied", what: "Command", ok: true });
  assert.deepEqual([page.state.saved.panel.copied, page.state.said], [true, "Command copied."]);
  page.send({ type: "model-link" }).answer("link", "linked", { text: "mgpt", bytes: 9 });
  assert.deepEqual(page.state.saved.panel, { kind: "model", text: "mgpt", bytes: 9 });
});

test("an answer to an earlier wish is not shown", () => {
  const page = new Page().load().send({ type: "model-link" });
  const { id } = page.last("link");
  page.send({ type: "as-command" }).send({ type: "linked", id, text: "mgpt", bytes: 9 });
  assert.equal(page.state.saved.panel, null);
});

test("an address brings other settings and data; the same text is not read again", () => {
  const page = new Page().load();
  const opening = (address) => new Page(address).state;
  const go = (address) => {
    const { view, settings, sampling, prompt, data, ignored, link, inside } = opening(address);
    const asks = { view, settings, sampling, prompt, data, ignored, model: link.text };
    return page.send({ type: "address", opening: { ...asks, look: inside.text } });
  };
  assert.deepEqual(go("tokens?steps=7").outbox, ["describe", "cut"]);
  assert.deepEqual([page.state.view, page.state.settings.steps], ["tokens", 7]);
  assert.ok(go("train?data=stories").outbox.includes("data"));
  assert.deepEqual(go("train?data=stories&model=mgptAA").outbox, ["open-link", "pace"]);
});
