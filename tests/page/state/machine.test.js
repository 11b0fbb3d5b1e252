// The machine of Inside: what is asked of Python as the reader moves, and what is drawn of its answers.
import assert from "node:assert/strict";
import test from "node:test";
import { blocksOf, matricesOf } from "../../../web/select/inside/blocks.js";
import { cellAt, picturesOf } from "../../../web/select/inside/matrices.js";
import { chancesOf, fewer, numbersOf } from "../../../web/select/inside/numbers.js";
import { rowsOf, sceneWide } from "../../../web/select/inside/scene-wide.js";
import { sceneTall } from "../../../web/select/inside/scene-tall.js";
import { num } from "../../../web/select/inside/sums.js";
import { between, tableRows, verdict } from "../../../web/select/inside/words.js";
import * as machine from "../../../web/state/inside/machine.js";
import { initialState, reduce } from "../../../web/state/index.js";
import { Page } from "../page.js";

const MICROGPT = {
  ...{ n_layer: 1, n_head: 2, n_kv_head: 0, n_embd: 4, head_dim: 0, mlp_hidden: 6 },
  ...{ positions: "learned", norm: "rms", norm_eps: 1e-5, norm_embedding: true },
  ...{ norm_final: false, bias: false, activation: "relu", tied_head: false, softcap: 0 },
  ...{ qk_norm: false, qk_scale: 1, smear: false, layer_scales: false, backout: false },
  ...{ value_embeddings: false, block_size: 16, vocab_size: 3 },
};
const NANOCHAT = {
  ...MICROGPT,
  ...{ n_layer: 3, positions: "rope", norm_final: true, smear: true, layer_scales: true },
  ...{ value_embeddings: true, backout: true, n_kv_head: 1, activation: "relu2" },
};
const names = (settings, layer = 0) => blocksOf(settings, "letter", layer, 3).map(({ key }) => key);

/** An answer of a text "ab" whose numbers count up, as of MICROGPT. */
function answered(values = {}) {
  const wide = ["token", "place", "norm_embedding", "layer0.norm1", "layer0.middle"];
  const shapes = {
    ...Object.fromEntries([...wide, "layer0.norm2", "layer0.out"].map((name) => [name, [3, 4]])),
    ...Object.fromEntries(
      ["query", "key", "value", "heads"].map((n) => [`layer0.${n}`, [3, 2, 2]]),
    ),
    "layer0.weights": [2, 3, 3],
    "layer0.units": [3, 6],
    ...{ logits: [3, 3], scores: [3, 3], "picture layer0.wq": [4, 4], "row layer0.wq": [4] },
  };
  let start = 0;
  const layout = Object.entries(shapes).map(([name, shape]) => {
    const each = { name, shape, start };
    start += shape.reduce((a, b) => a * b);
    return each;
  });
  const numbers = Float64Array.from({ length: start }, (_, i) => Math.sin(i));
  const weights = layout.find(({ name }) => name === "layer0.weights").start;
  numbers.set([1, 0, 0, 0.5, 0.5, 0, 0.1, 0.2, 0.7, 1, 0, 0, 0.9, 0.1, 0, 0, 1, 0], weights);
  const next = ["a", "b", "<edge>"].map((text, id) => ({ id, text, end: id === 2 }));
  return {
    ...{ text: "ab", note: null, tokens: ["<edge>", "a", "b"], ids: [2, 0, 1], focus: 2, off: [] },
    ...{ summarised: false, shapes: { "layer0.wq": [4, 4] }, rows: { "layer0.wq": 1 }, seconds: 0 },
    ...{ layout, numbers, next, ...values },
  };
}

/** @returns what the pictures are made of */
function given(values = {}) {
  const answer = answered(values.answer);
  const numbers = numbersOf(answer);
  const chances = chancesOf(numbers.here("logits"), 1);
  const blocks = blocksOf(MICROGPT, "letter", 0, 3);
  const rest = { chances, whole: null, off: [], open: null, next: answer.next, drawn: null };
  return { numbers, blocks, shape: {}, ...rest, ...values };
}

/** The page with the machine's part of the state, which comes with the view. */
class Inside extends Page {
  constructor() {
    super("inside");
    this.state = { ...this.state, ...machine.initial() };
  }

  send(action) {
    this.state = reduce(this.state, action, [machine]);
    this.asked.push(...this.state.outbox);
    return this;
  }
}

function running() {
  const page = new Inside().load().send({ type: "start" });
  const settings = { ...page.state.run.settings, ...MICROGPT };
  page.created({ settings, vocabulary: "ab" }).progress(1, [3]);
  return page.send({ type: "inside-text", text: "ab" });
}

test("parts appear and go as the switches say", () => {
  assert.deepEqual(names(MICROGPT), [
    ...["token", "place", "norm_embedding", "layer0.norm1", "layer0.query", "layer0.key"],
    ...["layer0.value", "layer0.head0", "layer0.head1", "layer0.middle", "layer0.norm2"],
    ...["layer0.units", "layer0.out", "scores"],
  ]);
  const nanochat = names(NANOCHAT, 1);
  assert.ok(!nanochat.includes("place"));
  assert.deepEqual(nanochat.slice(0, 5), [
    "token",
    "norm_embedding",
    "smear",
    "layer0",
    "layer1.in",
  ]);
  assert.deepEqual(nanochat.slice(-4), ["layer2", "backout", "norm_final", "scores"]);
  assert.ok(names({ ...MICROGPT, norm_embedding: false }).includes("sum"));
});

test("an open block asks for its weights, and for the row that makes one number", () => {
  const of = (settings, key, number) =>
    matricesOf(
      settings,
      blocksOf(settings, "letter", 0, 3).find((block) => block.key === key),
      number,
    );
  assert.deepEqual(of(MICROGPT, "token", 0), [["wte", "token"]]);
  assert.deepEqual(of(MICROGPT, "layer0.query", 3), [["layer0.wq", 3]]);
  const gated = { ...MICROGPT, activation: "swiglu", bias: true };
  assert.deepEqual(
    of(gated, "layer0.units", 5).map(([name]) => name),
    ["layer0.fc_gate", "layer0.b_gate", "layer0.fc1", "layer0.b1"],
  );
  assert.deepEqual(of({ ...MICROGPT, tied_head: true }, "scores", 2), [["wte", 2]]);
  assert.deepEqual(of({ ...MICROGPT, norm: "layer" }, "layer0.norm1", 0).length, 2);
  assert.deepEqual(of(NANOCHAT, "layer0.value", 1), [
    ["layer0.wv", 1],
    ["layer0.value", "token"],
    ["layer0.value_gate", 0],
  ]);
});

test("what the reader chooses is asked of Python, and Python's answer is shown", () => {
  const page = running();
  assert.equal(page.last("machine").text, "ab");
  page.answer("machine", "machine", answered());
  assert.equal(page.state.machine.answer.tokens.length, 3);
  page.send({ type: "machine-focus", place: 1 });
  assert.equal(page.last("machine").focus, 1);
  page.send({ type: "machine-focus", place: 9 });
  assert.equal(page.last("machine").focus, null); // the last goes with the text
  page
    .send({ type: "machine-open", block: "layer0.head0" })
    .answer("machine", "machine", answered());
  assert.equal(page.state.machine.number, 2 + 2); // the share of what it looks at most
  page.send({ type: "machine-open", block: "layer0.query" });
  page.send({ type: "machine-number", number: 3 });
  assert.deepEqual(page.last("machine").matrices, [["layer0.wq", 3]]);
  page.send({ type: "machine-open", block: null });
  assert.deepEqual([page.state.machine.open, page.last("machine").matrices], [null, []]);
});

test("a part that is off is compared with the whole", () => {
  const page = running().answer("machine", "machine", answered());
  page.send({ type: "machine-switch", part: "layer0.head1" });
  const [without, whole] = page.state.outbox;
  assert.deepEqual([without.off, whole.off], [["layer0.head1"], []]);
  page.send({ type: "machine", id: whole.id, ...answered() });
  page.send({ type: "machine", id: without.id, ...answered({ off: ["layer0.head1"] }) });
  assert.deepEqual(page.state.machine.answer.off, ["layer0.head1"]);
  assert.equal(page.state.machine.whole.tokens.length, 3);
  page
    .send({ type: "machine-switch", part: "layer0.head1" })
    .answer("machine", "machine", answered());
  assert.equal(page.state.machine.whole, null);
});

test("another model, or another text, leaves no numbers of the one before", () => {
  const page = running().answer("machine", "machine", answered());
  page.send({ type: "machine-focus", place: 1 }).send({ type: "inside-text", text: "a" });
  assert.equal(page.state.machine.focus, null);
  page.send({ type: "machine-open", block: "scores" });
  page.send({ type: "reset" }).created({ settings: page.state.run.settings });
  assert.deepEqual([page.state.machine.open, page.state.machine.answer], ["scores", null]);
  page.send({ type: "machine-open", block: "layer0.units" });
  page.send({ type: "machine-number", number: 5 });
  page.send({ type: "reset" }).created({ settings: { ...MICROGPT, mlp_hidden: 3 } });
  const { open, number } = page.state.machine;
  assert.deepEqual([open, number], ["layer0.units", 2]); // as near as this model has one
  page.send({ type: "reset" }).created({ settings: { ...MICROGPT, n_layer: 0 } });
  assert.equal(page.state.machine.open, null);
  page.answer("machine", "refused", { message: "No." });
  assert.equal(page.state.machine.problem, "No.");
  assert.deepEqual(initialState({ look: null, data: {}, page: {} }).machine, undefined); // it comes later
});

test("a weight of the machine leads to its story, over a step of the same text", () => {
  const page = running().send({ type: "pick-weight", weight: "layer0.wq[1,2]", jump: true });
  assert.deepEqual(page.last("one-step").texts, ["ab"]);
  const texts = [{ tokens: ["<edge>", "a", "b"], before: [1, 2], after: [1, 2] }];
  page.answer("one-step", "one-step", { texts, layout: [], step: 1 });
  assert.equal(page.last("story").weight, "layer0.wq[1,2]");
  assert.equal(page.state.oneStep.jumps, 1);
});

test("every bar is one of the numbers, and as high as it is large", () => {
  const { numbers, ...rest } = given();
  const { items, columns, height, letters } = sceneWide({ numbers, ...rest }, 1200);
  const strong = items.filter(({ kind, tone }) => kind === "bars" && tone === "strong");
  const token = strong.find(({ x }) => x === columns.places.get("token").x);
  assert.deepEqual([...token.values], [...numbers.here("token")]);
  assert.equal(token.top, Math.max(...numbers.here("token").map(Math.abs)));
  const at = columns.places.get("layer0.head0");
  const looks = items.filter(
    ({ kind, from }) => kind === "ribbon" && from[0] >= at.x && from[0] < at.x + at.width,
  );
  assert.deepEqual(
    looks.map(({ share }) => share),
    [0.1, 0.2, 0.7],
  );
  const queries = items.filter(
    ({ kind, x }) => kind === "bars" && x === columns.places.get("layer0.query").x,
  );
  assert.equal(queries.length, 1); // only the followed line asks
  assert.ok(items.every(({ y = 0 }) => y < height));
  assert.deepEqual(
    letters.map(({ at: place }) => place),
    [0, 1, 2],
  );
  const bars = items.filter(({ kind, tone }) => kind === "box" && tone === "full");
  assert.equal(bars.length, 3);
});

test("what rope turns is drawn as hands of clocks, and as bars where they would be too small", () => {
  const blocks = blocksOf({ ...MICROGPT, positions: "rope" }, "letter", 0, 3);
  const shape = { positions: "rope", size: 2 };
  const { numbers, ...rest } = { ...given(), blocks, shape };
  /** @param {number} width */
  const clocksIn = (width) =>
    sceneWide({ numbers, ...rest }, width).items.filter(({ kind }) => kind === "hands");
  const [query, ...keys] = clocksIn(1200);
  assert.equal(keys.length, 3); // of every line; a query of the followed one alone
  const made = numbers.here("layer0.query"); // two heads with a pair each
  for (const [i, { x, y, to }] of query.pairs.entries()) {
    const [a, b] = made.subarray(2 * i, 2 * i + 2);
    assert.ok(Math.abs(Math.atan2(y - to[1], to[0] - x) - Math.atan2(b, a)) < 1e-9);
    assert.ok(Math.hypot(to[0] - x, to[1] - y) < query.radius + 1e-9);
  }
  assert.deepEqual(clocksIn(300), []);
  const { items } = sceneTall({ numbers, ...rest }, blocks[3], 300);
  assert.equal(items[1].kind, "hands");
  assert.match(tableRows({ numbers, ...rest })[3][1], /turned by place 2, pair by pair/);
});

test("a head that is off is dashed, and chances of before are hollow", () => {
  const whole = Float64Array.of(0.8, 0.1, 0.1);
  const { items } = sceneWide(given({ off: ["layer0.head0"], whole }), 1000);
  assert.equal(items.filter(({ kind, tone }) => kind === "ribbon" && tone === "off").length, 3);
  assert.ok(items.some(({ kind, tone }) => kind === "box" && tone === "was"));
});

test("in a narrow window each block is drawn by itself", () => {
  const all = given();
  for (const block of all.blocks) {
    const { items, height } = sceneTall(all, block, 300);
    assert.ok(height > 10 && items.length > 1, block.key);
  }
  const { items } = sceneTall(
    all,
    all.blocks.find(({ key }) => key === "layer0.head0"),
    300,
  );
  assert.equal(items.filter(({ kind }) => kind === "ribbon").length, 2); // the third is itself
});

test("of a long text the lines around the followed one are drawn", () => {
  assert.equal(rowsOf(22, 3).length, 22);
  const rows = rowsOf(60, 40);
  assert.deepEqual(
    [rows.length, rows[0], rows.includes(40), rows.includes(5)],
    [22, 0, true, false],
  );
  assert.ok(rowsOf(60, 59).includes(59) && rowsOf(60, 0).includes(1));
});

test("numbers in words", () => {
  assert.equal(
    verdict(given({ chances: Float64Array.of(0.2, 0.1, 0.7) })).join(""),
    "The end, 70%; or a, 20%.",
  );
  const early = given({ answer: { focus: 1 } });
  assert.match(verdict(early).join(""), /^After a: /);
  const rows = tableRows(given());
  assert.equal(rows.length, 14);
  assert.match(rows.find(([name]) => name === "Layer 1: Head 1")[1], /looks at the start 10%/);
  assert.deepEqual([num(-0.5), num(1e-5), num(0)], ["−0.50", "1e−5", "0.00"]);
  assert.deepEqual([...fewer(Float64Array.of(1, 3, 5, 7), 2)], [2, 6]);
  assert.deepEqual([...between(Float64Array.of(0), Float64Array.of(2), 0.25)], [0.5]);
  assert.deepEqual([...between(Float64Array.of(0, 1), Float64Array.of(2), 0.25)], [2]); // another text
});

test("a matrix is a picture that knows its weights", () => {
  const [picture] = picturesOf(answered());
  assert.match(picture.words, /layer0.wq: 4 by 4 weights, 16 in all; .* Row 1, framed/);
  const found = cellAt(picture, 0.99, 0.3);
  assert.equal(found.weight, "layer0.wq[1,3]");
  assert.equal(found.words, `layer0.wq[1,3] = ${num(picture.values[7], 4)}`);
});
