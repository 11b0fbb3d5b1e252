// The formula of a number with its own values in it: what it is a sum of, and what is done to that.
/** @import {Numbers} from "./numbers.js" */
/** @import {Shape} from "./blocks.js" */

/**
 * @typedef {{label: string, weight: string|null, factor: number, number: number, product: number}} Term
 *   a product of a sum; `weight` is the name of the factor, where that is a weight of the model
 * @typedef {{head: [of: string, factor: string, number: string], terms: Term[], total: number}} Sum
 */

/** Two digits after the point, and a real minus sign. @param {number} x @param {number} [digits] */
export function num(x, digits = 2) {
  if (x !== 0 && Math.abs(x) < 0.5 * 10 ** -digits) return x.toExponential(0).replace(/-/g, "−");
  return (x < 0 ? "−" : "") + Math.abs(x).toFixed(digits);
}

/**
 * A row of a matrix times the numbers that it reads, and a bias.
 * @param {Numbers} numbers @param {string} matrix @param {string|null} bias @param {number} row
 * @param {ArrayLike<number>} read @param {string} of  what is read
 * @returns {Sum}
 */
export function product(numbers, matrix, bias, row, read, of) {
  const weights = numbers.row(matrix);
  const terms = Array.from(weights, (factor, i) => ({
    label: `${of} ${i}`,
    weight: `${matrix}[${row},${i}]`,
    factor,
    number: read[i],
    product: factor * read[i],
  }));
  if (bias) {
    const factor = numbers.row(bias)[row];
    terms.push({ label: "bias", weight: `${bias}[${row}]`, factor, number: 1, product: factor });
  }
  return { head: [of, matrix, "number"], terms, total: sumOf(terms) };
}

/** @param {{product: number}[]} terms */
export const sumOf = (terms) => terms.reduce((sum, { product }) => sum + product, 0);

/** The largest terms of a sum as a line: 0.31×−0.20 + … @param {Term[]} terms @param {number} [most] */
export function asLine(terms, most = 3) {
  const shown = [...terms]
    .sort((a, b) => Math.abs(b.product) - Math.abs(a.product))
    .slice(0, most)
    .map(({ factor, number }) => `${num(factor)}×${num(number)}`);
  const others = terms.length - shown.length;
  return `${shown.join(" + ")}${others > 0 ? ` + ${others} more` : ""}`;
}

/** @param {ArrayLike<number>} x */
const mean = (x) => Array.from(x).reduce((a, b) => a + b, 0) / x.length;

/**
 * A number made one size with its row: what it is divided by, and what it becomes.
 * @param {ArrayLike<number>} x @param {number} j @param {Shape} shape
 * @param {{gain?: ArrayLike<number>, bias?: ArrayLike<number>}} [learned]
 */
export function normed(x, j, { norm, eps }, { gain, bias } = {}) {
  const all = Array.from(x);
  const centre = norm === "layer" ? mean(all) : 0;
  const size = Math.sqrt(mean(all.map((v) => (v - centre) ** 2)) + eps);
  const value = ((x[j] - centre) / size) * (gain ? gain[j] : 1) + (bias ? bias[j] : 0);
  const from = norm === "layer" ? `(${num(x[j])} − ${num(centre)})` : num(x[j]);
  const scaled = gain ? ` × ${num(gain[j])}` : "";
  const moved = bias ? ` + ${num(bias[j])}` : "";
  return { size, value, line: `${from} ÷ ${num(size, 3)}${scaled}${moved} = ${num(value)}` };
}

/** The part of a normal curve that lies below x. @param {number} x */
export function normalCdf(x) {
  if (Math.abs(x) > 8) return x < 0 ? 0 : 1;
  // The series of its integral from 0: x + x³/3 + x⁵/(3·5) + …
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-18; n += 2) sum += term *= (x * x) / n;
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** @param {number} x */
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** @type {{[activation: string]: (x: number) => number}} */
export const BENDS = {
  relu: (x) => Math.max(0, x),
  relu2: (x) => Math.max(0, x) ** 2,
  gelu: (x) => x * normalCdf(x),
  "gelu-tanh": (x) => x * 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x) => x * sigmoid(x), // that of the gates of swiglu
};

/**
 * A unit after its bend, and how that is written.
 * @param {string} activation @param {number} x @returns {{value: number, line: string}}
 */
export function bent(activation, x) {
  const [value, given] = [BENDS[activation](x), num(x)];
  const written = { relu: `max(0, ${given})`, relu2: `max(0, ${given})²` }[activation];
  return { value, line: `${written ?? `${given} × Φ(${given})`} = ${num(value)}` };
}
