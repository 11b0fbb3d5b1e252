// What Chat keeps in the browser's storage: talks, and what was typed to make a model of; and what
// happens where storage is full or denied.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { list, read, readTyped, remove, takeDrafts } from "../../../web/ui/chat/kept.js";
import { write, writeDraft, writeTyped } from "../../../web/ui/chat/kept.js";
import { NO_TALK } from "../../../web/state/stages/typed.js";
import { EMPTY, add } from "../../../web/state/talk.js";

/** A storage with room for so many characters; its entries are its properties, as a browser's are. */
function storage(room = Infinity) {
  const methods = {
    getItem: (key) => kept[key] ?? null,
    setItem(key, value) {
      const others = Object.entries(kept).filter(([name]) => name !== key);
      if (others.reduce((sum, [, text]) => sum + text.length, value.length) > room)
        throw new DOMException("full", "QuotaExceededError");
      kept[key] = value;
    },
    removeItem: (key) => delete kept[key],
  };
  const kept = Object.create(methods);
  return kept;
}

/** @param {() => object} get */
const stand = (get) =>
  Object.defineProperty(globalThis, "localStorage", { get, configurable: true });
afterEach(() => stand(() => undefined));

Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true }); // without locks
const talk = (text) => add(EMPTY, 0, { role: "user", parts: [{ type: "text", text }] });
const DRAFT = { talks: [{ system: "Be kind.", turns: [TURN()] }], pasted: "{", text: "Once." };
function TURN() {
  return { you: "2+3?", tool: { call: "2+3", result: "5" }, model: "5." };
}

test("talks and drafts are kept side by side, and an unfinished answer is known as one", async () => {
  const kept = storage();
  stand(() => kept);
  const asked = talk("Who are you?");
  const half = add(asked, 1, { role: "assistant", parts: [{ type: "text", text: "I am" }] });
  await takeDrafts();
  assert.ok(write("a", half, "Be short.", { maxTokens: 9 }) && writeDraft(DRAFT));
  assert.deepEqual(
    list().map(({ id, title }) => [id, title]),
    [["a", "Who are you?"]],
  );
  assert.equal(read("a").talk.turns[1].reason, "broken");
  assert.deepEqual([read("a").system, read("a").chosen], ["Be short.", { maxTokens: 9 }]);
  assert.deepEqual(await takeDrafts(), DRAFT);
  remove("a");
  assert.deepEqual([list(), await takeDrafts()], [[], DRAFT]);
  for (const key of Object.keys(kept)) kept[key] = "no JSON";
  kept["microgpt.talk.b"] = "no JSON";
  assert.deepEqual([list(), read("b"), await takeDrafts()], [[], null, {}]);
});

test("where there is no room the oldest talks go, and what does not fit at all is said", async (t) => {
  const kept = storage(700);
  stand(() => kept);
  t.mock.timers.enable({ apis: ["Date"], now: 1 });
  for (const id of ["a", "b", "c"]) {
    t.mock.timers.tick(1);
    assert.ok(write(id, talk("x".repeat(90)), ""));
  }
  assert.deepEqual(
    list().map(({ id }) => id),
    ["c", "b"],
  );
  assert.equal(write("d", talk("x".repeat(900)), ""), false);
  await takeDrafts();
  assert.equal(writeDraft({ ...DRAFT, pasted: "x".repeat(900) }), false);
});

test("what is typed and not sent outlives a reload of its tab, where that is allowed", (t) => {
  t.after(() => delete globalThis.sessionStorage);
  assert.equal(readTyped(writeTyped("Hi")), "");
  globalThis.sessionStorage = storage();
  assert.equal(readTyped(writeTyped("Hi")), "Hi");
});

test("where storage is denied nothing is kept, and nothing breaks", async () => {
  stand(() => {
    throw new DOMException("denied", "SecurityError");
  });
  assert.deepEqual([list(), read("a"), await takeDrafts()], [[], null, {}]);
  assert.deepEqual([write("a", talk("Hi"), ""), writeDraft(DRAFT)], [false, false]);
  remove("a");
});

/** Locks that several tabs share, and the module of a new tab. */
async function tabs() {
  const held = new Set();
  const request = async (name, _, work) => {
    if (held.has(name)) return work(null);
    held.add(name);
    await work({});
    held.delete(name);
  };
  Object.defineProperty(globalThis, "navigator", {
    value: { locks: { request } },
    configurable: true,
  });
  return () => import(`../../../web/ui/chat/kept.js?tab=${(tabs.open = (tabs.open ?? 0) + 1)}`);
}

test("no two tabs write one talk, that which has just begun included, until it is left", async () => {
  const kept = storage();
  stand(() => kept);
  const tab = await tabs();
  const [one, other] = [await tab(), await tab()];
  const id = one.begin();
  one.write(id, talk("Hi"), "");
  assert.equal(await other.hold(id), false);
  assert.equal(await other.forget(id), false);
  assert.ok(list().length && (await one.hold(id))); // its own again
  const next = one.begin();
  await new Promise(setImmediate);
  assert.ok(await other.hold(id));
  assert.equal(await one.hold(id), false);
  assert.ok((await other.hold("third")) && (await one.forget(id)));
  assert.deepEqual([list(), await other.hold(next)], [[], false]);
});

test("each tab keeps what is typed in it, and a later one has what all have left", async () => {
  const kept = storage();
  stand(() => kept);
  const open = await tabs();
  const [one, other] = [await open(), await open()];
  assert.deepEqual(await one.takeDrafts(), {});
  one.writeDraft(DRAFT);
  assert.deepEqual(await other.takeDrafts(), {});
  const talks = [{ system: null, turns: [TURN()] }, NO_TALK];
  other.writeDraft({ ...DRAFT, talks, pasted: "[" });
  one.writeDraft(DRAFT);
  await tabs(); // both are closed
  const all = { ...DRAFT, talks: [...DRAFT.talks, talks[0]], pasted: "{\n[" };
  assert.deepEqual(await (await open()).takeDrafts(), all);
  await tabs();
  assert.deepEqual(await (await open()).takeDrafts(), all);
  assert.equal(Object.keys(kept).length, 1);
});
