// A neuron: how strongly it answers to each letter of the text, and to which texts of the data most.
/** @import {Control, Send, State, WithIntervene} from "../../state/types.js" */
import { exciting, letters } from "../../select/inside/intervene.js";
import { count } from "../../select/format.js";
import { dataTable } from "../data-table.js";
import {
  hiddenText,
  make,
  replaceIfChanged,
  setAttribute,
  setText,
  setValue,
  setVisible,
} from "../dom.js";
import { progress } from "./pieces.js";

/** @param {Send} send */
export function neuron(send) {
  const [layer, unit] = [0, 0].map(() => {
    const field = { class: "value", inputmode: "numeric", autocomplete: "off", size: 4 };
    return /** @type {Control} */ (/** @type {unknown} */ (make("input", field)));
  });
  const layerLabel = make("label", {}, "layer ", layer);
  const [highest, another, toggle] = ["The strongest here", "Another", "As a table"].map((label) =>
    make("button", { class: "act", type: "button" }, label),
  );
  const line = make("p", { class: "letters" });
  const region = { tabindex: 0, role: "region", "aria-label": "The neuron as a table" };
  const table = make("div", { class: "table", hidden: true, ...region });
  const found = make("p", { class: "prose" });
  const texts = make("ol", { class: "exciting" });
  const wait = progress(() => send({ type: "intervene-stop" }));
  const element = make(
    "div",
    {},
    make("h3", {}, "A neuron"),
    make(
      "p",
      { class: "prose" },
      "One unit of the feed-forward part: the darker a letter, the stronger it answers there; a ring is a value below zero.",
    ),
    make(
      "div",
      { class: "number__pick" },
      layerLabel,
      make("label", {}, "unit ", unit),
      ...[highest, another, toggle],
    ),
    line,
    table,
    found,
    texts,
    wait.element,
  );
  let size = { layers: 1, units: 1 };
  const pick = () => {
    /** @param {string} value @param {number} first @param {number} end */
    const within = (value, first, end) =>
      Math.max(first, Math.min(end, Math.round(Number(value)) || first));
    const at = within(layer.value, 1, size.layers) - 1;
    send({ type: "choose-unit", unit: `layer${at}.unit${within(unit.value, 0, size.units - 1)}` });
  };
  for (const control of [layer, unit]) control.addEventListener("change", pick);
  highest.addEventListener("click", () => send({ type: "choose-unit", unit: null }));
  another.addEventListener("click", () => {
    /** @param {number} n */
    const below = (n) => Math.floor(Math.random() * n);
    send({ type: "choose-unit", unit: `layer${below(size.layers)}.unit${below(size.units)}` });
  });
  toggle.addEventListener("click", () => send({ type: "intervene-table" }));

  /** @param {State} state @param {string} kind */
  function update(state, kind) {
    const given = /** @type {WithIntervene} */ (state).intervene;
    const { answer, id } = given.looks.neuron;
    wait.update(id !== null, answer?.share ?? 0);
    setAttribute(toggle, "aria-expanded", given.table);
    setVisible(table, given.table && Boolean(answer));
    if (!answer) return;
    size = answer;
    setVisible(layerLabel, answer.layers > 1);
    setValue(layer, answer.layer + 1);
    setValue(unit, answer.unit);
    const shown = letters(answer);
    const key = JSON.stringify([answer.part, shown]);
    replaceIfChanged(line, key, () => shown.map(coloured));
    if (given.table)
      replaceIfChanged(table, key, () => [
        dataTable(
          `Unit ${answer.unit} of layer ${answer.layer + 1}`,
          [kind, "value"],
          shown.map(({ token, value }) => [token === "▸" ? "start" : token, value]),
        ),
      ]);
    setText(found, aboutTexts(answer));
    const rows = exciting(answer);
    replaceIfChanged(texts, JSON.stringify(rows), () =>
      rows.map(({ before, at, value }) =>
        make("li", {}, make("span", {}, before, make("mark", {}, at)), make("b", {}, value)),
      ),
    );
  }
  return { element, update };
}

/** @param {ReturnType<typeof letters>[number]} letter */
function coloured({ token, value, tint, below }) {
  const own =
    token === "▸" ? [make("span", { "aria-hidden": "true" }, "▸"), hiddenText("start")] : [token];
  const box = make("span", { class: below ? "letter letter--below" : "letter", title: value });
  box.style.setProperty("--v", `${Math.round(100 * tint)}%`);
  box.append(...own, hiddenText(` ${value}, `));
  return box;
}

/** @param {{of: number, read: number, done: boolean}} given */
function aboutTexts({ of, read, done }) {
  if (!of) return "There are no texts here that this model can read.";
  const texts = `${count(read)} of the first ${count(of)} texts of the data`;
  return `It is highest here${done && read === of ? "" : `, in ${texts} so far`}; each text is shown up to that letter:`;
}
