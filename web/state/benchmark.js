// The fourth part of the reducer: the benchmark on Train. Imports nothing, touches nothing.

export const initialBenchmark = () => ({
  id: null,
  busy: false,
  done: false,
  kernel: false,
  results: [], // {work, way, stepsPerSecond, tokensPerSecond, gflops}
  problem: "",
});

export function followBenchmark(state, action) {
  const { benchmark } = state;
  const change = (values) => ({ ...state, benchmark: { ...benchmark, ...values } });
  const mine = action.id !== undefined && action.id === benchmark.id;
  switch (action.type) {
    case "benchmark": {
      const asked = state.asked + 1;
      return { ...state, asked, benchmark: { ...initialBenchmark(), id: asked, busy: true } };
    }
    case "benchmarked": {
      if (!mine) return state;
      const { results, kernel, done, ended } = action;
      const next = change({ results, kernel, done, busy: !ended });
      return done ? { ...next, said: "The benchmark is done." } : next;
    }
    case "refused":
      return mine ? change({ busy: false, problem: action.message }) : state;
    case "crashed": {
      const problem = mine ? `This is our mistake: ${action.message}` : benchmark.problem;
      return mine || action.fatal !== false ? change({ busy: false, problem }) : state;
    }
    case "retry":
      return { ...state, benchmark: initialBenchmark() };
    default:
      return state;
  }
}

const WORKS = {
  reference: "microgpt, a name a step",
  small: "classic, batch 4 × 32",
  medium: "4 layers, width 128, batch 12 × 64",
  product: "a product, 256 × 256",
};
const WAYS = { kernel: "recorded, with the kernel", trace: "recorded", numpy: "plain numpy" };

/** What was measured: a row for each work and way, with how often it is as fast as plain numpy. */
export function rows({ results }) {
  return results.map((result) => {
    const plain = results.find(({ work, way }) => work === result.work && way === "numpy");
    const times = plain && plain !== result ? result.stepsPerSecond / plain.stepsPerSecond : null;
    return { ...result, work: WORKS[result.work], way: WAYS[result.way], times };
  });
}
