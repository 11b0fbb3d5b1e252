// See and intervene: what is asked of Python and when, and what is made of its answers.
import assert from "node:assert/strict";
import test from "node:test";
import * as select from "../../../web/select/inside/intervene.js";
import { reduce } from "../../../web/state/index.js";
import * as intervene from "../../../web/state/inside/intervene.js";
import * as machine from "../../../web/state/inside/machine.js";
import { Page } from "../page.js";

const SETTINGS = { n_layer: 1, n_head: 2, block_size: 16 };
const SHIPPED = {
  ...{ settings: SETTINGS, parameters: 4192, vocabSize: 27, note: { step: 9 } },
  ...{ vocabulary: "abcdefghijklmnopqrstuvwxyz", tokenizer: { kind: "chars" } },
};
const guess = (text, p, end = false) => ({ text, p, end });
const CHANGED = {
  ...{ text: "ab", note: "", tokens: ["<edge>", "a", "b"], others: 2, othersAfter: 0.1 },
  next: [
    { text: "<edge>", end: true, before: 0.6, after: 0.2 },
    { text: "c", end: false, before: 0.1, after: 0.5 },
  ],
  ...{ surprise: [2, 3], surpriseAfter: [2, 4] },
};
const EACH = {
  ...{ text: "ab", note: "", loss: 2, next: guess("c", 0.5), share: 1, done: true },
  parts: [
    { part: "layer0", loss: 2.5, p: 0.1, next: guess("d", 0.4) },
    { part: "layer0.head0", loss: 1.75, p: 0.4, next: guess("c", 0.4) },
    { part: "layer0.mlp", loss: 3, p: 0.2, next: guess("<edge>", 0.3, true) },
  ],
};

class Visit extends Page {
  constructor(address = "inside") {
    super(address);
    this.state = { ...this.state, ...machine.initial(), ...intervene.initial() };
    this.load().send({ type: "shipped", ...SHIPPED });
  }

  send(action) {
    this.state = reduce(this.state, action, [machine, intervene]);
    this.asked.push(...this.state.outbox);
    return this;
  }

  get looks() {
    return this.state.intervene.looks;
  }
}

test("what the open panel shows is asked for, once", () => {
  const visit = new Visit();
  const asked = visit.asked.map(({ type }) => type);
  assert.deepEqual(asked.slice(-2), ["without", "intervene"]);
  assert.equal(visit.last("without").text, "amelia");
  visit.answer("without", "without", EACH).answer("intervene", "intervened", CHANGED);
  assert.deepEqual(visit.outbox, []);
  visit.send({ type: "intervene-panel", panel: "lens" });
  assert.deepEqual(visit.outbox, ["lens"]);
  visit.send({ type: "intervene-panel", panel: "off" });
  assert.deepEqual(visit.outbox, [], "it has been answered");
  visit.send({ type: "inside-text", text: "anna" });
  assert.ok(visit.outbox.includes("without") && visit.outbox.includes("intervene"));
  assert.equal(new Visit("train").last("without"), undefined, "nobody looks");
});

test("a switch asks what becomes of it, and nothing else anew", () => {
  const visit = new Visit().send({ type: "machine-switch", part: "layer0.head1" });
  assert.deepEqual(
    visit.outbox.filter((type) => type !== "machine"),
    ["intervene"],
  );
  visit.send({ type: "machine-switch", part: "layer0.mlp" });
  assert.deepEqual(visit.last("intervene").off, ["layer0.head1", "layer0.mlp"]);
  visit.send({ type: "machine-switch", part: "layer0.head1" });
  assert.deepEqual(visit.last("intervene").off, ["layer0.mlp"]);
  visit.answer("intervene", "intervened", CHANGED);
  assert.equal(visit.looks.off.answer.text, "ab");
  visit.send({ type: "all-on" });
  assert.deepEqual(visit.last("intervene").off, []);
});

test("an answer to an older question is dropped, and a refusal is told", () => {
  const visit = new Visit();
  const { id } = visit.last("intervene");
  visit.send({ type: "machine-switch", part: "layer0.head1" });
  visit.send({ type: "intervened", id, ...CHANGED });
  assert.equal(visit.looks.off.answer, null);
  visit.answer("intervene", "refused", { message: "There is no layer3." });
  assert.equal(visit.looks.off.problem, "There is no layer3.");
});

test("long work is shown on its way, stopped, and given up for other long work", () => {
  const visit = new Visit().answer("without", "without-part", { ...EACH, share: 0.5 });
  assert.equal(visit.looks.each.answer.share, 0.5);
  assert.notEqual(visit.looks.each.id, null);
  const { id } = visit.last("without");
  visit.send({ type: "intervene-stop" });
  assert.equal(visit.last("halt").id, id);
  visit.send({ type: "intervene-panel", panel: "neuron" });
  assert.deepEqual(visit.outbox, ["neuron"]);
  assert.equal(visit.looks.each.id, null);
  visit.send({ type: "intervene-panel", panel: "off" });
  assert.ok(visit.outbox.includes("without"), "Python gave it up");
});

test("a patch is from another text than the one that is read", () => {
  const visit = new Visit().send({ type: "intervene-panel", panel: "patch" });
  assert.deepEqual(
    (({ text, other, patched, everywhere }) => [text, other, patched, everywhere])(
      visit.last("intervene"),
    ),
    ["amelia", "isabel", ["layer0.mlp"], false],
  );
  visit.send({ type: "inside-text", text: "isabel" });
  assert.equal(visit.last("intervene").other, "amelia");
  visit.send({ type: "patch", values: { other: "", everywhere: true } });
  assert.equal(visit.last("intervene").other, "");
});

test("another model has other parts", () => {
  const visit = new Visit("inside?steps=5").send({ type: "machine-switch", part: "layer0.head1" });
  visit.send({ type: "start" }).created();
  visit.progress(2, [3, 2]);
  assert.deepEqual(visit.state.machine.off, []);
  const asked = visit.asked.length;
  visit.send({ type: "samples", run: visit.state.run.id, step: 2, samples: [] });
  assert.equal(
    visit.asked.slice(asked).filter(({ type }) => type === "without").length,
    0,
    "not as it learns",
  );
  visit.stopped("done", 5);
  assert.ok(visit.outbox.includes("without"));
});

test("parts are called as the page counts, and ranked by what they are worth", () => {
  assert.equal(select.partName("layer1.head0", 2), "Layer 2, head 1");
  assert.equal(select.partName("layer0.head0", 1), "Head 1");
  assert.equal(select.partName("layer0.mlp", 1), "Feed-forward");
  assert.equal(select.partName("layer0", 1), "The whole layer");
  assert.equal(select.partName("layer1", 2), "Layer 2");
  assert.deepEqual(select.allParts(2, 1).slice(2), [
    "layer0.mlp",
    "layer1",
    "layer1.head0",
    "layer1.mlp",
  ]);
  const rows = select.partRows(EACH, "loss", ["layer0"], 1);
  assert.deepEqual(
    rows.map(({ name, on, loss, from, width, says, same }) => [
      ...[name, on, loss, from, width, says, same],
    ]),
    [
      ["Feed-forward", true, "+1.00", 0.2, 0.8, "end 30%", false],
      ["The whole layer", false, "+0.50", 0.2, 0.4, "d 40%", false],
      ["Head 1", true, "−0.25", 0, 0.2, "c 40%", true],
    ],
  );
  assert.equal(select.signedLoss(-0.004), "0.00");
  const [first] = select.partRows(EACH, "place", [], 1);
  assert.equal(first.part, "layer0");
});

test("what has changed, in a sentence", () => {
  assert.equal(
    select.aboutChange(CHANGED, "without head 1"),
    "After ab, without head 1: end falls from 60% to 20%; now c leads with 50%. The loss of the text rises from 2.50 to 3.00.",
  );
  const { surprise, surpriseAfter, ...patched } = CHANGED;
  assert.ok(!select.aboutChange(patched, "with head 1 as for x").includes("loss"));
  assert.equal(
    select.aboutChange({ ...CHANGED, text: "" }, ""),
    "At the beginning, with every part on: end, 60%.",
  );
  assert.equal(select.withoutWords([], 1), "");
  assert.equal(
    select.withoutWords(["layer0.head0", "layer0.mlp", "layer1"], 2),
    "without head 1 of layer 1, the feed-forward part of layer 1 and layer 2",
  );
  const [end, c] = select.changedRows(CHANGED);
  assert.deepEqual([end.beforeWidth, c.afterWidth, c.before], [1, 0.5 / 0.6, "10"]);
});

test("early guesses, letters, texts and heads", () => {
  const layers = [[guess("a", 0.2)], [guess("b", 0.4)], [guess("b", 0.5)]];
  assert.deepEqual(
    select.lensRows({ layers }).map(({ name }) => name),
    ["Before all layers", "After layer 1", "At the end"],
  );
  layers[2] = layers[1];
  assert.equal(select.lensRows({ layers }).length, 2);
  const neuron = { tokens: ["<edge>", "a", " "], values: [-1, 2, 1] };
  assert.deepEqual(
    select.letters(neuron).map(({ token, tint, below }) => [token, tint, below]),
    [
      ["▸", 0, true],
      ["a", 1, false],
      ["␣", 0.5, false],
    ],
  );
  const texts = [{ value: 2.5, tokens: ["<edge>", ..."ab".repeat(20), "c"] }];
  const [row] = select.exciting({ texts });
  assert.deepEqual([row.value, row.at, row.before.length], ["2.500", "c", 29]);
  const heads = select.headRows({
    previous: [
      [0.9, 0.1],
      [0.2, 0.5],
    ],
    induction: [
      [0, 0.6],
      [0.1, 0.5],
    ],
  });
  assert.deepEqual(
    heads.map(({ name, called }) => [name, called]),
    [
      ["Layer 1, head 1", "a previous-letter head"],
      ["Layer 1, head 2", "an induction head"],
      ["Layer 2, head 1", "neither"],
      ["Layer 2, head 2", "a previous-letter head, an induction head"],
    ],
  );
});
