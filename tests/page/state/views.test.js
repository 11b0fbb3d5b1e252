// Data, settings, writing, and the views Inside and Tokens: what they ask, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "../page.js";

const running = (address) => new Page(address).load().send({ type: "start" }).created();

// ---- data and settings

test("other data are read and then described; an answer about other data is dropped", () => {
  const page = new Page().load().send({ type: "choose-data", kind: "stories" });
  const first = page.last("data").id;
  page.send({ type: "choose-data", kind: "names" });
  page.send({ type: "data", id: first, kind: "stories", name: "stories" });
  assert.equal(page.state.data.status, "reading");
  page.haveData();
  assert.deepEqual([page.outbox, page.state.data.status], [["describe"], "ready"]);
});

test("one's own text keeps how it is cut; a built-in one has its own way", () => {
  const page = new Page().load();
  const bytes = new Uint8Array(3);
  page.send({ type: "choose-data", kind: "text", name: "mine.txt", bytes }).haveData();
  page.send({ type: "split", split: "blank" });
  const { kind, name, split } = page.last("data");
  assert.deepEqual(
    [kind, name, split, page.last("data").bytes],
    ["text", "mine.txt", "blank", bytes],
  );
  page.haveData().send({ type: "choose-data", kind: "text", name: "other.txt", bytes });
  assert.equal(page.last("data").split, "blank");
  page.haveData().send({ type: "choose-data", kind: "names" });
  assert.equal(page.last("data").split, "line");
});

test("a bad text is named, and the way back is one click", () => {
  const page = new Page().load();
  page.send({ type: "choose-data", kind: "text", name: "mine.txt", bytes: new Uint8Array(0) });
  page.answer("data", "refused", { message: "mine.txt is empty." });
  const { status, refused, message } = page.state.data;
  assert.deepEqual([status, refused, message], ["refused", "mine.txt", "mine.txt is empty."]);
  page.send({ type: "choose-data", kind: "names" }).haveData();
  assert.deepEqual([page.state.data.status, page.state.data.message], ["ready", ""]);
});

test("what a run would be is asked anew with every setting, and old answers are dropped", () => {
  const page = new Page().load();
  const first = page.last("describe").id;
  page.send({ type: "settings", values: { n_embd: 18 } });
  page.send({ type: "described", id: first, parameters: 1 });
  assert.equal(page.state.described.answer, null);
  page.answer("describe", "refused", { message: "Width must divide evenly." });
  assert.equal(page.state.described.problem, "Width must divide evenly.");
  assert.equal(page.state.touched, "n_embd");
  // The refusal is about what is no longer chosen, however long Python needs for what is.
  page.send({ type: "settings", values: { n_embd: 16 } });
  assert.equal(page.state.described.problem, "");
  page.answer("describe", "described", { parameters: 9 });
  assert.deepEqual(page.state.described, {
    id: page.last("describe").id,
    answer: { parameters: 9 },
    problem: "",
    current: true,
  });
});

test("words of a setting open and close, one in a group", () => {
  const page = new Page().send({ type: "explain", group: "run", name: "settings.lr" });
  page.send({ type: "explain", group: "run", name: "settings.seed" });
  assert.equal(page.state.explained.run, "settings.seed");
  page.send({ type: "explain", group: "run", name: "settings.seed" });
  assert.equal(page.state.explained.run, "");
});

// ---- writing

test("Write streams what comes under its id, and can be halted", () => {
  const page = running().send({ type: "prompt", text: "an" }).send({ type: "write" });
  const { id, prompt, cache, sampling } = page.last("write");
  assert.deepEqual([prompt, cache, sampling.seed], ["an", true, 7]);
  page.send({ type: "token", id, text: "n" }).send({ type: "token", id: id - 1, text: "z" });
  assert.deepEqual([page.state.writing.text, page.state.writing.busy], ["n", true]);
  assert.deepEqual(page.send({ type: "halt" }).state.outbox, [{ type: "halt", id }]);
  const speed = { tokensPerSecond: 5, context: 16 };
  page.send({ type: "written", id, texts: ["n"], new: [true], reason: "end", cache: true, speed });
  assert.deepEqual([page.state.writing.busy, page.state.writing.ended], [false, true]);
  assert.deepEqual(page.state.writing.speeds, { run: page.state.run.id, on: speed });
});

test("letter by letter each letter has dice of its own, and the chances follow", () => {
  const page = running().send({ type: "prompt", text: "a" });
  const one = (text) => {
    page.send({ type: "letter" });
    page
      .answer("write", "token", { text })
      .answer("write", "written", { texts: [text], reason: "length" });
  };
  one("n");
  assert.deepEqual([page.last("write").maxTokens, page.last("next").prompt], [1, "an"]);
  const { seed } = page.last("write").sampling;
  one("n");
  assert.deepEqual([page.last("write").prompt, page.last("write").sampling.seed], ["an", seed + 1]);
  page.send({ type: "prompt", text: "b" }).send({ type: "next-tokens" });
  assert.deepEqual([page.last("next").prompt, page.state.writing.text], ["b", ""]);
});

test("a letter that the model does not know is refused where it is typed", () => {
  const page = running().send({ type: "prompt", text: "é" }).send({ type: "next-tokens" });
  page.answer("next", "refused", { message: "There is no é." });
  assert.equal(page.state.nextTokens.problem, "There is no é.");
  page.send({ type: "write" }).answer("write", "refused", { message: "There is no é." });
  assert.deepEqual(
    [page.state.writing.problem, page.state.writing.busy],
    ["There is no é.", false],
  );
  page.send({ type: "prompt", text: "a" }).send({ type: "next-tokens" });
  page.answer("next", "probabilities", { tokens: [] });
  assert.deepEqual([page.state.nextTokens.problem, page.state.writing.problem], ["", ""]);
});

test("a slider that moves writes the text again, and its bars follow", () => {
  const page = running().stopped("paused", 2).send({ type: "prompt", text: "an" });
  page.send({ type: "sampling", values: { temperature: 0.6 } });
  assert.deepEqual(page.outbox, ["next"]); // nothing was written that could be written again
  page.send({ type: "write" }).answer("write", "token", { text: "n" });
  const first = page.last("write").id;
  page.send({ type: "sampling", values: { temperature: 0.7 } });
  assert.deepEqual(page.outbox, ["next", "halt", "write"]);
  assert.deepEqual([page.last("halt").id, page.last("write").sampling.temperature], [first, 0.7]);
  page.send({ type: "token", id: first, text: "z" }); // of the one before: too late
  assert.equal(page.answer("write", "token", { text: "d" }).state.writing.text, "d");
  page.answer("write", "written", { texts: ["d"], reason: "end" });
  page.send({ type: "sampling", values: { top_k: 3 } });
  assert.deepEqual(page.outbox, ["next", "write"]);
});

test("while it trains a slider moves the bars alone", () => {
  const page = running().send({ type: "write" }).answer("write", "token", { text: "n" });
  page.answer("write", "written", { texts: ["n"], reason: "end" });
  page.send({ type: "sampling", values: { temperature: 0.7 } });
  assert.deepEqual(page.outbox, ["next"]);
});

// ---- Inside

test("Inside asks when it is opened, and again with every new word of the run", () => {
  const page = running();
  page.send({ type: "view", view: "inside" });
  assert.deepEqual(page.outbox, ["attention", "embeddings"]);
  assert.equal(page.last("attention").prompt, "amelia");
  page.send({ type: "samples", run: page.state.run.id, step: 9, samples: [] });
  assert.deepEqual(page.outbox, ["next"]); // the answers before are still on their way
  page.answer("attention", "attention", { layers: 1, heads: 4, tokens: [] });
  page.answer("embeddings", "embedded", { method: "pca", points: [] });
  page.send({ type: "samples", run: page.state.run.id, step: 18, samples: [] });
  assert.deepEqual(page.outbox, ["next", "attention", "embeddings"]);
  page.send({ type: "view", view: "train" }).stopped("done", 1000);
  assert.deepEqual(page.outbox, ["next"]); // nobody looks
});

test("t-SNE is asked once, goes on by itself and can be stopped", () => {
  const page = running().send({ type: "view", view: "inside" });
  page.send({ type: "embeddings", values: { method: "tsne" } });
  assert.equal(page.last("embeddings").method, "tsne");
  page.answer("embeddings", "embedding", { step: 3, steps: 1000, points: [] });
  assert.equal(page.state.inside.embeddings.waiting, true);
  const { id } = page.last("embeddings");
  assert.deepEqual(page.send({ type: "embeddings-stop" }).state.outbox, [{ type: "halt", id }]);
  page.answer("embeddings", "embedded", { step: 4, steps: 1000, points: [] });
  page.answer("attention", "attention", { layers: 1, heads: 4, tokens: [] });
  page.stopped("done", 1000);
  assert.deepEqual(page.outbox, ["next", "attention"]); // not t-SNE again
  assert.deepEqual(page.send({ type: "look-again" }).outbox, ["attention", "embeddings"]);
  page.answer("embeddings", "refused", { message: "The perplexity is too large." });
  assert.equal(page.state.inside.embeddings.problem, "The perplexity is too large.");
});

test("another run is looked into anew: nothing of the one before is left", () => {
  const page = running().send({ type: "view", view: "inside" });
  page.answer("attention", "attention", { layers: 2, heads: 4, tokens: [] });
  page.send({ type: "head", layer: 1, head: 3 }).send({ type: "again" });
  assert.equal(page.state.inside.attention.answer, null);
  page.created();
  page.answer("attention", "attention", { layers: 1, heads: 2, tokens: [] });
  assert.deepEqual([page.state.inside.layer, page.state.inside.head], [0, 1]);
});

test("a mistake of ours ends what Inside waits for", () => {
  const page = running().send({ type: "view", view: "inside" });
  page.answer("attention", "crashed", { fatal: false, message: "KeyError: x" });
  const { waiting, problem } = page.state.inside.attention;
  assert.deepEqual([waiting, problem], [false, "This is our mistake: KeyError: x"]);
});

test("the text that Inside reads is the reader's, or one that the model knows", () => {
  const page = running("inside?look=bob");
  assert.equal(page.last("attention").prompt, "bob");
  const other = new Page("inside").load().send({ type: "start" });
  other.created({ vocabulary: "xyz" });
  assert.equal(other.last("attention").prompt, "");
  other.send({ type: "inside-text", text: "xy" });
  assert.equal(other.last("attention").prompt, "xy");
});

// ---- Tokens

test("the benchmark reports, ends, and says whether it was stopped early", () => {
  const page = new Page().load().send({ type: "benchmark" });
  const results = [{ work: "small", way: "numpy", stepsPerSecond: 4 }];
  page.answer("benchmark", "benchmarking", { results, kernel: true, done: false });
  assert.deepEqual([page.state.benchmark.busy, page.state.benchmark.results], [true, results]);
  const { id } = page.last("benchmark");
  assert.deepEqual(page.send({ type: "benchmark-stop" }).state.outbox, [{ type: "halt", id }]);
  page.answer("benchmark", "benchmarked", { results, kernel: true, done: false });
  assert.deepEqual([page.state.benchmark.busy, page.state.benchmark.done], [false, false]);
  assert.deepEqual(page.send({ type: "benchmark-stop" }).outbox, []);
});
