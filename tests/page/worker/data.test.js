// The data: how far back a model looks on them, and texts in other encodings.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromFragment, toFragment } from "../../../web/settings/address.js";
import { settingsOf } from "../../../web/settings/fields.js";
import { factsOf } from "../../../web/select/data-facts.js";
import { Page } from "../page.js";

const withText = (address = "train") => {
  const page = new Page(address).load();
  page.send({ type: "choose-data", kind: "stories" });
  return page.haveData({ context: 64, rows: "crops" });
};

test("a text gets a longer context, which is said; names have theirs back", () => {
  const page = withText();
  assert.equal(page.state.settings.block_size, 64);
  assert.match(page.state.data.message, /64 tokens back, not 16: a step reads 4 times as much/);
  assert.equal(page.last("describe").settings.block_size, 64);
  page.send({ type: "choose-data", kind: "names" }).haveData({ context: 16 });
  assert.deepEqual([page.state.settings.block_size, page.state.data.message], [16, ""]);
});

test("a context that the reader has chosen stays", () => {
  const page = new Page("train").load();
  page.send({ type: "settings", values: { block_size: 24 } });
  page.send({ type: "choose-data", kind: "stories" }).haveData({ context: 64 });
  assert.equal(page.state.settings.block_size, 24);
});

test("a model that is chosen looks as far back as the data want", () => {
  const page = withText();
  page.send({ type: "settings", values: settingsOf("small") });
  assert.equal(page.state.settings.block_size, 64);
});

test("an address brings the context back, chosen by the data or not", () => {
  const page = withText();
  const long = fromFragment(toFragment(page.state));
  assert.equal(long.settings.block_size, 64);
  page.send({ type: "settings", values: { block_size: 16 } });
  const address = toFragment(page.state).slice(1);
  assert.match(address, /block_size=16/);
  const again = new Page(address).load().haveData({ context: 64, rows: "crops" });
  assert.equal(again.state.settings.block_size, 16);
});

test("a text of Windows is offered to be read as one", () => {
  const page = new Page("train").load();
  const bytes = new Uint8Array([0x7a, 0x6f, 0xeb]);
  page.send({ type: "choose-data", kind: "text", name: "n.txt", bytes });
  page.answer("data", "refused", { message: "Windows text.", encoding: "windows-1252" });
  assert.deepEqual([page.state.data.status, page.state.data.encoding], ["refused", "windows-1252"]);
  page.send({ type: "read-as", encoding: "windows-1252" });
  assert.deepEqual([page.outbox, page.last("data").encoding], [["data"], "windows-1252"]);
  page.haveData().send({ type: "choose-data", kind: "text", name: "m.txt", bytes });
  assert.equal(page.last("data").encoding, undefined);
});

test("capital letters are read as small ones, and a text that cannot be read leaves the picture", () => {
  const page = new Page("inside").load().send({ type: "start" }).created();
  const picture = { tokens: ["", "a"], layers: 1, heads: 4, next: [], note: "It reads “a”." };
  page.send({ type: "look-again" }).answer("attention", "attention", picture);
  page.send({ type: "look-again" }).answer("attention", "refused", { message: "Not “1”." });
  const { answer, problem } = page.state.inside.attention;
  assert.deepEqual([answer.note, problem], ["It reads “a”.", "Not “1”."]);
  page.send({ type: "prompt", text: "Anna" }).send({ type: "next-tokens" });
  page.answer("next", "probabilities", { tokens: [], note: "It reads “anna”." });
  assert.equal(page.state.nextTokens.note, "It reads “anna”.");
});

test("what is held out of a running text is said as Python has done it", () => {
  const page = new Page("train").load();
  page.send({ type: "choose-data", kind: "text", name: "t.txt", bytes: new Uint8Array(9) });
  page.haveData({ split: "none", documents: 1 }).answer("describe", "described", { heldOut: 1 });
  assert.match(factsOf(page.state), /running text.*; the end is held out$/);
  page.answer("describe", "described", { heldOut: 0 });
  assert.match(factsOf(page.state), /; nothing held out$/);
});
