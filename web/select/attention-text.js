// What attention says, in numbers and in a sentence.
/** @import {Attention} from "../state/types.js" */
import { visible } from "./format.js";

const OF_NOTE = 0.05; // a share worth a word
const HABIT = 0.4;
/** @type {((unit: string) => string)[]} */
const BACK = [
  (unit) => `at the ${unit} itself`,
  (unit) => `one ${unit} back`,
  (unit) => `two ${unit}s back`,
  (unit) => `three ${unit}s back`,
  (unit) => `four ${unit}s back`,
];

/**
 * The rows of one head: row i has i + 1 shares.
 * @param {Pick<Attention, "tokens"|"heads"|"weights">} given @param {number} layer @param {number} head
 */
export function shares({ tokens, heads, weights }, layer, head) {
  const size = tokens.length;
  const from = (layer * heads + head) * size * size;
  return tokens.map((_, row) =>
    Array.from(weights.subarray(from + row * size, from + row * size + row + 1)),
  );
}

/**
 * Where one row looks; a token is called a `unit`.
 * @param {string[]} tokens @param {number[]} line @param {number} row @param {string} unit
 */
export function told(tokens, line, row, unit) {
  const order = [...line.keys()].sort((a, b) => line[b] - line[a]);
  /** @param {number} place */
  const of = (place) => `${Math.round(100 * line[place])}%`;
  /** @param {number} place */
  const sign = (place) =>
    unit === "letter" ? visible(tokens[place]) : `“${visible(tokens[place])}”`; // it may be a comma
  /** @param {number} place */
  const name = (place) => (place ? `${unit} ${place}, ${sign(place)}` : "the start");
  /** @param {number} place */
  const goal = (place) => (place === row ? `${unit} ${place} itself` : name(place));
  if (!row) return "At the start there is nothing else to look at.";
  const [first, second] = order;
  const more = line[second] >= OF_NOTE ? `, and ${of(second)} on ${goal(second)}` : "";
  return `Reading ${name(row)}, this head spends ${of(first)} of its attention on ${goal(first)}${more}.`;
}

/**
 * What a head mostly does on this text, if it mostly does one thing.
 * @param {number[][]} lines @param {string} unit
 */
export function habit(lines, unit) {
  const rows = lines.slice(1);
  if (!rows.length) return "";
  /** @param {(line: number[]) => number|undefined} pick */
  const mean = (pick) => rows.reduce((sum, line) => sum + (pick(line) ?? 0), 0) / rows.length;
  const places = BACK.map((words, back) => ({
    words: words(unit),
    share: mean((line) => line.at(-1 - back)),
  }));
  const all = [...places, { words: "at the start", share: mean((line) => line[0]) }];
  const top = all.reduce((a, b) => (b.share > a.share ? b : a));
  if (top.share < HABIT) return "On this text this head has no fixed place where it looks.";
  return `On this text it mostly looks ${top.words}: ${Math.round(100 * top.share)}% on average.`;
}
