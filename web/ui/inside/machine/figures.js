// The small pictures of the bench: the pairs of a head as hands of clocks, and the curve of a bend.
/** @import {Curve, Figure, Point, Turn} from "../../../select/inside/figures.js" */
import { make, replaceIfChanged, setText, setVisible } from "../../dom.js";
import { svgShape } from "../../svg.js";

const [LARGE, SMALL, EDGE] = [56, 15, 4]; // of clocks: their radius, and the room between two
const ACROSS = 8; // small ones in a row
const [WIDE, HIGH] = [240, 112]; // of a curve

export function createFigure() {
  const picture = make("div", { class: "figure__picture" });
  const words = make("p", { class: "prose" });
  const element = make("div", { class: "figure", hidden: true }, picture, words);
  /** @param {Figure|null} figure */
  function update(figure) {
    setVisible(element, figure !== null);
    if (!figure) return;
    setText(words, figure.words); // what the picture shows, so that has no other name
    replaceIfChanged(picture, JSON.stringify(figure), () => [
      figure.kind === "turn" ? clocks(figure) : curve(figure),
    ]);
  }
  return { element, update };
}

/** The chosen pair in large, and all of the head in small. @param {Turn} turn */
function clocks({ pairs, chosen }) {
  const top = longest(pairs);
  const rows = Math.ceil(pairs.length / ACROSS);
  const pitch = 2 * SMALL + EDGE;
  const left = 2 * LARGE + 4 * EDGE;
  const width = left + Math.min(ACROSS, pairs.length) * pitch;
  const height = Math.max(2 * LARGE, rows * pitch) + 2 * EDGE;
  const all = pairs.flatMap((pair, i) => {
    const x = left + (i % ACROSS) * pitch + pitch / 2;
    const y = EDGE + Math.floor(i / ACROSS) * pitch + pitch / 2;
    return clock(pair, x, y, SMALL, top, i === chosen);
  });
  return svgShape(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    ...clock(
      pairs[chosen],
      LARGE + EDGE,
      LARGE + EDGE,
      LARGE,
      longest([pairs[chosen]]),
      false,
      true,
    ),
    ...all,
  );
}

/** @param {Turn["pairs"]} pairs */
const longest = (pairs) =>
  Math.max(1e-9, ...pairs.flatMap(({ from, to }) => [Math.hypot(...from), Math.hypot(...to)]));

/** @param {Turn["pairs"][0]} pair @param {number} x @param {number} y @param {number} radius @param {number} top @param {boolean} chosen @param {boolean} [arc] */
function clock({ from, to, angle }, x, y, radius, top, chosen, arc = false) {
  /** @param {Point} hand @returns {Point} */
  const tip = ([a, b]) => [x + (a / top) * (radius - 2), y - (b / top) * (radius - 2)];
  /** @param {Point} hand @param {string} kind */
  const hand = (hand, kind) => svgShape("path", { class: kind, d: line([[x, y], tip(hand)]) });
  return [
    svgShape("circle", { class: chosen ? "chosen" : "face", cx: x, cy: y, r: radius }),
    ...(arc
      ? [svgShape("path", { class: "arc", d: line(around(from, angle, x, y, radius)) })]
      : []),
    hand(from, "before"),
    hand(to, "after"),
    svgShape("circle", { class: "spot", cx: tip(to)[0], cy: tip(to)[1], r: arc ? 4 : 2 }),
  ];
}

/** The way of a hand, as points: of many rounds the rest. @param {Point} from @param {number} angle @param {number} x @param {number} y @param {number} radius */
function around(from, angle, x, y, radius) {
  const begin = Math.atan2(from[1], from[0]);
  const steps = 48;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const at = begin + ((angle % (2 * Math.PI)) * i) / steps;
    return /** @type {Point} */ ([
      x + radius * 0.45 * Math.cos(at),
      y - radius * 0.45 * Math.sin(at),
    ]);
  });
}

/** @param {Curve} given */
function curve({ points, at }) {
  const far = points[points.length - 1][0];
  const heights = points.map(([, y]) => y);
  const [low, high] = [Math.min(...heights, 0), Math.max(...heights, 0)];
  /** @param {Point} point @returns {Point} */
  const place = ([x, y]) => [
    ((x / far + 1) / 2) * WIDE,
    HIGH - 6 - ((y - low) / (high - low)) * (HIGH - 12),
  ];
  const [zero, here] = [place([0, 0]), place(at)];
  return svgShape(
    "svg",
    { viewBox: `-6 0 ${WIDE + 12} ${HIGH}`, width: WIDE, height: HIGH, "aria-hidden": "true" },
    svgShape("path", { class: "face", d: `M0 ${zero[1]}H${WIDE}M${zero[0]} 0V${HIGH}` }),
    svgShape("path", { class: "before", d: `M${here[0]} ${zero[1]}V${here[1]}` }),
    svgShape("path", { class: "after", d: line(points.map(place)) }),
    svgShape("circle", { class: "spot", cx: here[0], cy: here[1], r: 5 }),
  );
}

/** @param {Point[]} points */
const line = (points) =>
  `M${points.map((point) => point.map((v) => v.toFixed(1)).join(" ")).join("L")}`;
