// What a number of a head is, with its own values: of its query, key and value, of its shares, and
// of what it brings.
/** @import {Given} from "./explain.js" */
/** @import {Figure} from "./figures.js" */
/** @import {Sum, Term} from "./sums.js" */
import { hasValueEmbedding, keyHeadOf } from "./blocks.js";
import { turnOf } from "./figures.js";
import { named } from "./numbers.js";
import { asLine, normed, num, product, sumOf } from "./sums.js";

/** The bias of a product, where the model has any. @param {Given} given @param {string} name */
export const bias = ({ shape, own }, name) => (shape.bias ? own + name : null);

/** @param {Given} given */
const ofHead = ({ shape, block, j }) => {
  const count = block.kind === "query" ? shape.heads : shape.keys;
  const shared = block.kind !== "query" && shape.keys < shape.heads ? "shared head" : "head";
  return count > 1 ? ` of ${shared} ${Math.floor(j / shape.size) + 1}` : "";
};

/**
 * A number of a query or a key: as its matrix makes it, then turned, normed and scaled.
 * @param {Given} given @param {string} kind @param {string} matrix @param {string} biased
 */
export function turned(given, kind, matrix, biased) {
  const { numbers, shape, own, answer, j } = given;
  const read = numbers.here(`${own}norm1`);
  const sum = product(numbers, own + matrix, bias(given, biased), j, read, "norm");
  const lines = [`${asLine(sum.terms)} = ${num(sum.total)}`];
  let value = sum.total;
  /** @type {Figure|null} */
  let figure = null;
  const from = Math.floor(j / shape.size) * shape.size;
  const [at, half] = [j - from, shape.size / 2];
  let head = numbers.has(`${own}${kind}_raw`)
    ? Array.from(numbers.here(`${own}${kind}_raw`).subarray(from, from + shape.size))
    : [];
  if (head.length) head[at] = value; // its own number as it was made here
  if (shape.positions === "rope") {
    const [cos, sin] = ["turn_cos", "turn_sin"].map((name) => numbers.here(name));
    /** @param {number} i */
    const turn = (i) =>
      i < half
        ? head[i] * cos[i] - head[i + half] * sin[i]
        : head[i - half] * sin[i - half] + head[i] * cos[i - half];
    const pair = at < half ? at + half : at - half;
    const angle = at % half;
    const [a, b] = at < half ? [cos[angle], -sin[angle]] : [cos[angle], sin[angle]];
    const made = head.map((_, i) => turn(i));
    figure = turnOf(shape, answer.focus, head, made, at);
    value = made[at];
    lines.push(
      `turned with its pair by place ${answer.focus}: ${num(head[at])}×${num(a)} + ${num(head[pair])}×${num(b)} = ${num(value)}`,
    );
    head = made;
  }
  if (shape.qkNorm) {
    const plain = { ...shape, norm: "rms" };
    const made = normed(head, at, plain);
    value = made.value;
    lines.push(`scaled to one size: ${made.line}`);
  }
  if (shape.scale !== 1) {
    const before = value;
    value *= shape.scale;
    lines.push(`${num(before)} × ${num(shape.scale)} = ${num(value)}`);
  }
  return {
    what: `Number ${at} of the ${kind}${ofHead(given)}: what is ${kind === "query" ? "looked for" : "offered"}`,
    formula: `${kind}[${j}] = Σ ${matrix}[${j}, i] × norm[i]${shape.bias ? " + bias" : ""}`,
    lines,
    figure,
    sums: [sum],
    weight: `${own}${matrix}[${j},0]`,
    value,
  };
}

/** A number of what a head brings: the values of all positions, each by its share. @param {Given} given */
export function mixed({ numbers, shape, block, answer, own, j }) {
  const looks = numbers.looks(own, block.head);
  const from = keyHeadOf(shape, block.head) * shape.size;
  /** @type {Term[]} */
  const terms = Array.from(looks, (factor, at) => {
    const number = numbers.drawn(`${own}value`, at)[from + j];
    return {
      label: named(answer.tokens[at]),
      weight: null,
      factor,
      number,
      product: factor * number,
    };
  });
  const value = sumOf(terms);
  return {
    what: `Number ${j} of what head ${block.head + 1} brings`,
    formula: `Σ share × value[${j}], over all that it looks at`,
    lines: [`${asLine(terms)} = ${num(value)}`],
    sums: [
      { head: /** @type {Sum["head"]} */ (["position", "share", "value"]), terms, total: value },
    ],
    value,
  };
}

/** How much a head looks at a position: query times key, as a share. @param {Given} given */
export function share({ numbers, shape, block, answer, own, j }) {
  const looks = numbers.looks(own, block.head);
  const at = Math.min(j - shape.size, looks.length - 1);
  const query = numbers.here(`${own}query`).subarray(block.head * shape.size);
  const from = keyHeadOf(shape, block.head) * shape.size;
  /** @param {number} place */
  const termsOf = (place) => {
    const key = numbers.drawn(`${own}key`, place);
    return Array.from({ length: shape.size }, (_, i) => ({
      label: `number ${i}`,
      weight: null,
      factor: query[i],
      number: key[from + i],
      product: query[i] * key[from + i],
    }));
  };
  const seen = [...looks.keys()].filter((place) => looks[place] > 0);
  /** @param {number} place */
  const scoreOf = (place) => sumOf(termsOf(place)) / Math.sqrt(shape.size);
  const [terms, score] = [termsOf(at), scoreOf(at)];
  const total = seen.reduce((sum, place) => sum + Math.exp(scoreOf(place) - score), 0);
  const value = looks[at] > 0 ? 1 / total : 0;
  const itself = at === answer.focus ? " itself" : "";
  return {
    what: `How much head ${block.head + 1} looks at ${named(answer.tokens[at])}, place ${at}${itself}`,
    formula: "score = Σ query × key ÷ √size, then e to the score, as a share of all",
    lines: [
      `(${asLine(terms, 4)}) ÷ √${shape.size} = ${num(score)}`,
      value
        ? `e^${num(score)} ÷ the sum of all = 1 ÷ ${num(total)} = ${num(100 * value, 1)}%`
        : "It is outside the window: it is not looked at.",
    ],
    sums: [
      {
        head: /** @type {Sum["head"]} */ (["of the head", "query", "key"]),
        terms,
        total: sumOf(terms),
      },
    ],
    value,
  };
}

/** A number of a value: what its matrix makes, and nanochat's embedding in it. @param {Given} given */
export function passed(given) {
  const { numbers, shape, own, j } = given;
  const sum = product(
    numbers,
    `${own}wv`,
    bias(given, "bv"),
    j,
    numbers.here(`${own}norm1`),
    "norm",
  );
  const plain = {
    what: `Number ${j % shape.size} of the value${ofHead(given)}: what is passed on`,
    formula: `value[${j}] = Σ wv[${j}, i] × norm[i]${shape.bias ? " + bias" : ""}`,
    lines: [`${asLine(sum.terms)} = ${num(sum.total)}`],
    sums: [sum],
    weight: `${own}wv[${j},0]`,
    value: sum.total,
  };
  if (!hasValueEmbedding(shape, given.block.layer ?? 0)) return plain;
  const gate = numbers.here(`${own}value_gate`)[Math.floor(j / shape.size)];
  const row = numbers.row(`${own}value`)[j];
  const value = sum.total + gate * row;
  const line = `${num(sum.total)} + gate ${num(gate)} × ${num(row)} = ${num(value)}`;
  return { ...plain, lines: [...plain.lines, line], value };
}
