// The way of one weight over the run so far: a small curve, a sentence, and a table behind it.
/** @import {Story} from "../../state/types.js" */
import { aboutPath, pathCurve, pathRows } from "../../select/inside/path.js";
import { dataTable } from "../data-table.js";
import { make, replaceIfChanged, setText, setVisible } from "../dom.js";
import { svgShape } from "../svg.js";

const [WIDTH, HEIGHT] = [480, 96];
const MANY = 60; // points that would run into one another

export function weightPath() {
  const picture = make("div", { class: "weight-path" });
  const about = make("p", { class: "prose" });
  const region = { tabindex: 0, role: "region", "aria-label": "Its path as a table" };
  const table = make("div", { class: "table", ...region });
  const fold = make("details", { class: "parts" }, make("summary", {}, "As a table"), table);
  const element = make("div", {}, make("h3", {}, "Its path over the run"), picture, about, fold);
  /** @param {Story} story */
  function update(story) {
    const many = story.path_steps.length > 1;
    setVisible(picture, many);
    setVisible(fold, many);
    setText(about, aboutPath(story));
    if (!many) return;
    const key = `${story.weight} ${story.path_steps.join()}`;
    replaceIfChanged(picture, key, () => [drawn(story)]);
    replaceIfChanged(table, key, () => [
      dataTable(`${story.weight} by step`, ["Step", "Value"], pathRows(story)),
    ]);
  }
  return { element, update };
}

/** @param {Story} story */
function drawn(story) {
  const { points, since } = pathCurve(story, WIDTH, HEIGHT);
  const svg = svgShape("svg", {
    viewBox: `-6 -6 ${WIDTH + 12} ${HEIGHT + 12}`,
    "aria-hidden": "true",
  });
  /** @param {string} tag @param {{[name: string]: string|number}} attributes */
  const add = (tag, attributes) => svg.append(svgShape(tag, attributes));
  const places = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
  add("path", { d: `M${places.join("L")}` });
  // Where few steps are known, they stand as dots.
  for (const [x, y] of points.length > MANY ? [] : points)
    if (x < since) add("circle", { class: "known", cx: x.toFixed(1), cy: y.toFixed(1), r: 2.5 });
  const [x, y] = points[points.length - 1];
  add("circle", { class: "spot", cx: x, cy: y, r: 4 });
  return svg;
}
