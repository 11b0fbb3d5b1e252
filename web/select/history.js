// What was written on the way, as much of it as one looks through.
/** @import {Column, Run, Sample} from "../state/types.js" */

const MOST = 120;
export const COLUMNS = 5; // samples of names stand at the start and after every fifth of the run

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

/**
 * A run with what it has written after a step.
 * @param {Run} run @param {number} step @param {Sample[]} samples @returns {Run}
 */
export function withSamples(run, step, samples) {
  const columns = [...run.columns];
  const nearest = Math.round((step / Math.max(1, run.steps)) * COLUMNS);
  const target = (nearest * run.steps) / COLUMNS;
  const away = Math.abs(step - target);
  const close = away <= Math.max(1, run.steps * 0.02) && nearest <= COLUMNS;
  const taken = columns[nearest]; // by samples that stand nearer to its place, it may be
  if (close && !(taken && Math.abs(taken.step - target) < away))
    columns[nearest] = { step, samples };
  const history = withColumn(run.history, { step, samples });
  return { ...run, columns, history, live: { step, samples } };
}
