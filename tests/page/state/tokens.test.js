// The view Tokens: a text cut up, merges learned and replayed, files of tokenizers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cutters, textOf } from "../../../web/state/tokens.js";
import { Page } from "../page.js";

const learn = (page, merges, values = {}) =>
  page
    .send({ type: "learn" })
    .answer("learn", "learned", {
      merges,
      learned: merges.length,
      count: 300,
      counted: 1,
      vocab: 257 + merges.length,
      pattern: "gpt2",
      ...values,
    });
const MERGES = [
  ["a", "n", "an", 9],
  ["an", "n", "ann", 5],
  ["m", "a", "ma", 4],
];

test("Tokens cuts its text when it is opened, and only then", () => {
  const page = new Page().load();
  assert.equal(page.last("cut"), undefined);
  page.send({ type: "view", view: "tokens" });
  assert.deepEqual(page.last("cut"), {
    type: "cut",
    id: page.last("cut").id,
    text: textOf(page.state),
    by: "chars",
    at: null,
  });
  page.send({ type: "token-text", text: "anna" });
  assert.deepEqual(page.outbox, []); // the answer before is still on its way
  page.answer("cut", "cut", { ids: [] });
  assert.equal(page.last("cut").text, "anna");
  page.answer("cut", "cut", { ids: [] });
  assert.deepEqual(page.outbox, []);
});

test("merges come in pieces, and the text is cut by them", () => {
  const page = new Page("tokens").load();
  page.answer("cut", "cut", { ids: [] }).answer("cut", "cut", { ids: [] });
  page.send({ type: "learn" });
  const { source, merges, pattern } = page.last("learn");
  assert.deepEqual([source, merges, pattern], ["data", 300, "gpt2"]);
  const far = { learned: 1, count: 300, counted: 1 };
  page.answer("learn", "learning", { merges: MERGES.slice(0, 1), ...far });
  assert.deepEqual(page.state.tokens.learn.stage, far);
  page.answer("learn", "learned", { merges: MERGES.slice(1), count: 300, vocab: 260, pattern });
  const { trained, by, at } = page.state.tokens;
  assert.deepEqual([trained.merges, by, at], [MERGES, "trained", 3]);
  assert.equal(page.state.said, "3 merges learned.");
  assert.deepEqual([page.last("cut").by, page.last("cut").at], ["trained", null]);
  assert.deepEqual(cutters(page.state), { chars: "characters", trained: "3 merges" });
});

test("learning can be stopped, and a refusal of it is said there", () => {
  const page = new Page("tokens").load().send({ type: "learn" });
  const { id } = page.last("learn");
  assert.deepEqual(page.send({ type: "learn-stop" }).state.outbox, [{ type: "halt", id }]);
  page.answer("learn", "refused", { message: "There is no text." });
  const { busy, problem } = page.state.tokens.learn;
  assert.deepEqual([busy, problem], [false, "There is no text."]);
});

test("merges of the text below are learned from it", () => {
  const page = new Page("tokens").load().send({ type: "token-text", text: "aaab" });
  page.send({ type: "tokens", values: { source: "text" } }).send({ type: "learn" });
  assert.deepEqual([page.last("learn").source, page.last("learn").text], ["text", "aaab"]);
});

test("back and forward through the merges, within what there is", () => {
  const page = learn(new Page("tokens").load(), MERGES);
  const at = (action) => page.send(action).state.tokens.at;
  assert.equal(at({ type: "replay", by: -1 }), 2);
  page.answer("cut", "cut", { ids: [] }).answer("cut", "cut", { ids: [] });
  assert.equal(page.last("cut").at, 2);
  assert.equal(at({ type: "replay", at: 0 }), 0);
  assert.equal(at({ type: "replay", by: -1 }), 0);
  assert.equal(at({ type: "replay", at: 99 }), 3);
});

test("it plays to the end, pauses, and begins anew from the end", () => {
  const page = learn(new Page("tokens").load(), MERGES);
  const now = () => [page.state.tokens.at, page.state.tokens.playing];
  page.send({ type: "play" });
  assert.deepEqual(now(), [0, true]);
  page.send({ type: "tick", by: 1 });
  assert.deepEqual(now(), [1, true]);
  page.send({ type: "play" }).send({ type: "tick", by: 1 });
  assert.deepEqual(now(), [1, false]);
  page.send({ type: "play" }).send({ type: "tick", by: 9 });
  assert.deepEqual(now(), [3, false]);
  page.send({ type: "play" }).send({ type: "view", view: "train" });
  assert.deepEqual(now(), [0, false]);
});

test("another tokenizer beside it is cut with, too", () => {
  const page = learn(new Page("tokens").load(), MERGES);
  page.send({ type: "tokens", values: { beside: "chars" } });
  assert.deepEqual([page.outbox, page.last("cut").by], [["cut"], "chars"]);
  page.answer("cut", "cut", { ids: [1] });
  assert.deepEqual(page.state.tokens.other.answer, { ids: [1] });
});

test("a tokenizer file opens and is used; what is none is said", () => {
  const page = new Page("tokens").load().send({ type: "tokenizer-chosen", files: [{ name: "a" }] });
  page.answer("open-tokenizer", "refused", { message: "a, line 1: no rank." });
  assert.equal(page.state.tokens.opening.problem, "a, line 1: no rank.");
  page.send({ type: "tokenizer-chosen", files: [{ name: "b" }] });
  page.answer("open-tokenizer", "tokenizer", { name: "b", vocab: 300, pattern: null });
  const { file, by, opening } = page.state.tokens;
  assert.deepEqual([file.name, by, opening.problem], ["b", "file", ""]);
});

test("a run can be with the tokenizer of Tokens, and a new one is described anew", () => {
  const page = learn(new Page("tokens").load(), MERGES);
  page.send({ type: "settings", values: { tokenizer: "trained" } });
  assert.equal(page.last("describe").settings.tokenizer, "trained");
  page.send({ type: "learn" }).answer("learn", "learned", { merges: [], count: 300, vocab: 257 });
  assert.ok(page.outbox.includes("describe"));
});

test("the tokenizer of an opened model is among those of Tokens", () => {
  const page = new Page().load().send({ type: "open", name: "a", bytes: new Uint8Array(1) });
  page.opened("open", {
    tokenizer: { kind: "bpe", vocab: 300, pattern: "gpt2" },
    name: "a.safetensors",
  });
  assert.equal(cutters(page.state).file, "that of a.safetensors");
});

// ---- the benchmark
