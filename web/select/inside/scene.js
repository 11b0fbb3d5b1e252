// What the machine's picture is made of: lines, bars, ribbons and words at their places, as plain
// objects. A line is a token; the bars on it are its numbers; ribbons are attention.
/** @import {Block, Shape} from "./blocks.js" */
/** @import {Numbers} from "./numbers.js" */
import { narrow, percent } from "../format.js";
import { best, fewer, largest } from "./numbers.js";

/**
 * @typedef {{kind: "line", x: number, y: number, to: number, tone: "on"|"soft"|"unseen"}} Line
 * @typedef {{kind: "bars", x: number, y: number, width: number, height: number,
 *   values: Float64Array, top: number, tone: "strong"|"soft"|"faint"}} Bars
 * @typedef {{kind: "ribbon", from: [number, number], to: [number, number], width: number,
 *   share: number, tone: "look"|"off"|"fan"|"drawn", arc?: number}} Ribbon  `arc`: how high it bends
 * @typedef {{kind: "dot", x: number, y: number, radius: number, tone: "ink"|"off"|"live"}} Dot
 * @typedef {{kind: "sign", x: number, y: number, radius: number, sign: string}} Sign
 * @typedef {{kind: "words", x: number, y: number, words: string, size: number, bold?: boolean,
 *   pale?: boolean, mono?: boolean, middle?: boolean, halo?: boolean}} Words
 * @typedef {{kind: "box", x: number, y: number, width: number, height: number,
 *   tone: "open"|"full"|"was"|"share", share?: number}} Box
 * @typedef {{kind: "way", points: [number, number][]}} Way  the line itself, past a part of a layer
 * @typedef {Line|Bars|Ribbon|Dot|Sign|Words|Box|Way} Item
 *
 * @typedef {{numbers: Numbers, blocks: Block[], shape: Shape, open: string|null,
 *   chances: Float64Array, whole: Float64Array|null, off: string[],
 *   next: {id: number, text: string, end: boolean}[], drawn: number|null}} Given
 *   `whole` are the chances with every part on, where one is off or the temperature is bent;
 *   `drawn` is the token that the dice have chosen
 */

const START = "▸";
/** A token in a narrow column. @param {string} token */
export const sign = (token) => (token.length > 1 && /^<.*>$/.test(token) ? START : narrow(token));

/** The values that a block draws for a position. @param {Given} given @param {Block} block @param {number} at */
export function valuesOf({ numbers }, { key, kind, layer }, at) {
  if (kind === "layer") return numbers.drawn(`layer${layer}.out`, at);
  return numbers.drawn(key, at);
}

/** The size that fills the height of a block: that of the followed line. @param {Given} given @param {Block} block */
export const topOf = (given, block) => largest(valuesOf(given, block, given.numbers.focus));

/** The largest of what all heads of a layer bring to the followed position. @param {Given} given @param {Block} block */
export const topOfHeads = ({ numbers }, { layer }) => largest(numbers.drawn(`layer${layer}.heads`));

/** What one head brings to the followed position. @param {Given} given @param {Block} block */
export function headValues({ numbers }, { layer, head }) {
  const [, , size] = numbers.shape(`layer${layer}.heads`);
  return numbers.drawn(`layer${layer}.heads`).subarray(head * size, (head + 1) * size);
}

/** Whether a head is switched off. @param {Given} given @param {Block} block */
export const isOff = ({ off }, { layer, head }) => off.includes(`layer${layer}.head${head}`);

/** Bars of at most so many as their place has room for. @param {number} x @param {number} y @param {number} width @param {number} height @param {Float64Array} values @param {number} top @param {Bars["tone"]} tone @returns {Bars} */
export const bars = (x, y, width, height, values, top, tone) => ({
  kind: "bars",
  values: fewer(values, Math.max(4, Math.floor(width / 2.2))),
  ...{ x, y, width, height, top, tone },
});

/**
 * The tokens of the last block, as they are listed: all of a small vocabulary, of a large one the
 * likeliest and the rest together.
 * @param {Given} given @param {number} most
 */
export function followers({ next, chances, whole }, most) {
  const rows = next.map(({ id, text, end }) => ({
    id,
    name: end ? "end" : sign(text),
    p: chances[id],
    was: whole ? whole[id] : null,
  }));
  if (rows.length <= most) return { rows, rest: 0, others: 0 };
  /** @param {{p: number, was: number|null}} row */
  const weight = ({ p, was }) => Math.max(p, was ?? 0);
  const shown = rows.sort((a, b) => weight(b) - weight(a)).slice(0, most);
  const rest = Math.max(0, 1 - shown.reduce((sum, { p }) => sum + p, 0));
  return { rows: shown, rest, others: chances.length - shown.length };
}

/** A chance beside its bar, in percent: a digit more where it is small. @param {number} p */
export const short = (p) => (p >= 0.0095 || p < 0.0005 ? percent(p) : (p * 100).toFixed(1));

/**
 * The bars of the chances, one under the other.
 * @param {Given} given @param {{rows: ReturnType<typeof followers>["rows"], x: number,
 *   y: (row: number) => number, width: number, label: number, height: number}} place
 * @returns {Item[]}
 */
export function chanceBars({ drawn }, { rows, x, y, width, label, height }) {
  const room = width - label - 34;
  const top = best(rows.map(({ p }) => p));
  return rows.flatMap(({ id, name, p, was }, row) => {
    const [at, long] = [y(row), Math.max(1, p * room)];
    const changed = was !== null && Math.abs(was - p) > 0.004;
    const bold = row === top || id === drawn;
    const far = Math.max(p, changed ? (was ?? 0) : 0) * room;
    /** @type {Item[]} */
    const items = [
      { kind: "words", x, y: at, words: name, size: 13, mono: true, bold, pale: !bold },
      {
        ...{ kind: "box", x: x + label, y: at - height / 2, width: long, height },
        tone: id === drawn ? "share" : "full",
        share: 2,
      },
    ];
    if (changed)
      items.push({
        ...{ kind: "box", x: x + label, y: at - height / 2 - 0.5, height: height + 1 },
        ...{ width: Math.max(1, (was ?? 0) * room), tone: "was" },
      });
    if (p >= 0.005)
      items.push({
        ...{ kind: "words", x: x + label + far + 6, y: at, words: short(p), size: 12 },
        ...{ bold, pale: !bold },
      });
    return items;
  });
}
