// The picture in a narrow window: the followed line runs from top to bottom, one block under the other.
/** @import {Block} from "./blocks.js" */
/** @import {Given, Item} from "./scene.js" */
import { best } from "./numbers.js";
import { barsOf, chanceBars, followers, handsOf, isOff, short, sign, valuesOf } from "./scene.js";

const LISTED = 8; // tokens whose bars are drawn
const CELLS = 16; // letters under the arcs of a head

/**
 * The picture of one block.
 * @param {Given} given @param {Block} block @param {number} width @returns {{items: Item[], height: number}}
 */
export function sceneTall(given, block, width) {
  if (block.kind === "head") return arcs(given, block, width);
  if (block.kind === "scores") return chances(given, width);
  const values = valuesOf(given, block, given.numbers.focus);
  const high = block.kind === "norm" ? 14 : 22;
  const up = values.every((value) => value >= 0); // units that are on or off never dip
  const height = up ? high + 8 : 2 * high + 4;
  const y = up ? high + 4 : high + 2;
  const place = { x: 0, y, width, height: high };
  const drawn = handsOf(given, block, place, values, "strong");
  return {
    height,
    items: [
      { kind: "line", x: 0, y, to: width, tone: "on" },
      drawn ?? barsOf(given, block, place, values, "strong"),
    ],
  };
}

/** Where a head looks: arcs over the letters. @param {Given} given @param {Block} block @param {number} width */
function arcs(given, block, width) {
  const { numbers } = given;
  const { focus, tokens } = numbers;
  const looks = numbers.looks(`layer${block.layer}.`, block.head);
  const from = Math.max(0, Math.min(focus - CELLS + 2, tokens.length - CELLS)); // of a long text
  const shown = tokens.slice(from, from + CELLS);
  const cell = Math.min(46, width / shown.length);
  const base = 48;
  const off = isOff(given, block);
  const most = best(looks);
  /** @param {number} at */
  const x = (at) => Math.max(0, at - from) * cell + cell / 2;
  /** @type {Item[]} */
  const items = [];
  looks.forEach((share, at) => {
    if (at === focus)
      items.push({
        ...{ kind: "box", x: x(at) - 6, y: base - 4 - share * 26, width: 12 },
        ...{ height: Math.max(1, share * 26), tone: off ? "was" : "share", share },
      });
    else
      items.push({
        ...{ kind: "ribbon", from: [x(at), base - 4], to: [x(focus), base - 4], share },
        ...{ width: off ? 1 : Math.max(0.6, share * 16), tone: off ? "off" : "look" },
        arc: Math.min(42, 18 + Math.abs(x(focus) - x(at)) * 0.2),
      });
  });
  shown.forEach((token, i) => {
    const at = from + i;
    const bold = at === most && !off;
    items.push({
      ...{ kind: "words", x: x(at), y: base + 8, words: sign(token), size: cell < 30 ? 13 : 16 },
      ...{ mono: true, middle: true, bold, pale: !bold },
    });
    if (at <= focus && !off && (looks[at] > 0.14 || bold))
      items.push({
        ...{ kind: "words", x: x(at), y: base + 25, words: short(looks[at]), size: 12 },
        ...{ middle: true, bold, pale: !bold },
      });
  });
  return { items, height: base + 34 };
}

/** The likeliest tokens. @param {Given} given @param {number} width */
function chances(given, width) {
  const { rows, rest, others } = followers(given, LISTED);
  rows.sort((a, b) => Math.max(b.p, b.was ?? 0) - Math.max(a.p, a.was ?? 0));
  const long = Math.max(3, ...rows.map(({ name }) => [...name].length));
  /** @param {number} row */
  const y = (row) => 14 + 26 * row;
  const label = Math.min(86, 10 + 9 * long);
  const items = chanceBars(given, { rows, x: 0, y, width, label, height: 12 });
  if (others)
    items.push({
      ...{ kind: "words", x: 0, y: y(rows.length), size: 13, pale: true },
      words: `${others} others share ${short(rest)}%`,
    });
  return { items, height: 26 * (rows.length + (others ? 1 : 0)) + 6 };
}
