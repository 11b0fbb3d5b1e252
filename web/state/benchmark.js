// The benchmark on Train.
/** @import {State} from "./types.js" */
import { ask, halt, isFor, on, reducer } from "./helpers.js";

const NONE = {
  id: null,
  busy: false,
  done: false, // whether all turns were measured
  kernel: false,
  results: [], // {work, way, stepsPerSecond, tokensPerSecond, gflops}
  problem: "",
};

/** @returns {Pick<State, "benchmark">} */
export const initial = () => ({ benchmark: NONE });

export const reduce = reducer({
  benchmark: (s) =>
    ask(s, { type: "benchmark" }, (next, id) => ({
      ...next,
      benchmark: { ...NONE, id, busy: true },
    })),
  "benchmark-stop": (s) => (s.benchmark.busy ? halt(s, s.benchmark) : s),
  benchmarking: (s, { id, results, kernel }) =>
    isFor({ id }, s.benchmark) ? on(s, "benchmark", { results, kernel }) : s,
  benchmarked: (s, { id, results, kernel, done }) => {
    if (!isFor({ id }, s.benchmark)) return s;
    const next = on(s, "benchmark", { results, kernel, done, busy: false });
    return done ? { ...next, said: "The benchmark is done." } : next;
  },
  refused: (s, { id, message }) =>
    isFor({ id }, s.benchmark) ? on(s, "benchmark", { busy: false, problem: message }) : s,
  crashed: (s) => on(s, "benchmark", { busy: false }),
  retry: (s) => ({ ...s, benchmark: NONE }),
});
