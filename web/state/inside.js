// What the view Inside shows. Whenever the model has changed, it is asked anew.
/** @import {Action, Embeddings, Opening, Question, State} from "./types.js" */
import { lookedInto, modelAtHand } from "../select/shown-run.js";
import { ask, halt, isFor, on, reducer } from "./helpers.js";

const USUAL = "amelia";
const MOST = 24; // letters of a text that we choose ourselves
/** @type {("attention"|"embeddings")[]} */
const PARTS = ["attention", "embeddings"];
const MOVED = ["stopped", "samples", "shipped", "opened", "look-again", "view", "address"];

/** @param {Pick<Opening, "look">} given @returns {Pick<State, "inside">} */
export const initial = ({ look = null }) => ({
  inside: {
    model: null, // the id of the model that is looked into
    text: look, // what the model reads; null: we choose
    layer: 0,
    head: 0,
    row: null, // the reading position that is told about; null: the last
    attention: { id: null, waiting: false, text: "", answer: null, problem: "" },
    embeddings: {
      id: null,
      waiting: false,
      method: "pca",
      perplexity: null,
      answer: null,
      problem: "",
      table: false,
    },
  },
});

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  const next = byType(state, action);
  const model = lookedInto(next)?.id ?? null;
  const other = model !== next.inside.model;
  const here = other ? recalled(forgotten(on(next, "inside", { model }))) : next;
  const there = here.view === "inside" && modelAtHand(here) !== null;
  return there && (other || MOVED.includes(action.type)) ? lookAgain(here, action.type) : here;
}

/**
 * @template {"attention"|"embeddings"} Part
 * @param {State} state @param {Part} part @param {Partial<State["inside"][Part]>} values
 */
const inside = (state, part, values) =>
  on(state, "inside", { [part]: { ...state.inside[part], ...values } });

const byType = reducer({
  "inside-text": (s, { text }) => readText(on(s, "inside", { text, row: null })),
  head: (s, { layer, head }) => on(s, "inside", { layer, head }),
  row: (s, { row }) => on(s, "inside", { row }),
  attention: (s, { type, id, ...answer }) => {
    const { attention, layer, head } = s.inside;
    if (!isFor({ id }, attention)) return s;
    // A picture of the text before does not make the one that was refused any better.
    const problem = attention.text === textOf(s) ? "" : attention.problem;
    const next = inside(s, "attention", { answer, waiting: false, problem });
    // The same place, where this model has one.
    return on(next, "inside", {
      layer: Math.min(layer, answer.layers - 1),
      head: Math.min(head, answer.heads - 1),
    });
  },
  embeddings: (s, { values }) =>
    modelAtHand(s) ? askEmbeddings(inside(s, "embeddings", { ...values, answer: null })) : s,
  "embeddings-stop": (s) =>
    s.inside.embeddings.waiting
      ? halt(inside(s, "embeddings", { waiting: false }), s.inside.embeddings)
      : s,
  "embeddings-table": (s) => inside(s, "embeddings", { table: !s.inside.embeddings.table }),
  embedding: (s, { type, id, ...answer }) => placed(s, id, answer, true),
  embedded: (s, { type, id, ...answer }) => placed(s, id, answer, false),
  address: (s, { opening }) => on(s, "inside", { text: opening.look ?? null }),
  refused: (s, { id, message }) => {
    const part = PARTS.find((name) => isFor({ id }, s.inside[name]));
    // A text that cannot be read leaves the picture of the one before.
    const rest = part === "embeddings" ? { answer: null } : {};
    return part ? inside(s, part, { waiting: false, problem: message, ...rest }) : s;
  },
});

/** @param {State} state @param {number} id @param {Omit<Embeddings, "at">} answer @param {boolean} waiting */
function placed(state, id, answer, waiting) {
  if (!isFor({ id }, state.inside.embeddings)) return state;
  const at = modelAtHand(state)?.step ?? 0;
  return inside(state, "embeddings", { answer: { at, ...answer }, waiting, problem: "" });
}

/**
 * A new model: what was said of the one before is not true of it.
 * @param {State} state
 */
function forgotten(state) {
  const none = { id: null, waiting: false, answer: null, problem: "" };
  return inside(inside(state, "attention", none), "embeddings", none);
}

/**
 * What was recorded, as long as there is no model that could be asked.
 * @param {State} state
 */
function recalled(state) {
  const found = state.recorded?.inside;
  if (!found || modelAtHand(state)) return state;
  const { vocabulary, order, share, points, weights, ...attention } = found;
  const done = { step: 0, steps: 0, done: true, at: state.recorded?.run.step ?? 0 };
  const next = inside(state, "attention", {
    answer: { ...attention, weights: Float32Array.from(weights) },
    text: found.prompt,
  });
  return inside(next, "embeddings", {
    answer: {
      method: "pca",
      tokens: vocabulary,
      order,
      share,
      ...done,
      points: Float64Array.from(points),
    },
  });
}

/**
 * Ask about the model as it is now. t-SNE takes its time: only where there is none yet, or on request.
 * @param {State} state @param {string} why
 */
function lookAgain(state, why) {
  const { attention, embeddings } = state.inside;
  const asked = why === "look-again";
  const { answer, problem, waiting } = attention;
  const shown = problem && answer ? answer.prompt : undefined; // the text that could be read
  const next = waiting && !asked ? state : readText(state, shown);
  const none = !embeddings.answer && !embeddings.problem;
  const quick = embeddings.method === "pca" || asked || none;
  return quick && (!embeddings.waiting || asked) ? askEmbeddings(next) : next;
}

/** @param {State} state @param {string} [text] */
function readText(state, text = textOf(state)) {
  if (!modelAtHand(state)) return state;
  return ask(state, { type: "attention", prompt: text }, (s, id) =>
    inside(s, "attention", { id, text, waiting: true }),
  );
}

/** @param {State} state */
function askEmbeddings(state) {
  if (!modelAtHand(state)) return state;
  const { method, perplexity } = state.inside.embeddings;
  /** @type {Question} */
  const request = { type: "embeddings", method, ...(perplexity && { perplexity }) };
  return ask(state, request, (s, id) =>
    inside(s, "embeddings", { id, waiting: true, problem: "" }),
  );
}

/**
 * The reader's text, or one of ours that this model can read.
 * @param {Pick<State, "inside"|"run"|"shipped"|"python">} state
 */
export function textOf(state) {
  const { text } = state.inside;
  if (text !== null) return text;
  const model = modelAtHand(state);
  const known = new Set(model?.vocabulary ?? USUAL);
  const room = Math.min(MOST, (model?.settings.block_size ?? 16) - 1);
  if ([...USUAL].every((letter) => known.has(letter))) return USUAL.slice(0, room);
  return (model?.live?.samples[0]?.text ?? "").slice(0, room);
}
