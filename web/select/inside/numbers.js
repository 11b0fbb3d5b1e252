// The numbers of an answer about the machine, by name and position.
/** @import {Machine} from "../../protocol.js" */
import { visible } from "../format.js";

/** The mark in front of every text is no letter. @param {string} token */
export const named = (token) =>
  token.length > 1 && /^<.*>$/.test(token) ? "the start" : visible(token);

/** A function that finds the numbers of an answer. @param {Pick<Machine, "layout"|"numbers"|"focus"|"summarised"|"tokens">} answer */
export function numbersOf({ layout, numbers, focus, summarised, tokens }) {
  const places = new Map(layout.map((each) => [each.name, each]));

  /** All of an array, flat. @param {string} name */
  const all = (name) => {
    const { start, shape } = /** @type {{start: number, shape: number[]}} */ (places.get(name));
    return numbers.subarray(start, start + shape.reduce((a, b) => a * b, 1));
  };
  /** @param {string} name */
  const shape = (name) => places.get(name)?.shape ?? [];

  /** The row of a position as it is drawn: of a large model means. @param {string} name @param {number} [at] */
  const drawn = (name, at = focus) => {
    const [, ...rest] = shape(name);
    const size = rest.reduce((a, b) => a * b, 1);
    return all(name).subarray(at * size, (at + 1) * size);
  };

  return {
    all,
    shape,
    drawn,
    focus,
    tokens,
    /** @param {string} name */
    has: (name) => places.has(name) || places.has(`here ${name}`),
    /** The numbers of the followed position, every one. @param {string} name */
    here: (name) => (summarised ? all(`here ${name}`) : drawn(name)),
    /** The numbers of the position before; at the start there are none. @param {string} name */
    before: (name) => {
      if (summarised) return all("here before");
      return focus ? drawn(name, focus - 1) : new Float64Array(drawn(name, 0).length);
    },
    /** Where a head looks from a position. @param {string} layer @param {number} head @param {number} [at] */
    looks: (layer, head, at = focus) => {
      const time = tokens.length;
      const from = (head * time + at) * time;
      return all(`${layer}weights`).subarray(from, from + at + 1);
    },
    /** The row of a matrix that was asked for. @param {string} name */
    row: (name) => all(`row ${name}`),
    /** @param {string} name */
    hasRow: (name) => places.has(`row ${name}`),
  };
}

/** @typedef {ReturnType<typeof numbersOf>} Numbers */

/** The token that is to come, by scores. @param {ArrayLike<number>} scores */
export function best(scores) {
  let at = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[at]) at = i;
  return at;
}

/** Chances of scores at a temperature. @param {ArrayLike<number>} scores @param {number} temperature */
export function chancesOf(scores, temperature) {
  const most = scores[best(scores)];
  const parts = Float64Array.from(scores, (score) => Math.exp((score - most) / temperature));
  const total = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / total);
}

/**
 * Fewer numbers, each the mean of its neighbours.
 * @param {Float64Array} values @param {number} most
 */
export function fewer(values, most) {
  if (values.length <= most) return values;
  return Float64Array.from({ length: most }, (_, i) => {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * values.length) / most));
    return values.subarray(from, to).reduce((a, b) => a + b, 0) / (to - from);
  });
}

/** The largest size among numbers. @param {...ArrayLike<number>} rows */
export function largest(...rows) {
  let most = 1e-9;
  for (const row of rows)
    for (let i = 0; i < row.length; i++) most = Math.max(most, Math.abs(row[i]));
  return most;
}
