// What Chat keeps in the browser's storage: talks, and what was typed to make a model of; and what
// happens where storage is full or denied.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { list, read, readDraft, remove, write, writeDraft } from "../../../web/ui/chat/kept.js";
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

const talk = (text) => add(EMPTY, 0, { role: "user", parts: [{ type: "text", text }] });
const DRAFT = { talks: [{ system: "Be kind.", turns: [TURN()] }], pasted: "{", text: "Once." };
function TURN() {
  return { you: "2+3?", tool: { call: "2+3", result: "5" }, model: "5." };
}

test("talks and drafts are kept side by side, and an unfinished answer is known as one", () => {
  const kept = storage();
  stand(() => kept);
  const asked = talk("Who are you?");
  const half = add(asked, 1, { role: "assistant", parts: [{ type: "text", text: "I am" }] });
  assert.ok(write("a", half, "Be short.") && writeDraft(DRAFT));
  assert.deepEqual(
    list().map(({ id, title }) => [id, title]),
    [["a", "Who are you?"]],
  );
  assert.equal(read("a").talk.turns[1].reason, "broken");
  assert.equal(read("a").system, "Be short.");
  assert.deepEqual(readDraft(), DRAFT);
  remove("a");
  assert.deepEqual([list(), readDraft()], [[], DRAFT]);
  kept["microgpt.chat-draft"] = kept["microgpt.talk.b"] = "no JSON";
  assert.deepEqual([list(), read("b"), readDraft()], [[], null, {}]);
});

test("where there is no room the oldest talks go, and what does not fit at all is said", (t) => {
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
  assert.equal(writeDraft({ ...DRAFT, pasted: "x".repeat(900) }), false);
});

test("where storage is denied nothing is kept, and nothing breaks", () => {
  stand(() => {
    throw new DOMException("denied", "SecurityError");
  });
  assert.deepEqual([list(), read("a"), readDraft()], [[], null, {}]);
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
