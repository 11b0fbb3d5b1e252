// The small model that comes with the page: what writes and what is looked into, and until when.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { shares } from "../../../web/select/attention-text.js";
import { aboutShipped, lookedInto, modelAtHand } from "../../../web/select/shown-run.js";
import { Page } from "../page.js";

const recorded = JSON.parse(readFileSync(new URL("../../../web/recorded.json", import.meta.url)));
const SHIPPED = {
  type: "shipped",
  parameters: 4192,
  vocabSize: 27,
  vocabulary: "abcdefghijklmnopqrstuvwxyz",
  tokenizer: { kind: "chars" },
  settings: { preset: "microgpt", n_layer: 1, n_head: 4, block_size: 16 },
  note: { step: 10_000, data: "names", loss: 2.221 },
};
const visit = (address) => new Page(address).load().send(SHIPPED);
const origin = (page) => modelAtHand(page.state)?.origin;

test("it writes and shows its bars as soon as it is there, and says what it is", () => {
  const page = visit();
  assert.deepEqual(page.outbox, ["next", "write"]);
  assert.equal(origin(page), "shipped");
  const told = aboutShipped(modelAtHand(page.state));
  assert.match(told, /4,192 numbers.*10,000 steps on names. Yours will replace it/);
  page.answer("write", "token", { text: "r", unseen: 0 });
  page.answer("write", "written", { texts: ["mar"], reason: "end" });
  assert.equal(page.state.said, "Python is ready."); // nobody asked for it: it is not read out
  page.send({ type: "sampling", values: { temperature: 0.7 } });
  assert.deepEqual(page.outbox, ["next", "write"]); // a slider moves both
});

test("Inside is never empty: it looks into that model until the run has made a step", () => {
  const page = visit("inside");
  assert.deepEqual(page.outbox, ["next", "write", "attention", "embeddings"]);
  page.answer("attention", "attention", { layers: 1, heads: 4, tokens: [], prompt: "amelia" });
  page.send({ type: "start" }).created();
  assert.equal(origin(page), "shipped");
  assert.equal(page.state.inside.attention.answer.prompt, "amelia");
  page.progress(1, [3.3]);
  assert.equal(origin(page), "new");
  assert.equal(page.state.inside.attention.answer, null); // of another model
  assert.deepEqual(page.outbox, ["attention", "embeddings"]);
});

test("after Reset it is back; without it there is the run at its beginning", () => {
  const page = visit().send({ type: "start" }).created().progress(3, [3, 3, 3]);
  page.stopped("paused", 3).send({ type: "reset" }).created();
  assert.equal(origin(page), "shipped");
  const alone = new Page().load().send({ type: "start" }).created();
  assert.equal(origin(alone), "new");
});

test("what it wrote is not taken for the words of a model that is opened", () => {
  const page = visit().answer("write", "token", { text: "risa", unseen: 0 });
  assert.equal(page.state.writing.text, "risa");
  page.send({ type: "open", name: "a.safetensors", bytes: new Uint8Array(1) });
  page.opened("open", { step: 5 });
  assert.equal(page.state.writing.text, "");
});

test("a model that was opened is the reader's own, and nothing is written over", () => {
  const page = new Page().load();
  page.send({ type: "open", name: "a.safetensors", bytes: new Uint8Array(1) });
  page.opened("open", { step: 5, canTrain: false });
  page.send(SHIPPED);
  assert.deepEqual(page.outbox, []);
  assert.equal(origin(page), "file");
});

test("what the model no longer sees is known, and it can go on where it stopped", () => {
  const page = visit().send({ type: "prompt", text: "ma" }).send({ type: "write" });
  page.answer("write", "token", { text: "rinala", unseen: 5 });
  assert.equal(page.state.writing.unseen, 5);
  page.answer("write", "written", { texts: ["marinala"], reason: "halted" });
  assert.equal(page.state.said, "marinala");
  const { seed } = page.last("write").sampling;
  page.send({ type: "go-on" });
  assert.deepEqual(page.last("write").prompt, "marinala");
  assert.equal(page.last("write").sampling.seed, seed + 6); // other dice than before
  page.answer("write", "token", { text: "n", unseen: 6 });
  assert.equal(page.state.writing.text, "rinalan");
});

test("a text that is refused leaves the picture of the one before, and that is kept up to date", () => {
  const page = visit("inside");
  const picture = { layers: 1, heads: 4, tokens: ["<bos>", "a"], prompt: "a" };
  page.send({ type: "inside-text", text: "a" }).answer("attention", "attention", picture);
  page.send({ type: "inside-text", text: "é" });
  page.answer("attention", "refused", { message: "This model has never seen “é”." });
  const { answer, problem } = page.state.inside.attention;
  assert.deepEqual([answer.prompt, problem], ["a", "This model has never seen “é”."]);
  page.send({ type: "look-again" });
  assert.equal(page.last("attention").prompt, "a");
  page.answer("attention", "attention", picture);
  assert.equal(page.state.inside.attention.problem, "This model has never seen “é”.");
  page.send({ type: "inside-text", text: "b" }).answer("attention", "attention", picture);
  assert.equal(page.state.inside.attention.problem, "");
});

test("the bars of the prompt before stay when a prompt is refused", () => {
  const page = visit().answer("next", "probabilities", { tokens: [{ p: 1 }], prompt: "ma" });
  page.send({ type: "prompt", text: "é" }).send({ type: "next-tokens" });
  page.answer("next", "refused", { message: "never seen" });
  const { tokens, shown, problem } = page.state.nextTokens;
  assert.deepEqual([tokens.length, shown, problem], [1, "ma", "never seen"]);
});

test("before Python is there Inside shows what was recorded, and asks nothing", () => {
  const page = new Page("inside").send({ type: "recorded", recorded: structuredClone(recorded) });
  const { attention, embeddings } = page.state.inside;
  assert.deepEqual(
    [lookedInto(page.state).origin, attention.answer.tokens.length],
    ["recorded", 7],
  );
  const rows = shares(attention.answer, 0, 0);
  assert.ok(rows.every((row) => Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 0.01));
  assert.equal(embeddings.answer.points.length, 2 * embeddings.answer.tokens.length);
  page.send({ type: "embeddings", values: { method: "tsne" } });
  assert.deepEqual([page.outbox, page.state.inside.embeddings.method], [[], "pca"]);
  page.load().send(SHIPPED);
  assert.deepEqual(
    [lookedInto(page.state).origin, page.state.inside.attention.answer],
    ["shipped", null],
  );
});
