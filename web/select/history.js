// What was written on the way, as much of it as one looks through.
/** @import {Column} from "../state/types.js" */

const MOST = 120;

/**
 * With another column, in the order of their steps. Of too many the one goes that lies nearest
 * between its neighbours, so that they stay spread over the whole run.
 * @param {Column[]} columns @param {Column} added @returns {Column[]}
 */
export function withColumn(columns, added) {
  const others = columns.filter(({ step }) => step !== added.step);
  const all = [...others, added].sort((a, b) => a.step - b.step);
  if (all.length <= MOST) return all;
  let gone = 1;
  /** @param {number} i */
  const gap = (i) => all[i + 1].step - all[i - 1].step;
  for (let i = 2; i < all.length - 1; i++) if (gap(i) < gap(gone)) gone = i;
  return all.filter((_, i) => i !== gone);
}
