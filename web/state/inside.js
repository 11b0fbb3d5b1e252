// What the view Inside shows. Whenever the model has changed, it is asked anew.
import { ask, isFor, isReady, on, reducer, send } from "./helpers.js";

const USUAL = "amelia";
const MOST = 24; // letters of a text that we choose ourselves
const MOVED = ["stopped", "samples", "created", "opened", "look-again", "view", "address"];

export const initial = ({ look = null }) => ({
  inside: {
    run: null, // the run that was looked into
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

export function reduce(state, action) {
  let next = byType(state, action);
  const run = next.run?.id ?? null;
  if (run !== next.inside.run) next = forgotten(on(next, "inside", { run }));
  const there = next.view === "inside" && hasModel(next);
  return there && MOVED.includes(action.type) ? lookAgain(next, action.type) : next;
}

export const hasModel = (state) => isReady(state) && Boolean(state.run?.ready);

const inside = (state, part, values) =>
  on(state, "inside", { [part]: { ...state.inside[part], ...values } });

const byType = reducer({
  "inside-text": (s, { text }) => readText(on(s, "inside", { text, row: null })),
  head: (s, { layer, head }) => on(s, "inside", { layer, head }),
  row: (s, { row }) => on(s, "inside", { row }),
  attention: (s, { type, id, ...answer }) => {
    const { attention, layer, head } = s.inside;
    if (!isFor({ id }, attention)) return s;
    const next = inside(s, "attention", { answer, waiting: false, problem: "" });
    // The same place, where this model has one.
    return on(next, "inside", {
      layer: Math.min(layer, answer.layers - 1),
      head: Math.min(head, answer.heads - 1),
    });
  },
  embeddings: (s, { values }) => askEmbeddings(inside(s, "embeddings", { ...values, answer: null })),
  "embeddings-stop": (s) =>
    s.inside.embeddings.waiting
      ? send(inside(s, "embeddings", { waiting: false }), {
          type: "halt",
          id: s.inside.embeddings.id,
        })
      : s,
  "embeddings-table": (s) => inside(s, "embeddings", { table: !s.inside.embeddings.table }),
  embedding: (s, { type, id, ...answer }) => placed(s, id, answer, true),
  embedded: (s, { type, id, ...answer }) => placed(s, id, answer, false),
  address: (s, { opening }) => on(s, "inside", { text: opening.look ?? null }),
  refused: (s, { id, message }) => {
    const part = ["attention", "embeddings"].find((name) => isFor({ id }, s.inside[name]));
    return part ? inside(s, part, { waiting: false, answer: null, problem: message }) : s;
  },
});

function placed(state, id, answer, waiting) {
  if (!isFor({ id }, state.inside.embeddings)) return state;
  const at = state.run?.step ?? 0;
  return inside(state, "embeddings", { answer: { at, ...answer }, waiting, problem: "" });
}

/** A new model: what was said of the one before is not true of it. */
function forgotten(state) {
  const none = { id: null, waiting: false, answer: null, problem: "" };
  return inside(inside(state, "attention", none), "embeddings", none);
}

/** Ask about the model as it is now. t-SNE takes its time: only where there is none yet, or on request. */
function lookAgain(state, why) {
  const { attention, embeddings } = state.inside;
  const asked = why === "look-again";
  const next = attention.waiting && !asked ? state : readText(state);
  const none = !embeddings.answer && !embeddings.problem;
  const quick = embeddings.method === "pca" || asked || none;
  return quick && (!embeddings.waiting || asked) ? askEmbeddings(next) : next;
}

function readText(state) {
  if (!hasModel(state)) return state;
  const text = textOf(state);
  return ask(state, { type: "attention", prompt: text }, (s, id) =>
    inside(s, "attention", { id, text, waiting: true }),
  );
}

function askEmbeddings(state) {
  if (!hasModel(state)) return state;
  const { method, perplexity } = state.inside.embeddings;
  const request = { type: "embeddings", method, ...(perplexity && { perplexity }) };
  return ask(state, request, (s, id) =>
    inside(s, "embeddings", { id, waiting: true, problem: "" }),
  );
}

/** The reader's text, or one of ours that this model can read. */
export function textOf({ inside: { text }, run }) {
  if (text !== null) return text;
  const known = new Set(run?.vocabulary ?? USUAL);
  const room = Math.min(MOST, (run?.settings.block_size ?? 16) - 1);
  if ([...USUAL].every((letter) => known.has(letter))) return USUAL.slice(0, room);
  return (run?.live?.samples[0]?.text ?? "").slice(0, room);
}
