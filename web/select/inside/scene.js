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
 * @typedef {{kind: "hands", pairs: {x: number, y: number, to: [number, number]}[], radius: number,
 *   tone: "strong"|"soft"|"faint"}} Hands  of clocks, from their middle
 * @typedef {{kind: "ribbon", from: [number, number], to: [number, number], width: number,
 *   share: number, tone: "look"|"off"|"fan"|"drawn", arc?: number}} Ribbon  `arc`: how high it bends
 * @typedef {{kind: "dot", x: number, y: number, radius: number, tone: "ink"|"off"|"live"}} Dot
 * @typedef {{kind: "sign", x: number, y: number, radius: number, sign: string}} Sign
 * @typedef {{kind: "words", x: number, y: number, words: string, size: number, bold?: boolean,
 *   pale?: boolean, mono?: boolean, middle?: boolean, halo?: boolean}} Words
 * @typedef {{kind: "box", x: number, y: number, width: number, height: number,
 *   tone: "open"|"full"|"was"|"share", share?: number}} Box
 * @typedef {{kind: "way", points: [number, number][]}} Way  the line itself, past a part of a layer
 * @typedef {Line|Bars|Hands|Ribbon|Dot|Sign|Words|Box|Way} Item
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

/** The largest of what all heads of a layer bring to the followed position. @param {Given} given @param {Block} block */
export const topOfHeads = ({ numbers }, { layer }) => largest(numbers.drawn(`layer${layer}.heads`));

/** What one head brings to the followed position. @param {Given} given @param {Block} block */
export function headValues({ numbers }, { layer, head }) {
  const [, , size] = numbers.shape(`layer${layer}.heads`);
  return numbers.drawn(`layer${layer}.heads`).subarray(head * size, (head + 1) * size);
}

/** Whether a head is switched off. @param {Given} given @param {Block} block */
export const isOff = ({ off }, { layer, head }) => off.includes(`layer${layer}.head${head}`);

/**
 * A place in the picture: `y` is its middle, and its numbers go as far up as down.
 * @typedef {{x: number, y: number, width: number, height: number}} Place
 */

/** As many numbers as their place has room for. @param {Float64Array} values @param {Place} place */
const roomFor = (values, { width }) => fewer(values, Math.max(4, Math.floor(width / 2.2)));

/** @param {Place} place @param {Float64Array} values @param {number} top @param {Bars["tone"]} tone @returns {Bars} */
export const bars = (place, values, top, tone) => ({
  ...{ kind: "bars", values: roomFor(values, place), ...place, top, tone },
});

/** Bars of a position; the largest of the followed one are as high as the place. @param {Given} given @param {Block} block @param {Place} place @param {Float64Array} values @param {Bars["tone"]} tone */
export const barsOf = (given, block, place, values, tone) =>
  bars(place, values, largest(roomFor(valuesOf(given, block, given.numbers.focus), place)), tone);

const READABLE = 4.5; // pixels of a hand

/**
 * Queries and keys that rope turns, as hands of clocks: number i of a head goes up with number
 * i + half. Null where there are none, or where they would be too small to read.
 * @param {Given} given @param {Block} block @param {Place} place
 * @param {Float64Array} values @param {Bars["tone"]} tone @returns {Hands|null}
 */
export function handsOf({ numbers, shape }, { key, kind }, place, values, tone) {
  const [, heads, width] = numbers.shape(key);
  const turns = shape.positions === "rope" && ["query", "key"].includes(kind);
  if (!turns || width !== shape.size) return null; // of a large model means are here
  const half = width / 2;
  const count = heads * half;
  let [columns, cell] = [1, 0];
  for (let n = 1; n <= count; n++) {
    const fits = Math.min(place.width / n, (2 * place.height * n) / count);
    if ((half % n === 0 || (n % half === 0 && count % n === 0)) && fits > cell)
      [columns, cell] = [n, fits];
  }
  const radius = cell / 2 - 0.5;
  if (radius < READABLE) return null;
  const pairOf = /** @param {Float64Array} all @param {number} i */ (all, i) => {
    const at = Math.floor(i / half) * width + (i % half);
    return [all[at], all[at + half]];
  };
  const here = numbers.drawn(key);
  const top = Math.max(
    1e-9,
    ...Array.from({ length: count }, (_, i) => Math.hypot(...pairOf(here, i))),
  );
  const pairs = Array.from({ length: count }, (_, i) => {
    const [a, b] = pairOf(values, i);
    const size = Math.hypot(a, b) || 1;
    const long = (radius * Math.sqrt(Math.min(1, size / top))) / size; // short ones are seen, too
    const x = place.x + ((i % columns) + 0.5) * (place.width / columns);
    const y = place.y + (Math.floor(i / columns) + 0.5 - count / columns / 2) * cell;
    return { x, y, to: /** @type {[number, number]} */ ([x + a * long, y - b * long]) };
  });
  return { kind: "hands", pairs, radius, tone };
}

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
