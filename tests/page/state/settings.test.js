// Settings: what can be typed, what they are called, and how the address carries them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Page } from "../page.js";
import { forWorker, fromFragment, standard, toFragment } from "../../../web/settings/address.js";
import { choice, number, read, toggle, whole, word } from "../../../web/settings/field-types.js";
import {
  FIELDS,
  FIRST,
  MODELS,
  SAMPLING,
  calledOf,
  changes,
  defaults,
  isReference,
  modelName,
  settingsOf,
  worded,
} from "../../../web/settings/fields.js";

// ---- what is typed

const unclear = (why) => ({ problem: `clearer: ${why}`, unclear: why });
const CASES = [
  [whole(1, 64), "12", { value: 12 }],
  [whole(1, 64), " 12 ", { value: 12 }],
  [whole(1, 64), "1,2", { problem: "a whole number from 1 to 64" }],
  [whole(0, 1e7), "2,000", { value: 2000 }],
  [whole(0, 1e7), "2.000", unclear("2.000 can mean 2 or 2000")],
  [whole(0, 1e7), "2\u202f000", { value: 2000 }],
  [whole(0, 1e7), "2'000", { value: 2000 }],
  [whole(0, 1e7), "1.234.567", { value: 1234567 }],
  [whole(0, 1e7), "1,234,567", { value: 1234567 }],
  [whole(1, 4096), "1.024", { value: 1024 }],
  [whole(0, 1e7), "1,00", { value: 1 }],
  [whole(0, 1e7), "99,999,999", { problem: "a whole number from 0 to 10,000,000" }],
  [number(0, 100), "0,01", { value: 0.01 }],
  [number(0, 100), "0,8", { value: 0.8 }],
  [number(0, 100), "0,001", { value: 0.001 }],
  [number(0, 100), ",5", { value: 0.5 }],
  [number(0, 100), "1,5e-2", { value: 0.015 }],
  [number(0, 1e6), "1.234", { value: 1.234 }],
  [number(0, 1e6), "1,234", unclear("1,234 can mean 1.234 or 1234")],
  [number(0, 100), "1,234", { value: 1.234 }],
  [number(0, 1e6), "1.234,5", { value: 1234.5 }],
  [number(0, 1e6), "1,234.5", { value: 1234.5 }],
  [number(0, 100), "1,2,3", { problem: "a number from 0 to 100" }],
  [number(0, 100), "1..2", { problem: "a number from 0 to 100" }],
  [whole(0, 1e7), "1\u00a0000", { value: 1000 }],
  [whole(1, 64), "0", { problem: "a whole number from 1 to 64" }],
  [whole(1, 64), "65", { problem: "a whole number from 1 to 64" }],
  [whole(1, 64), "1.5", { problem: "a whole number from 1 to 64" }],
  [whole(0, 1e7), "many", { problem: "a whole number from 0 to 10,000,000" }],
  [whole(0), "", { problem: "a whole number of at least 0" }],
  [whole(0), "1e3", { value: 1000 }],
  [number(0, 100), "-1", { problem: "a number from 0 to 100" }],
  [number(0, 100), "0.02", { value: 0.02 }],
  [number(0), "Infinity", { problem: "a number of at least 0" }],
  [choice("a", "b"), "b", { value: "b" }],
  [choice("a", "b"), "c", { problem: "one of a, b" }],
  [word(3), "SSL", { value: "SSL" }],
  [word(3), "SSSL", { problem: "a word of up to 3 letters" }],
  [word(3), " ", { problem: "a word of up to 3 letters" }],
  [toggle(), true, { value: true }],
  [toggle(), "1", { value: true }],
  [toggle(), "false", { value: false }],
];

for (const [field, text, expected] of CASES)
  test(`a ${field.kind} reads ${JSON.stringify(text)}`, () =>
    assert.deepEqual(read(field, text), expected));

test("every setting of every model is within the limits of its field", () => {
  for (const [model, settings] of Object.entries(MODELS))
    for (const [name, value] of Object.entries(settings))
      if (FIELDS[name]) assert.deepEqual(read(FIELDS[name], value), { value }, `${model} ${name}`);
});

// ---- the address

test("an address brings back what it was made of", () => {
  const chosen = standard();
  chosen.view = "inside";
  chosen.settings = { ...settingsOf("llama"), steps: 120, lr: 0.02, tied_head: true, window: "SL" };
  chosen.sampling = { ...chosen.sampling, temperature: 0.9, seed: 3 };
  chosen.prompt = "an é&=?#";
  chosen.data = { kind: "stories", split: "blank" };
  const found = fromFragment(toFragment({ ...chosen, inside: { text: "b o b" } }));
  assert.deepEqual(found, { ...chosen, look: "b o b" });
});

for (const name of Object.keys(FIELDS))
  test(`the address carries ${name}`, () => {
    const { low, high, kind, choices } = FIELDS[name];
    const usual = standard();
    const known = usual.settings[name];
    const other = {
      toggle: () => !known,
      choice: () => choices.find((value) => value !== known),
      word: () => "SSL",
      whole: () => (known === low ? low + 1 : low),
      number: () => (known === low ? Math.min(high, low + 0.5) : low),
    }[kind]();
    const settings = { ...usual.settings, [name]: other };
    assert.deepEqual(fromFragment(toFragment({ ...usual, settings })).settings[name], other);
  });

test("an address says only what differs from the model", () => {
  const usual = standard();
  const address = (values) => toFragment({ ...usual, ...values });
  assert.equal(address({}), "#train");
  assert.equal(address({ settings: settingsOf("llama") }), "#train?preset=llama");
  const changed = { ...settingsOf("llama"), n_kv_head: 4, positions: "learned" };
  assert.equal(address({ settings: changed }), "#train?preset=llama&positions=learned&n_kv_head=4");
  assert.equal(address({ model: "mgptAA" }), "#train?model=mgptAA");
  assert.equal(address({ inside: { text: "" } }), "#train?look=");
});

test("a bare address is the first run; one with any setting is seen from the reference", () => {
  const reference = settingsOf("microgpt");
  const first = { ...reference, ...FIRST };
  assert.deepEqual(fromFragment("").settings, first);
  assert.deepEqual(fromFragment("#train?data=stories").settings, first);
  assert.deepEqual(fromFragment("#train?preset=microgpt").settings, reference);
  // As it was before there was a first run of its own.
  assert.deepEqual(fromFragment("#train?lr=0.02").settings, { ...reference, lr: 0.02 });
  assert.equal(toFragment({ ...standard(), settings: reference }), "#train?preset=microgpt");
});

test("the length of the first run stays with it; another one goes along to another model", () => {
  const first = { ...settingsOf("microgpt"), ...FIRST };
  assert.equal(settingsOf("llama", first).steps, 1000);
  assert.equal(settingsOf("nanochat", first).steps, 500);
  assert.equal(settingsOf("llama", { ...first, steps: 77 }).steps, 77);
  assert.equal(settingsOf("llama", { ...first, seed: 7 }).seed, 7);
});

test("what an address says wrongly is named, and the rest is taken", () => {
  const { settings, ignored, view } = fromFragment(
    "#train?steps=12&nonsense=1&lr=much&write.top_k=x",
  );
  assert.deepEqual(ignored, ["nonsense", "lr", "write.top_k"]);
  assert.deepEqual([settings.steps, settings.lr, view], [12, 0.01, "train"]);
  assert.equal(fromFragment("#nowhere").view, "train");
  assert.deepEqual(fromFragment("#train?data=none&split=x&preset=none").ignored, [
    "data",
    "split",
    "preset",
  ]);
  assert.deepEqual(fromFragment("#train?constructor=1&__proto__=2").ignored, [
    "constructor",
    "__proto__",
  ]);
});

test("a tokenizer that exists in one tab only is in no address", () => {
  assert.deepEqual(fromFragment("#train?tokenizer=trained").ignored, ["tokenizer"]);
  const usual = standard();
  const settings = { ...usual.settings, tokenizer: "trained" };
  assert.equal(toFragment({ ...usual, settings }), "#train");
});

test("long texts of an address are cut", () => {
  const { prompt, look } = fromFragment(`#train?prompt=${"a".repeat(999)}&look=${"b".repeat(999)}`);
  assert.deepEqual([prompt.length, look.length], [200, 63]);
});

test("evaluation is every tenth of a run, unless that was chosen", () => {
  const settings = settingsOf("microgpt");
  assert.equal(forWorker({ ...settings, steps: 1000 }).eval_every, 100);
  assert.equal(forWorker({ ...settings, steps: 3 }).eval_every, 1);
  assert.equal(forWorker({ ...settings, eval_every: 7 }).eval_every, 7);
});

// ---- names and words

test("a model is known by its structure, whatever it is trained with", () => {
  for (const name of Object.keys(MODELS)) assert.equal(modelName(settingsOf(name)), name);
  const llama = { ...settingsOf("llama"), lr: 5, steps: 3 };
  assert.equal(calledOf(llama), "llama");
  assert.equal(calledOf({ ...llama, activation: "gelu" }), "llama, changed");
  assert.deepEqual(changes({ ...settingsOf("llama"), activation: "gelu" }), ["activation"]);
  const page = new Page().load().send({ type: "choose-data", kind: "stories" });
  page.haveData({ context: 64 });
  for (const name of ["small", "microgpt"]) {
    page.send({ type: "settings", values: settingsOf(name, page.state.settings) });
    assert.deepEqual([page.state.settings.block_size, calledOf(page.state.settings)], [64, name]);
  }
  const { preset, ...found } = settingsOf("microgpt"); // as of a file
  assert.equal(calledOf({ ...found, n_embd: 24 }), "a changed model");
});

test("choosing a model keeps how long and on what it is trained", () => {
  const settings = { ...settingsOf("microgpt"), steps: 77, seed: 5, tokenizer: "bpe", vocab: 300 };
  const { steps, seed, tokenizer, vocab } = settingsOf("llama", settings);
  assert.deepEqual([steps, seed, tokenizer, vocab], [77, 5, "bpe", 300]);
});

test("values are said in the reader's words", () => {
  const said = [
    ["steps", 1000, "1,000 steps"],
    ["bias", true, "with biases"],
    ["qk_norm", false, "without QK norm"],
    ["activation", "relu2", "ReLU²"],
    ["n_embd", 64, "width 64"],
    ["tokenizer", "trained", "a tokenizer from Tokens"],
    ["vocab", 5000, "5,000 tokens"],
  ];
  for (const [name, value, words] of said) assert.equal(worded(name, value), words);
});

test("losses are the reference's only with its own settings", () => {
  const reference = { ...settingsOf("microgpt"), steps: 5, seed: 9 };
  assert.equal(isReference(reference), true);
  assert.equal(isReference({ ...reference, lr: 0.02 }), false);
});

test("sampling begins with its defaults", () => {
  assert.deepEqual(defaults(SAMPLING), {
    temperature: 0.5,
    top_k: 0,
    top_p: 1,
    min_p: 0,
    seed: 7,
    greedy: false,
  });
});
