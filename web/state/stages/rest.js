// A stage that is stopped stands still in the page at once, before the worker is at rest; and what
// is left of all when the worker is gone.
/** @import {ShownRun} from "../types.js" */
/** @import {About, Stage, StagesState} from "../stages-types.js" */
import { runOf } from "./words.js";

/**
 * It stands still from now on, however long the worker is at the row it has begun and at keeping
 * what there is: what it still tells of them comes with that. The same where nothing goes on.
 * @param {StagesState} stages @param {"pause"|"take"} stopping @returns {StagesState}
 */
export function resting(stages, stopping) {
  const { work, shown } = stages;
  if (!work || work.stopping) return stages;
  const still = withStatus(shown, work.stage, "paused");
  return { ...stages, work: { ...work, stopping }, shown: still };
}

/**
 * Its run, with the last steps, which were not told one by one.
 * @param {StagesState["shown"]} shown @param {Stage} stage @param {ShownRun["status"]} status
 * @param {About} [about] @returns {StagesState["shown"]}
 */
export function withStatus(shown, stage, status, about) {
  const run = about?.steps ? runOf(about) : shown[stage];
  return run ? { ...shown, [stage]: { ...run, status } } : shown;
}

/**
 * The worker is gone: nothing goes on, and what was kept is found again. A wish that it had not
 * heard yet, because it was at something else, is kept here.
 * @param {StagesState} stages @returns {StagesState}
 */
export function broken(stages) {
  const { talks, text, estimate, compare, work, wanted } = stages;
  return {
    ...stages,
    work: null,
    wanted: work?.wish ?? wanted,
    text: { ...text, id: null },
    talks: { ...talks, id: null },
    estimate: { ...estimate, id: null, key: "" },
    compare: { ...compare, id: null },
  };
}
