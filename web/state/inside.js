// The other half of the reducer: what the view Inside shows. Imports nothing, touches nothing.
// `follow` comes after state.js's `reduce` and asks anew whenever the model has changed.

const USUAL = "amelia";
const MOST = 24; // letters of a text that we choose ourselves
const MOVED = ["stopped", "samples", "created", "opened", "look-again", "view", "address"];

export const initialInside = (text = null) => ({
  text, // what the model reads; null: we choose
  layer: 0,
  head: 0,
  row: null, // the reading position that is told about; null: the last
  attention: { id: null, waiting: false, text: "", answer: null, problem: "" },
  places: {
    id: null,
    waiting: false,
    method: "pca",
    perplexity: null,
    answer: null,
    problem: "",
    table: false,
  },
});

export function follow(before, state, action) {
  let next = (REDUCERS[action.type] ?? same)(state, action);
  if (next.run?.id !== before.run?.id) next = forgotten(next);
  const there = next.view === "inside" && hasModel(next);
  return there && MOVED.includes(action.type) ? lookAgain(next, action.type) : next;
}

const same = (state) => state;
const inside = (state, values) => ({ ...state, inside: { ...state.inside, ...values } });
const on = (state, part, values) => inside(state, { [part]: { ...state.inside[part], ...values } });

export const hasModel = ({ python, run }) => python.status === "ready" && Boolean(run?.ready);

const REDUCERS = {
  "inside-text": (s, { text }) => readText(inside(s, { text, row: null })),
  head: (s, { layer, head }) => inside(s, { layer, head }),
  row: (s, { row }) => inside(s, { row }),
  attention: (s, { type, id, ...answer }) => {
    const { attention, layer, head } = s.inside;
    if (id !== attention.id) return s;
    const next = on(s, "attention", { answer, waiting: false, problem: "" });
    // The same place, where this model has one.
    return inside(next, {
      layer: Math.min(layer, answer.layers - 1),
      head: Math.min(head, answer.heads - 1),
    });
  },
  places: (s, { values }) => place(on(s, "places", { ...values, answer: null })),
  "places-stop": (s) => on(s, "places", { waiting: false }),
  "places-table": (s) => on(s, "places", { table: !s.inside.places.table }),
  embedding: (s, { type, id, ...answer }) => placed(s, id, answer, true),
  embedded: (s, { type, id, ...answer }) => placed(s, id, answer, false),
  address: (s, { opening }) => inside(s, { text: opening.look ?? null }),
  refused: (s, { id, message }) => {
    const part = ["attention", "places"].find((name) => id && s.inside[name].id === id);
    return part ? on(s, part, { waiting: false, answer: null, problem: message }) : s;
  },
};

function placed(state, id, answer, waiting) {
  if (id !== state.inside.places.id) return state;
  const step = state.run?.step ?? 0;
  return on(state, "places", { answer: { at: step, ...answer }, waiting, problem: "" });
}

/** A new model: what was said of the one before is not true of it. */
function forgotten(state) {
  const none = { id: null, waiting: false, answer: null, problem: "" };
  return on(on(state, "attention", none), "places", none);
}

/** Ask about the model as it is now. t-SNE takes its time: only where there is none yet, or on request. */
function lookAgain(state, why) {
  const { attention, places } = state.inside;
  const asked = why === "look-again";
  const next = attention.waiting && !asked ? state : readText(state);
  const quick = places.method === "pca" || asked || (!places.answer && !places.problem);
  return quick && (!places.waiting || asked) ? place(next) : next;
}

function readText(state) {
  if (!hasModel(state)) return state;
  const text = textOf(state);
  return ask(on(state, "attention", { text, waiting: true }), "attention");
}

function place(state) {
  return hasModel(state)
    ? ask(on(state, "places", { waiting: true, problem: "" }), "places")
    : state;
}

function ask(state, part) {
  const asked = state.asked + 1;
  return on({ ...state, asked }, part, { id: asked });
}

/** The reader's text, or one of ours that this model can read. */
export function textOf({ inside: { text }, run }) {
  if (text !== null) return text;
  const known = new Set(run?.vocabulary ?? USUAL);
  const room = Math.min(MOST, (run?.settings.block_size ?? 16) - 1);
  if ([...USUAL].every((letter) => known.has(letter))) return USUAL.slice(0, room);
  return (run?.live?.samples[0]?.text ?? "").slice(0, room);
}
