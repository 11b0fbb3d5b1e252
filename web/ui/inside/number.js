// One number's story: what it is, forward, back, checked, remembered, moved; and its parts.
/** @import {Control, Mount, OneStep, State, Story} from "../../state/types.js" */
import { dataTable } from "../data-table.js";
import { make, replaceIfChanged, setText, setValue, setVisible } from "../dom.js";
import { around, links, nodeName, partRows, steepestOf } from "../../select/one-step.js";
import { svgShape } from "../svg.js";
import { weightPath } from "./path.js";

const SEEDS = 2 ** 31;

/** @type {Mount} */
export function mount(element, send) {
  const places = frame();
  const { name, rowLabel, row, column, largest, another, bad, voice, chain, title, parts } = places;
  const { go, graphBad, graph, into, here, hereText, from, own, path } = places;
  element.append(...places.all);
  go.addEventListener("click", () => send({ type: "walk-graph" }));
  /** @param {string} words @param {State["oneStep"]["graph"]["nodes"]} nodes */
  const ways = (words, nodes) => [
    nodes.length ? `${words} ` : "",
    ...nodes.map((node) =>
      make(
        "button",
        {
          class: "act",
          type: "button",
          onclick: () => {
            send({ type: "graph-node", at: node.id });
            here.focus(); // the button is gone: one is at the operation now
          },
        },
        nodeName(node),
      ),
    ),
  ];
  /** @param {string[]} names @param {OneStep} answer */
  const stories = (names, answer) => [
    "Go on with the steepest number in ",
    ...names.map((each) => {
      const weight = steepestOf(answer, each);
      const onclick = () => {
        send({ type: "pick-weight", weight });
        title.scrollIntoView?.({ block: "nearest" });
      };
      return make("button", { class: "act", type: "button", onclick }, weight);
    }),
  ];
  /** @param {State["oneStep"]["graph"]} walked @param {OneStep} answer */
  const walk = ({ nodes, at, problem }, answer) => {
    setVisible(graphBad, Boolean(problem));
    setText(graphBad, problem);
    setVisible(graph, nodes.length > 0);
    if (!nodes.length) return;
    const found = around(nodes, at);
    replaceIfChanged(into, `${at} ${nodes.length}`, () => ways("It goes into", found.into));
    replaceIfChanged(from, `${at} ${nodes.length}`, () => ways("Its inputs are", found.from));
    setVisible(own, found.weights.length > 0);
    replaceIfChanged(own, `${at} ${answer.exactLoss}`, () => stories(found.weights, answer));
    setText(here, found.name);
    setText(hereText, found.text);
  };
  /** @type {{[name: string]: number[]}} */
  let shapes = {};
  let steepest = "";
  let spoken = "";
  let jumped = 0;

  const pick = () => {
    const shape = shapes[name.value] ?? [];
    /** @param {{value: string}} field @param {number} size */
    const within = ({ value }, size) =>
      Math.max(0, Math.min(size - 1, Math.round(Number(value)) || 0));
    const place =
      shape.length > 1
        ? [within(row, shape[0]), within(column, shape[1])]
        : [within(column, shape[0])];
    send({ type: "pick-weight", weight: `${name.value}[${place.join(",")}]` });
  };
  for (const control of [name, row, column]) control.addEventListener("change", pick);
  largest.addEventListener("click", () => send({ type: "pick-weight", weight: steepest }));
  another.addEventListener("click", () =>
    send({ type: "another-weight", seed: Math.floor(Math.random() * SEEDS) }),
  );

  return ({ oneStep }) => {
    const { answer, story } = oneStep;
    setVisible(element, Boolean(answer && (story.answer || story.problem)));
    setVisible(bad, Boolean(story.problem));
    setText(bad, story.problem);
    if (!answer || !story.answer) return;
    walk(oneStep.graph, answer);
    const told = story.answer;
    shapes = Object.fromEntries(answer.layout.map(({ name: n, shape, of }) => [n, of ?? shape]));
    steepest = answer.largest;
    replaceIfChanged(name, Object.keys(shapes).join(), () =>
      Object.keys(shapes).map((each) => make("option", { value: each }, each)),
    );
    if (story.id === null) {
      // else the reader is choosing, and what they have chosen stays
      setValue(name, told.name);
      setVisible(rowLabel, told.index.length > 1);
      if (told.index.length > 1) setValue(row, told.index[0]);
      setValue(column, told.index[told.index.length - 1]);
    }
    const key = `${told.weight} ${told.step.step} ${told.step.exactLoss} ${told.value}`;
    replaceIfChanged(chain, key, () => links(told).map((link) => linked(link, told)));
    const rows = partRows(told);
    setVisible(title, rows.length > 0);
    setVisible(parts, rows.length > 0);
    if (rows.length)
      replaceIfChanged(parts, key, () => [
        dataTable("Parts of the gradient", ["Part", "Slope g", "Input x", "After", "Next"], rows),
      ]);
    path.update(told);
    if (story.id === null && oneStep.jumps > jumped) {
      jumped = oneStep.jumps;
      places.all[0].scrollIntoView({ block: "start" });
      places.all[0].focus({ preventScroll: true }); // one came here from a picture above
    }
    // It is said where the reader has chosen another, not as the first one comes.
    if (spoken && spoken !== told.weight) setText(voice, `${told.weight}: ${links(told)[0].text}`);
    spoken = told.weight;
  };
}

/** What stands in the section. */
function frame() {
  const name = /** @type {Control} */ (/** @type {unknown} */ (make("select", { class: "value" })));
  const [row, column] = [0, 0].map(() => {
    const field = { class: "value", inputmode: "numeric", autocomplete: "off", size: 4 };
    return /** @type {Control} */ (/** @type {unknown} */ (make("input", field)));
  });
  const rowLabel = make("label", {}, "row ", row);
  const [largest, another, go] = ["The largest gradient", "Another", "Walk it from here"].map(
    (label) => make("button", { class: "act", type: "button" }, label),
  );
  const [bad, graphBad] = [0, 0].map(() =>
    make("p", { class: "bad", role: "alert", hidden: true }),
  );
  const voice = make("p", { class: "vh", "aria-live": "polite", "data-voice": true });
  const chain = make("ol", { class: "chain", "data-chain": true });
  const title = make("h3", {}, "Its gradient is a sum");
  const label = "The parts of the gradient";
  const parts = make("div", { class: "table", tabindex: 0, role: "region", "aria-label": label });
  const [into, from] = [make("p", { class: "row" }), make("p", { class: "row" })];
  const here = make("b", { tabindex: -1, "data-node": true });
  const hereText = make("span", { class: "prose", "aria-live": "polite" });
  const middle = make("p", { class: "walk__here" }, here, " ", hereText);
  const own = make("p", { class: "row", hidden: true });
  const graph = make("div", { class: "walk", hidden: true }, into, middle, own, from);
  const path = weightPath();
  const through = make("span", { class: "prose" }, "through this step");
  return {
    ...{ name, rowLabel, row, column, largest, another, bad, voice, chain, title, parts },
    ...{ go, graphBad, graph, into, here, hereText, from, own, path },
    all: [
      make("h2", { id: "number-title", tabindex: -1 }, "One number’s story ", through),
      make(
        "div",
        { class: "number__pick" },
        make("label", {}, "Numbers ", name),
        rowLabel,
        make("label", {}, "column ", column),
        largest,
        another,
      ),
      ...[bad, voice, chain, path.element, title, parts],
      make("h3", {}, "The step as a graph"),
      ...[go, graphBad, graph],
    ],
  };
}

/** @param {ReturnType<typeof links>[number]} link @param {Story} story */
function linked({ kind, title, value, text }, story) {
  return make(
    "li",
    {},
    picture(kind, story),
    make("h3", {}, title),
    make("p", { class: "chain__value" }, value),
    make("p", { class: "prose" }, text),
  );
}

/** A small drawing beside the words, which say the same. @param {string} kind @param {Story} story */
function picture(kind, story) {
  const shapes = drawing(kind, story).map(([tag, attributes]) => svgShape(tag, attributes));
  return svgShape("svg", { viewBox: "0 0 120 48", "aria-hidden": "true" }, ...shapes);
}

/**
 * @param {string} kind @param {Story} story
 * @returns {[string, {[name: string]: string|number}][]}
 */
function drawing(kind, { shape, index, gradient, move }) {
  const [rows, columns] = shape.length > 1 ? shape : [1, shape[0]];
  const [row, column] = index.length > 1 ? index : [0, index[0]];
  const steep = Math.max(-15, Math.min(15, gradient.exact * 200));
  const line = { d: `M10 ${24 + steep}L110 ${24 - steep}` };
  if (kind === "is") {
    const [x, y] = [4 + (40 * (column + 0.5)) / columns, 4 + (40 * (row + 0.5)) / rows];
    return [
      ["rect", { x: 4, y: 4, width: 40, height: 40 }],
      ["path", { class: "thin", d: `M4 ${y}h40M${x} 4v40` }],
      ["circle", { class: "spot", cx: x, cy: y, r: 3 }],
    ];
  }
  if (kind === "back") return [["path", line], spot(60, 24)];
  if (kind === "check") {
    const [low, high] = [24 + steep * 0.6, 24 - steep * 0.6];
    return [
      ["path", { ...line, class: "thin" }],
      ["circle", { cx: 30, cy: low, r: 3 }],
      ["circle", { cx: 90, cy: high, r: 3 }],
    ];
  }
  if (kind === "move") {
    const way = Math.sign(move.move);
    return [
      ["path", { class: "thin", d: "M4 24H116" }],
      ["path", { d: `M60 24h${way * 44}M${60 + way * 37} 19l${way * 8} 5l${-way * 8} 5` }],
      spot(60, 24),
    ];
  }
  return [["path", { class: "thin", d: "M4 24H116" }], spot(60, 24)];
}

/** @param {number} cx @param {number} cy @returns {[string, {[name: string]: string|number}]} */
const spot = (cx, cy) => ["circle", { class: "spot", cx, cy, r: 3 }];
