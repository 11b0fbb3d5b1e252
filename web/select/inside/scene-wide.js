// The picture in a wide window: the lines run from left to right, the blocks are columns.
/** @import {Block} from "./blocks.js" */
/** @import {Given, Item} from "./scene.js" */
import { best, largest } from "./numbers.js";
import {
  bars,
  barsOf,
  chanceBars,
  followers,
  handsOf,
  headValues,
  isOff,
  short,
  sign,
  topOfHeads,
  valuesOf,
} from "./scene.js";

const TOP = 98; // what the titles take
const LISTED = 30; // tokens whose bars are drawn
const ROWS = 22; // lines; of a longer text those before the followed one
const HEADS = 4; // side by side

/** How wide a column is, as a share. @type {{[kind: string]: number}} */
const SHARE = {
  ...{ token: 1, place: 1, sum: 1, norm: 0.62, smear: 0.8, scale: 0.8, query: 0.78, key: 0.78 },
  ...{ value: 0.78, head: 1.08, add: 1, units: 1.7, layer: 0.8, backout: 0.8 },
};

/**
 * Where each column stands, in a picture of this width.
 * @param {Given} given @param {number} width
 */
export function columnsOf({ blocks, numbers, open }, width) {
  const roomy = width > 1180;
  const long = Math.max(...numbers.tokens.map((token) => [...sign(token)].length));
  const letters = Math.max(roomy ? 46 : 34, 12 + 11 * long);
  const odds = roomy ? 206 : 158;
  const gap = roomy ? 20 : 11;
  const heads = blocks.filter(({ kind }) => kind === "head");
  const chosen = heads.find(({ key }) => key === open) ?? heads[0];
  const many = heads.length > HEADS;
  /** @param {Block} block */
  const share = ({ kind }) =>
    kind === "head" && many ? 2.6 : !roomy && kind === "norm" ? 0.85 : SHARE[kind];
  const columns = blocks.filter(
    (block) => block.kind !== "scores" && !(block.kind === "head" && many && block !== chosen),
  );
  /** Columns that belong together stand closer. @param {Block} block @param {number} i */
  const before = (block, i) => {
    if (!i) return 0;
    if (block.kind === "head" && columns[i - 1].kind === "head") return 0;
    return ["key", "value"].includes(block.kind) ? gap * 0.5 : gap;
  };
  const gaps = columns.reduce((sum, block, i) => sum + before(block, i), 0) + gap * 2.2;
  const unit =
    (width - letters - odds - gaps) / columns.reduce((sum, block) => sum + share(block), 0);
  let x = letters;
  /** @type {Map<string, {block: Block, x: number, width: number}>} */
  const places = new Map();
  columns.forEach((block, i) => {
    x += before(block, i);
    places.set(block.key, { block, x, width: share(block) * unit });
    x += share(block) * unit;
  });
  const [last] = blocks.slice(-1);
  places.set(last.key, { block: last, x: x + gap * 2.2, width: odds });
  return { places, letters, gap, end: x, roomy, chosen, heads: many ? heads : [] };
}

/**
 * The positions whose lines are drawn: of a long text the start, and those around the followed one.
 * @param {number} time @param {number} focus
 */
export function rowsOf(time, focus) {
  const all = Array.from({ length: time }, (_, at) => at);
  if (time <= ROWS) return all;
  const from = Math.max(1, Math.min(focus - ROWS + 5, time - ROWS + 1));
  return [0, ...all.slice(from, from + ROWS - 1)];
}

/** @param {Given} given @param {number} width */
export function sceneWide(given, width) {
  const { numbers, blocks, shape, open } = given;
  const { focus, tokens } = numbers;
  const columns = columnsOf(given, width);
  const { places, letters, gap, end, roomy } = columns;
  const listed = followers(given, LISTED);
  const lines = listed.rows.length + (listed.others ? 1 : 0);
  const rows = rowsOf(tokens.length, focus);
  const high = Math.max(27, lines) * 16;
  const pitch = Math.min(56, high / (rows.length + 0.9)); // the followed line is the highest
  const big = pitch * 1.9;
  const first = TOP + Math.max(0, (high - pitch * (rows.length - 1) - big) / 2);
  const order = rows.indexOf(focus);
  /** @param {number} at  a position; one that is not drawn is where the gap is */
  const y = (at) => {
    const row = rows.indexOf(at);
    if (row < 0) return first + pitch;
    const down = row * pitch;
    return (
      first +
      (row < order
        ? down + pitch / 2
        : row > order
          ? down - pitch + big + pitch / 2
          : down + big * 0.52)
    );
  };
  const soft = Math.min(19, pitch * 0.4);
  const tall = Math.min(42, big * 0.44);
  const line = y(focus);
  /** @type {Item[]} */
  const items = [];
  const at = open === null ? undefined : places.get(open);
  if (at)
    items.push({
      ...{ kind: "box", x: at.x - 4, y: TOP - 6, width: at.width + 8, height: high + 12 },
      tone: "open",
    });
  for (const row of rows)
    items.push({
      ...{ kind: "line", x: letters - 8, y: y(row), to: end },
      tone: row === focus ? "on" : row > focus ? "unseen" : "soft",
    });
  for (const { block, x, width: wide } of places.values()) {
    if (block.kind === "head")
      items.push(...headItems(given, block, { x, wide, y, pitch, tall, roomy }));
    else if (block.kind !== "scores") {
      for (const row of rows) {
        if (block.kind === "query" && row !== focus) continue; // nobody else asks now
        const tone = row === focus ? "strong" : row > focus ? "faint" : "soft";
        const place = { x, y: y(row), width: wide, height: row === focus ? tall : soft };
        const values = valuesOf(given, block, row);
        items.push(
          handsOf(given, block, place, values, tone) ?? barsOf(given, block, place, values, tone),
        );
      }
    }
    if (block.sign)
      items.push({
        ...{ kind: "sign", x: x - gap / 2, y: line, radius: roomy ? 7.5 : 5.5, sign: block.sign },
      });
  }
  items.push(...waysPast(columns, line, Math.min(tall + 7, big * 0.5)));
  const odds = /** @type {{x: number, width: number}} */ (places.get("scores"));
  const step = high / Math.max(27, lines);
  const from = TOP + (high - lines * step) / 2;
  /** @param {number} row */
  const oddsAt = (row) => from + row * step + step / 2;
  listed.rows.forEach(({ id, p }, row) => {
    const chosen = id === given.drawn;
    items.push({
      ...{ kind: "ribbon", from: [end + 2, line], to: [odds.x - 3, oddsAt(row)], share: p },
      ...{ width: chosen ? 4 : Math.max(0.4, p * 15), tone: chosen ? "drawn" : "fan" },
    });
  });
  const label = 12 + 8 * Math.max(3, ...listed.rows.map(({ name }) => [...name].length));
  items.push(
    ...chanceBars(given, {
      rows: listed.rows,
      x: odds.x + 2,
      y: oddsAt,
      width: odds.width,
      label: Math.min(74, label),
      height: 9,
    }),
  );
  if (listed.others)
    items.push({
      ...{ kind: "words", x: odds.x + 2, y: oddsAt(listed.rows.length), size: 12, pale: true },
      words: `${listed.others} others: ${short(listed.rest)}%`,
    });
  const live = at ? Math.min(at.x + at.width, end) : end;
  items.push({ kind: "dot", x: live, y: line, radius: 4.5, tone: "live" });
  const lettersAt = rows.map((row) => ({
    at: row,
    y: y(row),
    height: Math.max(24, Math.min(32, Math.floor(row === focus ? big : pitch))),
  }));
  return { items, height: TOP + high + 10, columns, letters: lettersAt, blocks, shape, top: TOP };
}

/**
 * The line goes on past each part of a layer, and what the part has made is added to it.
 * @param {ReturnType<typeof columnsOf>} columns @param {number} line @param {number} below
 * @returns {Item[]}
 */
function waysPast({ places, gap }, line, below) {
  /** @type {Item[]} */
  const ways = [];
  let from = 0;
  for (const { block, x } of places.values()) {
    if (block.kind === "norm" && block.layer !== null) from = x - gap / 2;
    if (block.kind !== "add" || !from) continue;
    const to = x - gap / 2;
    ways.push({
      kind: "way",
      points: [
        [from, line],
        [from, line + below],
        [to, line + below],
        [to, line + 8],
      ],
    });
  }
  return ways;
}

/**
 * What the followed position reads through a head: ribbons as thick as its attention.
 * @param {Given} given @param {Block} block
 * @param {{x: number, wide: number, y: (at: number) => number, pitch: number, tall: number,
 *   roomy: boolean}} place
 * @returns {Item[]}
 */
function headItems(given, block, { x, wide, y, pitch, tall, roomy }) {
  const { numbers } = given;
  const { focus } = numbers;
  const looks = numbers.looks(`layer${block.layer}.`, block.head);
  const off = isOff(given, block);
  const most = best(looks);
  const brought = Math.min(wide * 0.4, roomy ? 26 : 18);
  const [from, to] = [x + 8, x + wide - brought - 2];
  /** @type {Item[]} */
  const ribbons = [];
  /** @type {Item[]} */
  const labels = [];
  looks.forEach((share, at) => {
    ribbons.push({
      ...{ kind: "ribbon", from: [from, y(at)], to: [to, y(focus)], share },
      width: off ? 1 : Math.max(0.6, share * Math.min(26, pitch * 0.5)),
      tone: off ? "off" : "look",
    });
    ribbons.push({
      ...{ kind: "dot", x: from, y: y(at), radius: at === most && !off ? 3.5 : 2 },
      tone: off ? "off" : "ink",
    });
    if (off || (share < 0.14 && at !== most)) return;
    labels.push({
      ...{ kind: "words", x: from - 4, y: y(at) + (at === focus ? 14 : -10), size: 12 },
      ...{ words: short(share), bold: at === most, pale: at !== most, halo: true },
    });
  });
  const values = headValues(given, block);
  const top = Math.max(topOfHeads(given, block), largest(values));
  return [
    ...ribbons,
    ...labels,
    ...(off
      ? []
      : [
          bars(
            { x: to + 1, y: y(focus), width: brought, height: tall * 0.7 },
            values,
            top,
            "strong",
          ),
        ]),
  ];
}
