// The way of one weight over the run: a curve, what is known of it in words, and rows for a table.
/** @import {Story} from "../../state/types.js" */
import { count } from "../format.js";
import { signed } from "../one-step.js";

const POINTS = 240; // of a curve; more a small one cannot show
const ROWS = 24;

/** @typedef {Pick<Story, "path_steps"|"path_values"|"pathSince">} Path */

/**
 * The places of some of many, the first and the last among them.
 * @param {number} length @param {number} most
 */
function spread(length, most) {
  const some = Math.min(length, most);
  return Array.from({ length: some }, (_, i) =>
    some === 1 ? 0 : Math.round((i * (length - 1)) / (some - 1)),
  );
}

/**
 * The curve in a box of so many units: its points, and where every step is known from.
 * @param {Path} given @param {number} width @param {number} height
 */
export function pathCurve({ path_steps: steps, path_values: values, pathSince }, width, height) {
  const [first, last] = [steps[0], steps[steps.length - 1]];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  /** @param {number} step */
  const across = (step) => (width * (step - first)) / (last - first || 1);
  const points = spread(steps.length, POINTS).map((i) => [
    across(steps[i]),
    high > low ? (height * (high - values[i])) / (high - low) : height / 2,
  ]);
  return { points, since: across(pathSince) };
}

/** What is known, and from where on. @param {Path} given */
export function aboutPath({ path_steps: steps, path_values: values, pathSince }) {
  if (!steps.length)
    return "This model came without its run, so only the value above is known, and no path.";
  const last = steps.length - 1;
  if (!last)
    return `Known from here on: ${signed(values[0])} at step ${count(steps[0])}. Train further, and its path is drawn here.`;
  const way = `From ${signed(values[0])} at step ${count(steps[0])} to ${signed(values[last])} at step ${count(steps[last])}.`;
  const before = steps.indexOf(pathSince);
  const known =
    before === 0
      ? "Every step is known."
      : `Every step is known from step ${count(pathSince)} on, and ${count(before)} ${before === 1 ? "step" : "steps"} before that, which the run keeps.`;
  return `${way} ${known} From now on every step is noted.`;
}

/** Rows of a table; of very many steps some. @param {Path} given */
export const pathRows = ({ path_steps: steps, path_values: values }) =>
  spread(steps.length, ROWS).map((i) => [count(steps[i]), signed(values[i])]);
