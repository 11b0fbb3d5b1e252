// What the benchmark measured, as rows of a table.

/** @import {Row, State} from "../state/types.js" */

/** @type {{[work: string]: string}} */
const WORKS = {
  reference: "microgpt, a name a step",
  small: "classic, batch 4 × 32",
  medium: "4 layers, width 128, batch 12 × 64",
  product: "a product, 256 × 256",
};
/** @type {{[way: string]: string}} */
const WAYS = { kernel: "recorded, with the kernel", trace: "recorded", numpy: "plain numpy" };

/**
 * What was measured: a row for each work and way, with how often it is as fast as plain numpy.
 * @returns {Row[]} @param {Pick<State["benchmark"], "results">} state
 */
export function rows({ results }) {
  return results.map((result) => {
    const plain = results.find(({ work, way }) => work === result.work && way === "numpy");
    const times = plain && plain !== result ? result.stepsPerSecond / plain.stepsPerSecond : null;
    return { ...result, work: WORKS[result.work], way: WAYS[result.way], times };
  });
}
