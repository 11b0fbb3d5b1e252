// The recorded example as a still picture. It is there before the library that draws a run as it
// goes, whose first drawing takes a phone a quarter of a second.
/** @import {ShownRun} from "../state/types.js" */
import { stillPaths } from "../select/chart-points.js";
import { svgShape } from "./svg.js";

/**
 * @param {ShownRun} run @param {number[]} range  of the loss
 * @param {{width: number, height: number, edge: number}} size  of the picture, and the room around the plot
 */
export function stillChart(run, range, size) {
  const { width, height, edge } = size;
  return svgShape(
    "svg",
    { class: "still", viewBox: `${-edge} ${-edge} ${width} ${height}`, "aria-hidden": "true" },
    ...Object.entries(stillPaths(run, range, size)).map(([kind, d]) =>
      svgShape("path", { class: `still__${kind}`, d }),
    ),
  );
}
