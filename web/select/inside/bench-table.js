// All numbers of the open block, as a table.
/** @import {Machine} from "../../protocol.js" */
/** @import {Block, Shape} from "./blocks.js" */
/** @import {Numbers} from "./numbers.js" */
import { keyHeadOf, sourceOf, startOf } from "./blocks.js";
import { best, chancesOf, largest, named } from "./numbers.js";
import { sign } from "./scene.js";
import { num } from "./sums.js";

const ACROSS = 16; // numbers in a row
const SMALL = 8; // numbers of a head that stand in its table
const LISTED = 10;

/**
 * @typedef {{text: string, pick?: number, share?: number, pale?: boolean}} Cell
 *   `pick` is the number that it is, where it can be explained; `share` how dark it is, of 1
 * @typedef {{name: string, cells: Cell[], strong?: boolean}} Row
 * @typedef {{caption: string, columns: string[], rows: Row[]}} Table
 * @typedef {{numbers: Numbers, shape: Shape, block: Block, answer: Machine, temperature: number,
 *   unit: string}} Given
 */

/** A chance in a sentence. @param {number} p */
export const per = (p) =>
  p > 0 && p < 0.0005 ? "<0.1%" : `${p >= 0.095 ? (p * 100).toFixed(0) : (p * 100).toFixed(1)}%`;

/** The tokens of a position in a sentence. @param {Given} given @param {number} [at] */
export const who = ({ answer, unit }, at = answer.focus) =>
  at === 0
    ? "the start"
    : unit === "letter"
      ? sign(answer.tokens[at])
      : `“${sign(answer.tokens[at])}”`;

/** @param {Given} given @returns {Table} */
export function tableOf(given) {
  const { kind } = given.block;
  if (kind === "head") return headTable(given);
  if (kind === "scores") return scoreTable(given);
  const rows = rowsOf(given);
  const [, result] = rows[rows.length - 1];
  if (kind === "units" || result.length > ACROSS) return grid(given, result);
  return {
    caption: "The numbers of this block",
    columns: Array.from(result, (_, i) => String(i)),
    rows: rows.map(([name, values], at) => ({
      name,
      strong: at === rows.length - 1,
      cells: Array.from(values, (value, i) => ({
        text: num(value),
        pale: value < 0,
        ...(at === rows.length - 1 && { pick: i }),
      })),
    })),
  };
}

/** What a block reads and what it makes, as rows of numbers. @param {Given} given @returns {[string, Float64Array][]} */
function rowsOf(given) {
  const { numbers, shape, block } = given;
  const { key, kind } = block;
  const own = `layer${block.layer}.`;
  /** @param {string} name @returns {Float64Array} */
  const here = (name) => numbers.here(name);
  /** @type {[string, Float64Array]} */
  const made = ["=", here(key)];
  switch (kind) {
    case "token":
      return [[who(given), here(key)]];
    case "place":
      return [[`place ${given.answer.focus}`, here(key)]];
    case "sum":
      return [["token", here("token")], ["+ place", here("place")], made];
    case "norm":
      return [["line", here(sourceOf(shape, block))], made];
    case "smear":
      return [["line", here(shape.normEmbedding ? "norm_embedding" : "sum")], made];
    case "scale":
      return [["line", here(sourceOf(shape, block))], ["start", here(startOf(shape))], made];
    case "add": {
      const heads = key.endsWith("middle");
      const added = here(own + (heads ? "attention" : "mlp"));
      return [["line", here(own + (heads ? "in" : "middle"))], ["+", added], made];
    }
    case "query":
    case "key":
    case "value": {
      const raw = numbers.has(`${key}_raw`) ? here(`${key}_raw`) : null;
      const read = here(`${own}norm1`);
      /** @type {[string, Float64Array][]} */
      const rows = [
        ["norm", read],
        ["made", raw ?? read],
        [kind, here(key)],
      ];
      return rows.filter((_, i) => i === 2 || (i === 1 ? raw : read.length === here(key).length));
    }
    default:
      return [made];
  }
}

/** Many numbers, some in a row. @param {Given} given @param {Float64Array} values @returns {Table} */
function grid({ block }, values) {
  const top = largest(values);
  const rows = Array.from({ length: Math.ceil(values.length / ACROSS) }, (_, row) => {
    const from = row * ACROSS;
    const own = values.subarray(from, from + ACROSS);
    return {
      name: `${from}–${from + own.length - 1}`,
      cells: Array.from(own, (value, i) => ({
        text: value === 0 ? "·" : num(value),
        pick: from + i,
        pale: value <= 0,
        share: Math.abs(value) / top,
      })),
    };
  });
  const what = block.kind === "units" ? "The units; a dot is a silent one" : "All numbers";
  return { caption: what, columns: Array.from({ length: ACROSS }, (_, i) => `+${i}`), rows };
}

/** Keys, scores, shares and values of all that a head may look at. @param {Given} given @returns {Table} */
function headTable({ numbers, shape, block, answer }) {
  const own = `layer${block.layer}.`;
  const looks = numbers.looks(own, block.head);
  const from = keyHeadOf(shape, block.head) * shape.size;
  const small = shape.size <= SMALL;
  const query = numbers
    .here(`${own}query`)
    .subarray(block.head * shape.size, (block.head + 1) * shape.size);
  const most = best(looks);
  /** @param {Float64Array} values @returns {Cell[]} */
  const cells = (values) => Array.from(values, (value) => ({ text: num(value), pale: value < 0 }));
  /** @type {Row[]} */
  const rows = Array.from(looks, (share, at) => {
    const [key, value] = ["key", "value"].map((name) =>
      numbers.drawn(own + name, at).subarray(from, from + shape.size),
    );
    const score = query.reduce((sum, q, i) => sum + q * key[i], 0) / Math.sqrt(shape.size);
    return {
      name: sign(answer.tokens[at]),
      strong: at === most,
      cells: [
        ...(small ? cells(key) : []),
        { text: share ? num(score) : "–" },
        { text: per(share), share, pick: shape.size + at },
        ...(small ? cells(value) : []),
      ],
    };
  });
  const brought = numbers
    .drawn(`${own}heads`)
    .subarray(block.head * shape.size, (block.head + 1) * shape.size);
  /** @type {Cell[]} */
  const mix = Array.from(brought, (value, i) => ({ text: num(value), pick: i, pale: value < 0 }));
  const key = small ? Array.from(query, (_, i) => `key ${i}`) : [];
  const value = small ? Array.from(query, (_, i) => `value ${i}`) : [];
  const nothing = { text: "" };
  if (small) {
    rows.push({ name: "query", cells: [...cells(query), nothing, { text: "mix" }, ...mix] });
  } else
    for (let row = 0; row * SMALL < mix.length; row++)
      rows.push({
        name: `mix ${row * SMALL}`,
        cells: [nothing, nothing, ...mix.slice(row * SMALL, (row + 1) * SMALL)],
      });
  const columns = [
    ...key,
    "score",
    "share",
    ...value,
    ...(small ? [] : Array.from({ length: Math.min(SMALL, mix.length) }, (_, i) => `+${i}`)),
  ];
  return { caption: `Head ${block.head + 1}: keys, scores, shares and values`, columns, rows };
}

/** The likeliest tokens. @param {Given} given @returns {Table} */
function scoreTable({ numbers, answer, temperature }) {
  const logits = numbers.here("logits");
  const chances = chancesOf(logits, temperature);
  const order = answer.next
    .map(({ id, text, end }) => ({ id, name: end ? "end" : named(text) }))
    .sort((a, b) => chances[b.id] - chances[a.id])
    .slice(0, LISTED);
  return {
    caption: "Scores and chances of the likeliest",
    columns: ["score", `÷ ${temperature.toFixed(1)}`, "e to that", "chance"],
    rows: order.map(({ id, name }, row) => ({
      name,
      strong: row === 0,
      cells: [
        { text: num(logits[id]), pick: id },
        { text: num(logits[id] / temperature) },
        { text: num(Math.exp(logits[id] / temperature)) },
        { text: per(chances[id]), share: chances[id] },
      ],
    })),
  };
}
