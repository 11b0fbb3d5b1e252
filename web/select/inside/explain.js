// What a number of the machine is: its name, its formula, and that with its own values in it.
/** @import {Machine, Settings} from "../../protocol.js" */
/** @import {Block, Shape} from "./blocks.js" */
/** @import {Figure} from "./figures.js" */
/** @import {Numbers} from "./numbers.js" */
/** @import {Sum} from "./sums.js" */
import { visible } from "../format.js";
import { endOf, shapeOf, sourceOf, startOf } from "./blocks.js";
import { bias, mixed, passed, share, turned } from "./explain-heads.js";
import { curveOf } from "./figures.js";
import { chancesOf, named, numbersOf } from "./numbers.js";
import { BENDS, asLine, bent, normed, num, product, sigmoid } from "./sums.js";

/**
 * @typedef {{what: string, formula: string, lines: string[], sums: Sum[], figure: Figure|null,
 *   weight: string|null, value: number}} Explained
 *   `lines` are the formula with its values, one for each step; `value` is computed from them;
 *   `weight` is the weight that the number is, or that it is most about
 */

/**
 * @param {Machine} answer @param {Settings} settings @param {Block} block @param {number} j
 * @param {number} temperature @returns {Explained|null}
 */
export function explain(answer, settings, block, j, temperature) {
  const numbers = numbersOf(answer);
  const shape = shapeOf(settings);
  const rows = answer.layout.some(({ name }) => name.startsWith("row "));
  if (!isThere(numbers, shape, block, rows)) return null;
  // Of heads wider than a picture only their means are here.
  const [, , size] = numbers.shape(`layer${block.layer}.key`);
  if (block.kind === "head" && size !== shape.size) return null;
  const given = { numbers, shape, block, answer, j, own: `layer${block.layer}.`, temperature };
  const found = HOW[block.kind](given);
  return { weight: null, sums: [], figure: null, ...found };
}

/** Whether the weights of a block have come: it has just been opened. @param {Numbers} numbers @param {Shape} shape @param {Block} block @param {boolean} rows */
function isThere(numbers, shape, { kind, key, layer }, rows) {
  const own = `layer${layer}.`;
  /** @type {{[kind: string]: string}} */
  const first = {
    token: "wte",
    place: shape.positions === "learned" ? "wpe" : "",
    smear: "smear.scale",
    scale: "scales.stream",
    query: `${own}wq`,
    key: `${own}wk`,
    value: `${own}wv`,
    add: own + (key.endsWith("middle") ? "wo" : "fc2"),
    units: `${own}fc1`,
    norm: shape.norm === "rms" ? "" : `${key}.gain`,
    backout: "backout.scale",
    scores: shape.tied ? "wte" : "lm_head",
  };
  const name = first[kind] ?? "";
  return kind !== "layer" && (!name || (rows && numbers.hasRow(name)));
}

/** @typedef {{numbers: Numbers, shape: Shape, block: Block, answer: Machine, j: number, own: string,
 *   temperature: number}} Given */
/** @typedef {Omit<Explained, "weight"|"sums"|"figure"> & Partial<Explained>} Found */

/** @type {{[kind: string]: (given: Given) => Found}} */
const HOW = {
  token: ({ numbers, answer, j }) => {
    const { focus, ids, tokens } = answer;
    const value = numbers.row("wte")[j];
    return {
      what: `Number ${j} of ${named(tokens[focus])}: row ${ids[focus]} of the embedding`,
      formula: `x[${j}] = wte[${ids[focus]}, ${j}]`,
      lines: [`x[${j}] = ${num(value, 4)}`],
      weight: `wte[${ids[focus]},${j}]`,
      value,
    };
  },
  place: ({ numbers, shape, answer, j }) => {
    const { focus } = answer;
    if (shape.positions === "learned") {
      const value = numbers.row("wpe")[j];
      return {
        what: `Number ${j} of place ${focus}`,
        formula: `p[${j}] = wpe[${focus}, ${j}]`,
        lines: [`p[${j}] = ${num(value, 4)}`],
        weight: `wpe[${focus},${j}]`,
        value,
      };
    }
    const turn = focus * 10_000 ** -((j - (j % 2)) / shape.width);
    const value = j % 2 ? Math.cos(turn) : Math.sin(turn);
    const wave = j % 2 ? "cos" : "sin";
    return {
      what: `Number ${j} of place ${focus}: a wave that nobody learned`,
      formula: `p[${j}] = ${wave}(place ÷ 10000^(${j - (j % 2)}/${shape.width}))`,
      lines: [`${wave}(${num(turn, 3)}) = ${num(value, 4)}`],
      value,
    };
  },
  sum: ({ numbers, shape, j }) => {
    const { value, line } = summed(numbers, shape, j);
    return {
      what: `Number ${j} of the line`,
      formula:
        shape.positions === "sinusoidal" ? "x = √width · token + place" : "x = token + place",
      lines: [line],
      value,
    };
  },
  norm: ({ numbers, shape, block, j }) => {
    const { key } = block;
    const x = numbers.here(sourceOf(shape, block));
    const gain = shape.norm === "rms" ? undefined : numbers.row(`${key}.gain`);
    const bias = shape.norm === "layer" ? numbers.row(`${key}.bias`) : undefined;
    const { value, line } = normed(x, j, shape, { gain, bias });
    const layer = shape.norm === "layer";
    const first =
      key === "norm_embedding" && numbers.has("place") ? [summed(numbers, shape, j).line] : [];
    return {
      what: `Number ${j} of the line, scaled to one size`,
      formula: `${layer ? "(x − mean) ÷ √(mean of (x − mean)²" : "x ÷ √(mean of x²"} + ε)${gain ? " × gain" : ""}${bias ? " + bias" : ""}`,
      lines: [...first, line],
      weight: gain ? `${key}.gain[${j}]` : null,
      value,
    };
  },
  smear: ({ numbers, shape, answer, j }) => {
    const name = shape.normEmbedding ? "norm_embedding" : "sum";
    const x = numbers.here(name)[j];
    const before = numbers.before(name)[j];
    const [gate] = numbers.here("smear_gate");
    const [scale] = numbers.row("smear.scale");
    const value = x + scale * gate * before;
    const from = answer.focus ? named(answer.tokens[answer.focus - 1]) : "nothing";
    return {
      what: `Number ${j}, with a little of ${from} before it`,
      formula: "x + scale × gate × x of the one before",
      lines: [`${num(x)} + ${num(scale)} × ${num(gate)} × ${num(before)} = ${num(value)}`],
      weight: "smear.scale[0]",
      value,
    };
  },
  scale: ({ numbers, shape, block, j }) => {
    const layer = block.layer ?? 0;
    const [stream, again] = ["stream", "embedding"].map((n) => numbers.row(`scales.${n}`)[layer]);
    const x = numbers.here(sourceOf(shape, block))[j];
    const first = numbers.here(startOf(shape))[j];
    const value = stream * x + again * first;
    return {
      what: `Number ${j} of the line, scaled, with its start added again`,
      formula: "x = stream × x + embedding × start",
      lines: [`${num(stream)}×${num(x)} + ${num(again)}×${num(first)} = ${num(value)}`],
      weight: `scales.stream[${layer}]`,
      value,
    };
  },
  query: (given) => turned(given, "query", "wq", "bq"),
  key: (given) => turned(given, "key", "wk", "bk"),
  value: passed,
  head: (given) => (given.j < given.shape.size ? mixed(given) : share(given)),
  add: (given) => {
    const { numbers, own, block, j, shape } = given;
    const heads = block.key.endsWith("middle");
    const [matrix, of] = heads ? ["wo", "heads"] : ["fc2", "units"];
    const sum = product(
      numbers,
      own + matrix,
      bias(given, heads ? "bo" : "b2"),
      j,
      numbers.here(own + of),
      heads ? "head number" : "unit",
    );
    const line = numbers.here(own + (heads ? "in" : "middle"))[j];
    const value = line + sum.total;
    return {
      what: `Number ${j} of the line, with what the ${of} add`,
      formula: `x[${j}] + Σ ${matrix}[${j}, i] × ${of}[i]${shape.bias ? " + bias" : ""}`,
      lines: [
        `${asLine(sum.terms)} = ${num(sum.total)}`,
        `${num(line)} + ${num(sum.total)} = ${num(value)}`,
      ],
      sums: [sum],
      weight: `${own}${matrix}[${j},0]`,
      value,
    };
  },
  units: (given) => {
    const { numbers, shape, own, j } = given;
    const read = numbers.here(`${own}norm2`);
    const sum = product(numbers, `${own}fc1`, bias(given, "b1"), j, read, "norm");
    const up = `${asLine(sum.terms)} = ${num(sum.total)}`;
    const common = { what: `Unit ${j}`, weight: `${own}fc1[${j},0]` };
    if (shape.activation !== "swiglu") {
      const { value, line } = bent(shape.activation, sum.total);
      return {
        ...common,
        formula: `unit[${j}] = ${shape.activation}(Σ fc1[${j}, i] × norm[i]${shape.bias ? " + bias" : ""})`,
        lines: [up, line],
        figure: curveOf(shape.activation, BENDS[shape.activation], sum.total),
        sums: [sum],
        value,
      };
    }
    const gate = product(numbers, `${own}fc_gate`, bias(given, "b_gate"), j, read, "norm");
    const open = gate.total * sigmoid(gate.total);
    const value = open * sum.total;
    return {
      ...common,
      formula: `unit[${j}] = gate × sigmoid(gate) × value, each a sum over the norm`,
      lines: [
        `gate: ${asLine(gate.terms)} = ${num(gate.total)}`,
        `value: ${up}`,
        `${num(gate.total)} × ${num(sigmoid(gate.total))} × ${num(sum.total)} = ${num(value)}`,
      ],
      figure: curveOf("gate × sigmoid(gate)", BENDS.silu, gate.total),
      sums: [gate, sum],
      value,
    };
  },
  backout: ({ numbers, shape, j }) => {
    const x = numbers.here(`layer${shape.layers - 1}.out`)[j];
    const middle = numbers.here(`layer${Math.floor(shape.layers / 2)}.out`)[j];
    const [scale] = numbers.row("backout.scale");
    const value = x - scale * middle;
    return {
      what: `Number ${j} of the line, less some of the middle layer`,
      formula: "x − scale × x of the middle layer",
      lines: [`${num(x)} − ${num(scale)} × ${num(middle)} = ${num(value)}`],
      weight: "backout.scale[0]",
      value,
    };
  },
  scores: (given) => {
    const { numbers, shape, answer, j, temperature } = given;
    const head = shape.tied ? "wte" : "lm_head";
    const sum = product(numbers, head, null, j, numbers.here(endOf(shape)), "line");
    const { softcap } = shape;
    /** @param {number} x */
    const capped = (x) => Math.tanh(x / softcap) * softcap;
    const score = softcap ? capped(sum.total) : sum.total;
    const logits = numbers.here("logits");
    const chance = chancesOf(logits, temperature)[j];
    const total = logits.reduce((all, other) => all + Math.exp((other - score) / temperature), 0);
    const found = answer.next.find(({ id }) => id === j);
    const token = !found ? `token ${j}` : found.end ? "the end" : visible(found.text);
    return {
      what: `The score of ${token}, and its chance`,
      formula: `Σ ${head}[${j}, i] × line[i], then e to the score, as a share of all`,
      lines: [
        `${asLine(sum.terms)} = ${num(sum.total)}`,
        ...(softcap ? [`${softcap} × tanh(${num(sum.total)} ÷ ${softcap}) = ${num(score)}`] : []),
        `e^(${num(score)} ÷ ${temperature.toFixed(1)}) ÷ the sum of all = 1 ÷ ${num(total)} = ${num(100 * chance, 1)}%`,
      ],
      figure: softcap
        ? curveOf(`${softcap} × tanh(x ÷ ${softcap})`, capped, sum.total, 2 * softcap)
        : null,
      sums: [sum],
      weight: `${head}[${j},0]`,
      value: score,
    };
  },
};

/** @param {Numbers} numbers @param {Shape} shape @param {number} j */
function summed(numbers, shape, j) {
  const [token, place] = ["token", "place"].map((name) => numbers.here(name)[j]);
  const large = shape.positions === "sinusoidal" ? Math.sqrt(shape.width) : 1;
  const value = token * large + place;
  const first = large === 1 ? num(token) : `${num(token)} × ${num(large)}`;
  return { value, line: `${first} + ${num(place)} = ${num(value)}` };
}
