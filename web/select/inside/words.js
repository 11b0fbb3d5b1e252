// The machine in words: what comes next, and the picture as a table.
/** @import {Given} from "./scene.js" */
import { narrow } from "../format.js";
import { per } from "./bench-table.js";
import { named } from "./numbers.js";
import { headValues, valuesOf } from "./scene.js";
import { num } from "./sums.js";

/**
 * What comes after what is read, in a sentence of parts: every second one is a chance.
 * @param {Given} given @returns {string[]}
 */
export function verdict({ numbers, chances, next }) {
  const { tokens, focus } = numbers;
  const order = [...next].sort((a, b) => chances[b.id] - chances[a.id]);
  const read = tokens.slice(1, focus + 1).join("");
  const before = focus < tokens.length - 1 ? `After ${read || "the start"}: ` : "";
  const [first, second] = order.map(({ id, text, end }) => [
    `${end ? "the end" : narrow(text)}, `,
    per(chances[id]),
  ]);
  if (!before && first[0].startsWith("the")) first[0] = `T${first[0].slice(1)}`;
  return second
    ? [`${before}${first[0]}`, first[1], `; or ${second[0]}`, second[1], "."]
    : [`${before}${first[0]}`, first[1], "."];
}

/** The numbers of the followed line, block by block. @param {Given} given @returns {string[][]} */
export function tableRows(given) {
  const { numbers, chances, next } = given;
  /** @param {ArrayLike<number>} values */
  const list = (values) => Array.from(values, (value) => num(value)).join("  ");
  return given.blocks.map((block) => {
    const { kind, name, sub, layer, head } = block;
    const title = layer === null || kind === "layer" ? name : `Layer ${layer + 1}: ${name}`;
    if (kind === "scores") {
      const order = [...next].sort((a, b) => chances[b.id] - chances[a.id]).slice(0, 8);
      const all = order.map(
        ({ id, text, end }) => `${end ? "end" : narrow(text)} ${per(chances[id])}`,
      );
      return [title, sub, all.join(", ")];
    }
    if (kind !== "head") {
      const turned = given.shape.positions === "rope" && ["query", "key"].includes(kind);
      const what = turned ? `${sub}; turned by place ${numbers.focus}, pair by pair` : sub;
      return [title, what, list(valuesOf(given, block, numbers.focus))];
    }
    const looks = numbers.looks(`layer${layer}.`, head);
    const to = Array.from(looks, (share, at) => `${named(numbers.tokens[at])} ${per(share)}`);
    return [title, `looks at ${to.join(", ")}`, list(headValues(given, block))];
  });
}

/**
 * Numbers on their way from one answer to the next, where both are of one text.
 * @param {Float64Array} from @param {Float64Array} to @param {number} part  0 to 1
 */
export function between(from, to, part) {
  if (part >= 1 || from.length !== to.length) return to;
  return to.map((value, i) => from[i] + (value - from[i]) * part);
}
