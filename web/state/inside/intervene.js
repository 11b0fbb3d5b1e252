// See and intervene: what is tried with parts of the model, and what Python said of it. Only what the open
// panel shows is asked for, and nothing twice.
/** @import {Action, InterveneState, Experiment, Look, Looks, Question, State} from "../types.js" */
/** @import {WithIntervene} from "../types.js" */
import { lookedInto, modelAtHand } from "../../select/shown-run.js";
import { ask, halt, isFor, reducer } from "../helpers.js";
import { textOf } from "../inside.js";

const OTHERS = ["isabel", "amelia"]; // one of them is not the text that is read

/** @typedef {keyof Looks} Name */
/** @type {{[panel in Experiment]: Name[]}} what each panel shows */
const PANELS = {
  off: ["each", "off"],
  patch: ["patch"],
  lens: ["lens"],
  neuron: ["neuron"],
  heads: ["heads"],
};
// When the model or what it reads may be another. Not as it learns: a look can take its time.
const MOVED = ["stopped", "shipped", "opened", "look-again", "view", "address", "inside-text"];
const SWITCHED = ["machine-switch", "all-on"]; // the machine keeps which parts are off
/** @type {Name[]} */
const LONG = ["each", "neuron", "heads"]; // Python works at one of them at a time

const NOTHING = { id: null, key: "", step: 0, answer: null, problem: "" };
const NO_LOOKS = {
  off: NOTHING,
  each: NOTHING,
  patch: NOTHING,
  lens: NOTHING,
  neuron: NOTHING,
  heads: NOTHING,
};

/** @returns {{intervene: InterveneState}} */
export const initial = () => ({
  intervene: {
    model: null,
    panel: "off",
    order: "loss",
    patch: { part: "layer0.mlp", other: null, everywhere: false },
    unit: null,
    table: false,
    looks: NO_LOOKS,
  },
});

/** @param {State} given @param {Action} action @returns {State} */
export function reduce(given, action) {
  const before = /** @type {WithIntervene} */ (given);
  const next = /** @type {WithIntervene} */ (byType(before, action));
  const model = lookedInto(next)?.id ?? null;
  const other = model !== next.intervene.model;
  const here = other ? forgotten(next, model) : next;
  const moved = [...MOVED, ...SWITCHED].includes(action.type);
  const wanted = other || moved || here.intervene !== before.intervene;
  return wanted && !ANSWERS.includes(action.type) ? look(here) : here;
}

/** @param {State} state @param {Partial<InterveneState>} values @returns {WithIntervene} */
const change = (state, values) => {
  const given = /** @type {WithIntervene} */ (state);
  return { ...given, intervene: { ...given.intervene, ...values } };
};

/** @param {State} state @param {Name} name @param {Partial<Look<unknown>>} values */
const changeLook = (state, name, values) => {
  const { looks } = /** @type {WithIntervene} */ (state).intervene;
  return change(state, { looks: { ...looks, [name]: { ...looks[name], ...values } } });
};

/** A new model has other parts. @param {State} state @param {number|null} model */
const forgotten = (state, model) => {
  const { patch } = /** @type {WithIntervene} */ (state).intervene;
  const values = { model, unit: null, looks: NO_LOOKS };
  return change(state, { ...values, patch: { ...patch, part: "layer0.mlp" } });
};

/** @param {State} state @param {number} id @param {object} values */
function answered(state, id, values) {
  const { looks } = /** @type {WithIntervene} */ (state).intervene;
  const name = /** @type {Name[]} */ (Object.keys(looks)).find((each) =>
    isFor({ id }, looks[each]),
  );
  return name ? changeLook(state, name, values) : state;
}

/** @param {State} s @param {{type: string, id: number}} action */
const last = (s, { type, id, ...answer }) => answered(s, id, { id: null, answer, problem: "" });
/** @param {State} s @param {{type: string, id: number}} action */
const onTheWay = (s, { type, id, ...answer }) => answered(s, id, { answer, problem: "" });
const ANSWERS = ["intervened", "without", "without-part", "lens", "neuron", "neuron-part"];
ANSWERS.push("heads", "heads-part", "refused", "intervene-stop");

const byType = reducer({
  "intervene-panel": (s, { panel }) => change(s, { panel }),
  "intervene-order": (s, { order }) => change(s, { order }),
  "intervene-table": (s) => change(s, { table: !here(s).table }),
  patch: (s, { values }) => change(s, { patch: { ...here(s).patch, ...values } }),
  "choose-unit": (s, { unit }) => change(s, { unit }),
  "intervene-stop": (s) => {
    const name = LONG.find((each) => here(s).looks[each].id !== null);
    return name ? halt(s, here(s).looks[name]) : s;
  },
  intervened: last,
  without: last,
  "without-part": onTheWay,
  lens: last,
  neuron: last,
  "neuron-part": onTheWay,
  heads: last,
  "heads-part": onTheWay,
  refused: (s, { id, message }) =>
    id === undefined ? s : answered(s, id, { id: null, answer: null, problem: message }),
});

/** @param {State} state */
const here = (state) => /** @type {WithIntervene} */ (state).intervene;

/** Ask for what the open panel shows, unless it has been asked. @param {WithIntervene} state */
function look(state) {
  const model = modelAtHand(state);
  if (state.view !== "inside" || !model) return state;
  const text = textOf(state);
  /** @type {State} */
  let next = state;
  for (const name of PANELS[state.intervene.panel]) {
    const question = questionOf(name, state, text);
    const key = `${model.id} ${model.step} ${JSON.stringify(question)}`;
    if (key !== here(next).looks[name].key) next = asked(next, name, question, key, model.step);
  }
  return next;
}

/**
 * @param {State} state @param {Name} name @param {Question} question @param {string} key
 * @param {number} step
 */
function asked(state, name, question, key, step) {
  let next = state;
  if (LONG.includes(name))
    for (const other of LONG)
      if (here(next).looks[other].id !== null) next = changeLook(next, other, NOTHING);
  // What was said of the text before stays until the answer is there.
  return ask(next, question, (s, id) => changeLook(s, name, { id, key, step }));
}

/** @param {Name} name @param {WithIntervene} state @param {string} text @returns {Question} */
function questionOf(name, state, text) {
  const { patch, unit } = state.intervene;
  if (name === "off") return { type: "intervene", text, off: state.machine.off };
  if (name === "each") return { type: "without", text };
  if (name === "lens") return { type: "lens", text };
  if (name === "neuron") return { type: "neuron", text, ...(unit !== null && { part: unit }) };
  if (name === "heads") return { type: "heads" };
  const { part, everywhere } = patch;
  const other = otherTextOf(state);
  return { type: "intervene", text, off: [], patched: [part], other, everywhere };
}

/** What a part is patched from: the reader's text, or one of ours. @param {State} state */
export function otherTextOf(state) {
  const { other } = here(state).patch;
  if (other !== null) return other;
  const model = modelAtHand(state);
  const known = new Set(model?.vocabulary ?? OTHERS.join(""));
  const room = (model?.settings.block_size ?? 16) - 1;
  const readable = OTHERS.filter((text) => [...text].every((letter) => known.has(letter)));
  const found = readable.map((text) => text.slice(0, room)).find((text) => text !== textOf(state));
  return found ?? "";
}
