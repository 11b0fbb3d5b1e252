// How the run is drawn, and the curves that are kept to compare it with.
/** @import {State} from "./types.js" */
import { on, reducer, say } from "./helpers.js";

const MOST_KEPT = 3; // curves to compare with

/** @returns {Pick<State, "keptCurves"|"chart">} */
export const initial = () => ({
  keptCurves: [], // to compare with: {key, run}
  chart: { stretch: false, table: false, bars: false },
});

export const reduce = reducer({
  "keep-curve": (s) => {
    if (!s.run) return s;
    const key = (s.keptCurves.at(-1)?.key ?? 0) + 1;
    const keptCurves = [...s.keptCurves, { key, run: s.run }].slice(-MOST_KEPT);
    return say({ ...s, keptCurves }, "Curve kept.");
  },
  "drop-curve": (s, { key }) => ({
    ...s,
    keptCurves: s.keptCurves.filter((curve) => curve.key !== key),
  }),
  "samples-at": (s, { step }) => ({ ...s, samplesAt: step }),
  stretch: (s) => on(s, "chart", { stretch: !s.chart.stretch }),
  table: (s) => on(s, "chart", { table: !s.chart.table }),
  bars: (s) => on(s, "chart", { bars: !s.chart.bars }),
});
