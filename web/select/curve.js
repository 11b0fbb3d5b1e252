// The picture of a run of any length, in a bounded number of points.

/** @import {Curve} from "../state/types.js" */

const MOST_POINTS = 1500; // as many as a wide screen can show

/**
 * `width` steps stand behind a point: its dot is the last of them, its line their moving mean.
 * @param {number} steps @param {number} [count] @returns {Curve}
 */
export function newCurve(steps, count = 0) {
  const span = Math.max(5, Math.min(100, Math.round(steps / 20)));
  return {
    width: 1,
    span,
    count,
    seen: 0,
    recent: new Float64Array(span),
    sum: 0,
    steps: [],
    dots: [],
    smooth: [],
    now: null,
  };
}

/** @param {Curve} curve @param {number[]|Float64Array} losses @returns {Curve} */
export function extend(curve, losses) {
  if (!losses.length) return curve;
  let { width, count, seen, sum, steps, dots, smooth } = curve;
  const { span } = curve;
  const recent = curve.recent.slice();
  [steps, dots, smooth] = [[...steps], [...dots], [...smooth]];
  for (const loss of losses) {
    sum += loss - recent[seen % span];
    recent[seen % span] = loss;
    seen += 1;
    count += 1;
    if (count % width) continue;
    steps.push(count);
    dots.push(loss);
    smooth.push(sum / Math.min(seen, span));
    if (steps.length < MOST_POINTS) continue;
    width *= 2;
    const kept = steps.map((step) => step % width === 0);
    [steps, dots, smooth] = [steps, dots, smooth].map((list) => list.filter((_, i) => kept[i]));
  }
  return {
    width,
    span,
    count,
    seen,
    recent,
    sum,
    steps,
    dots,
    smooth,
    now: sum / Math.min(seen, span),
    last: losses.at(-1),
  };
}
