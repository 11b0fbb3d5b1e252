// Models and settings outside the page: files, links, the command, what this browser keeps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "./page.js";

test("a link with a model opens as soon as Python is there, beside reading the data", () => {
  const page = new Page("train?model=mgptAA");
  page.send({ type: "ready", python: "3", numpy: "2", memory: 1 });
  assert.deepEqual(page.outbox, ["data", "open-link", "pace"]);
  assert.equal(page.last("open-link").text, "mgptAA");
  page.haveData().opened("open-link", { origin: "link", step: 5, canTrain: false });
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
  const { id } = page.last("write");
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

test("the form follows an opened model, and its prompt is one the model can read", () => {
  const page = new Page("train?prompt=%C3%A9").load();
  page.send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  page.opened("open", { step: 3, settings: { steps: 9, n_embd: 64 }, losses: Float64Array.of(3, 2, 1) });
  const { settings, run, prompt } = page.state;
  assert.deepEqual([settings.steps, settings.n_embd, run.status], [9, 64, "paused"]);
  assert.deepEqual([prompt, run.curve.steps], ["", [1, 2, 3]]);
});

test("Continue opens what this browser keeps", () => {
  const page = new Page().send({ type: "kept", step: 4, steps: 9, name: "names" });
  assert.equal(page.state.saved.about.step, 4);
  page.load().send({ type: "continue" });
  assert.deepEqual(page.outbox, ["continue", "pace"]);
  page.opened("continue", { step: 4, origin: "autosave" });
  page.send({ type: "autosaved", run: page.state.run.id, step: 5 });
  assert.deepEqual([page.state.saved.about, page.state.saved.step], [null, 5]);
});

test("what is kept can be deleted", () => {
  const page = new Page().send({ type: "kept", step: 4 }).send({ type: "forget" });
  assert.deepEqual(page.outbox, ["forget"]);
  page.send({ type: "forgotten" });
  assert.equal(page.state.saved.about, null);
});

test("the command and the link with a model are asked for and shown to be copied", () => {
  const page = new Page("train?steps=8&n_head=2").load().send({ type: "as-command" });
  const { settings } = page.last("command");
  assert.deepEqual([settings.steps, settings.n_head, settings.eval_every], [8, 2, 1]);
  page.answer("command", "command", { text: "python -m py.microgpt train" });
  assert.deepEqual(page.state.saved.panel, { kind: "command", text: "python -m py.microgpt train" });
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
