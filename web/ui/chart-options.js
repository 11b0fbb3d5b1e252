// What uPlot, the library, is told of the chart.
/** @import {ShownRun} from "../state/types.js" */
import { nice, splitsOf } from "../select/chart-points.js";
import { isDrawn } from "../select/shown-run.js";

export const EDGE = 6; // pixels around the plot, for points that stand on its edge; as in train.css

/** @typedef {{run?: ShownRun, scales: {y: {min: number, max: number}}}} Drawn  a chart of uPlot */

const DASHES = [[8, 5], [2, 4], []];
const WIDTHS = [1.75, 2, 1];

/**
 * @param {boolean} stretched @param {{[name: string]: string}} colours
 * @param {number} width @param {number} height @param {number} kept
 * @param {boolean} asked  whether there are questions with a right answer
 */
export function options(stretched, colours, width, height, kept, asked) {
  // Muted, and told apart by how they are drawn: the list below shows each with its letter.
  const muted = Array.from({ length: kept }, (_, i) => [
    {
      stroke: () => colours[i === 2 ? "ink-2" : "trace"],
      width: WIDTHS[i],
      dash: DASHES[i],
      spanGaps: true,
      points: { show: false },
    },
    {
      paths: () => null,
      points: {
        show: true,
        size: 6,
        width: 1,
        fill: () => colours.paper,
        stroke: () => colours.trace,
      },
    },
  ]).flat();
  const right = {
    scale: "share",
    stroke: () => colours["ink-2"],
    width: 1.5,
    dash: [2, 3],
    spanGaps: true,
    points: { show: true, size: 6, width: 0, fill: () => colours.ink, stroke: () => colours.ink },
  };
  /** @param {(u: Drawn) => number[]} splits @param {number} side */
  const axis = (splits, side) => ({
    side,
    size: 0,
    gap: 0,
    ticks: { show: false },
    values: () => [],
    splits,
    grid: { stroke: () => colours.line, width: 1 },
  });
  const x = stretched
    ? { time: false, distr: 100, fwd: Math.log1p, bwd: Math.expm1 }
    : { time: false };
  /** @param {Drawn} u */
  const live = (u) => (u.run && isDrawn(u.run) ? colours.accent : colours.ink);
  return {
    width: Math.round(width),
    height: Math.round(height),
    padding: [EDGE, EDGE, EDGE, EDGE],
    legend: { show: false },
    cursor: { show: false },
    pxAlign: false,
    scales: {
      x: { ...x, auto: false },
      y: { auto: false },
      ...(asked && { share: { auto: false } }),
    },
    axes: [
      axis((u) => splitsOf(u.run ?? { steps: 1 }, stretched), 2),
      axis((u) => nice([u.scales.y.min, u.scales.y.max]), 3),
    ],
    series: [
      {},
      {
        paths: () => null,
        points: {
          show: true,
          size: 2,
          width: 0,
          fill: () => colours.trace,
          stroke: () => colours.trace,
        },
      },
      { stroke: live, width: 2.5, spanGaps: true, points: { show: false } },
      {
        paths: () => null,
        points: {
          show: true,
          size: 8,
          width: 1.5,
          fill: () => colours.paper,
          stroke: () => colours.ink,
        },
      },
      ...muted,
      ...(asked ? [right] : []),
    ],
  };
}
