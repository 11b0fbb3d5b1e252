// How far Python is, and what the page knows without it.
/** @import {State} from "./types.js" */
import { recordedRun } from "../select/shown-run.js";
import { on, reducer, say, send } from "./helpers.js";

const STAGES = ["python", "library", "numpy", "microgpt", "check"];

/** @returns {Pick<State, "python"|"recorded"|"update"|"internalError">} */
export const initial = () => ({
  python: { status: "loading", attempt: 1, stages: {} },
  recorded: null, // the recorded example
  update: false, // whether a new version of the page is there
  internalError: null, // a mistake of ours that Python survived
});

export const reduce = reducer({
  loading: (s, { stage, received, total, done }) => ({
    ...s,
    python: {
      ...s.python,
      stalled: false,
      stages: { ...s.python.stages, [stage]: { received, total, done } },
    },
  }),
  stalled: (s) => say(on(s, "python", { stalled: true }), "The download has stalled."),
  site: (s, { site }) => {
    /** @type {State["python"]["stages"]} */
    const stages = {};
    for (const { stage, bytes } of site.files.filter((file) => STAGES.includes(file.stage))) {
      const total = (stages[stage]?.total ?? 0) + bytes;
      stages[stage] = { received: 0, total, done: false };
    }
    return on(s, "python", { stages: { ...stages, ...s.python.stages } });
  },
  ready: (s, { python, numpy, memory }) =>
    say(
      on(s, "python", { status: "ready", version: python, numpy, memory }),
      s.queuedAction ? "" : "Python is ready.",
    ),
  // The page has been idle: what a start does without comes now.
  idle: (s) => (s.python.status === "ready" ? send(s, { type: "complete" }) : s),
  failed: (s, { stage, reason, detail }) =>
    say(on(s, "python", { status: "failed", stage, reason, detail }), "Python did not load."),
  crashed: (s, { message, detail, fatal }) =>
    fatal
      ? say(on(s, "python", { status: "crashed", reason: message, detail }), "Python has stopped.")
      : { ...s, internalError: { message, detail } },
  unsupported: (s, { reason }) => on(s, "python", { status: "unsupported", reason }),
  retry: (s) => {
    const { attempt, stages } = s.python;
    return { ...s, python: { status: "loading", attempt: attempt + 1, stages: zeroed(stages) } };
  },
  recorded: (s, { recorded }) => ({ ...s, recorded: { ...recorded, run: recordedRun(recorded) } }),
  update: (s) => say({ ...s, update: true }, "An update is ready."),
});

/** @param {State["python"]["stages"]} stages */
function zeroed(stages) {
  return Object.fromEntries(
    Object.entries(stages).map(([name, { total }]) => [name, { received: 0, total, done: false }]),
  );
}
