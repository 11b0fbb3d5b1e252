// The small pictures of the bench: how a pair is turned by its place, how a number is bent.
/** @import {Shape} from "./blocks.js" */
import { num } from "./sums.js";

/**
 * @typedef {[x: number, y: number]} Point
 * @typedef {{kind: "turn", pairs: {from: Point, to: Point, angle: number}[], chosen: number,
 *   words: string}} Turn  the pairs of a head as hands of clocks, before and after; angles in radians
 * @typedef {{kind: "curve", points: Point[], at: Point, words: string}} Curve
 * @typedef {Turn|Curve} Figure
 */

const ROUND = 2 * Math.PI;

/**
 * The pairs of a head, turned by the place where the token stands: number i with number i + half.
 * @param {Shape} shape @param {number} place @param {number[]} before @param {number[]} after
 * @param {number} number  of the head, the one that is explained @returns {Turn}
 */
export function turnOf({ size, turns }, place, before, after, number) {
  const half = size / 2;
  const chosen = number % half;
  /** @param {number} pair */
  const speedOf = (pair) => turns.base ** ((-2 * pair) / size);
  const pairs = Array.from({ length: half }, (_, i) => {
    const [from, to] = [before, after].map((all) => /** @type {Point} */ ([all[i], all[i + half]]));
    const seen = Math.atan2(to[1], to[0]) - Math.atan2(from[1], from[0]);
    const angle = turns.slowed ? turns.sign * rounded(turns.sign * seen) : 0;
    return { from, to, angle: turns.slowed ? angle : turns.sign * place * speedOf(i) };
  });
  const { from, to, angle } = pairs[chosen];
  const sum = `place ${place} × ${num(turns.sign * speedOf(chosen), 4)} = ${num(angle)}, which is `;
  const degrees = `${num((rounded(Math.abs(angle)) * 360) / ROUND, 0)}°`;
  const way = angle < 0 ? "clockwise" : "counter-clockwise";
  const turned = angle ? `turned by ${turns.slowed ? "" : sum}${degrees} ${way}` : "not turned";
  /** @param {Point} hand */
  const told = (hand) => `(${hand.map((v) => num(v)).join(", ")})`;
  return {
    ...{ kind: "turn", pairs, chosen },
    words: `Each pair of numbers is the hand of a clock: thin as it was made, thick as it stands at place ${place}. Pair ${chosen + 1} of ${half}, numbers ${chosen} and ${chosen + half}: ${told(from)}, ${turned}, is ${told(to)}.`,
  };
}

/** An angle within one round. @param {number} angle */
const rounded = (angle) => ((angle % ROUND) + ROUND) % ROUND;

const STEPS = 96;

/**
 * The curve of a function, with the point of a number on it.
 * @param {string} name @param {(x: number) => number} bend @param {number} x
 * @param {number} least  how far it is drawn to both sides, at least @returns {Curve}
 */
export function curveOf(name, bend, x, least = 2.5) {
  const far = Math.max(least, 1.25 * Math.abs(x));
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const at = far * ((2 * i) / STEPS - 1);
    return /** @type {Point} */ ([at, bend(at)]);
  });
  const y = bend(x);
  return {
    ...{ kind: "curve", points, at: [x, y] },
    words: `The curve of ${name}; its point: ${num(x)} becomes ${num(y)}.`,
  };
}
