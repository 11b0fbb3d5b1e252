// What the reader has set: the settings of the next run, and how the page shows and runs things.
/** @import {Opening, Settings, State} from "./types.js" */
import { forWorker } from "../settings/address.js";
import { ask, isFor, isReady, on, reducer, say } from "./helpers.js";

const VIEWS = {
  train: "Train",
  inside: "Inside the model",
  tokens: "Tokens",
  chat: "Chat",
  benchmark: "Benchmark",
};

/** @param {Opening} given @returns {Pick<State, "view"|"question"|"settings"|"page"|"described"|"touched"|"mistyped"|"refusal"|"explained"|"ignored">} */
export const initial = ({ view, settings, page, ignored, question }) => ({
  view,
  question, // the one that is asked, by its name
  settings,
  page: { pace: "watch", workers: "auto", hidden: "go on", theme: "system", ...page },
  // What Python says of the settings; `current` where it is of those on the screen.
  described: { id: null, answer: null, problem: "", current: false },
  touched: "", // the setting that was changed last, alone
  mistyped: {}, // what stands in a control and cannot be read: "place.name" -> the sentence
  refusal: "", // why Start did nothing
  explained: {}, // group of settings -> the one whose words are open
  ignored, // what was not understood of the address
});

export const reduce = reducer({
  settings: (s, { values: given }) => {
    const values = forData(given, s.data.context);
    const [touched, ...others] = Object.keys(values);
    const read = readable(s, "settings", values);
    const next = on({ ...read, touched: others.length ? "" : touched }, "settings", values);
    // What was refused is no longer on the screen, and Python may need seconds for what is.
    return describe(on(next, "described", { problem: "" }));
  },
  sampling: (s, { values }) => readable(s, "sampling", values),
  mistyped: (s, { place, name, problem }) =>
    on({ ...s, refusal: "" }, "mistyped", { [`${place}.${name}`]: problem }),

  "retry-clipped": (s) => describe(on(s, "settings", { clip: 1 })),
  // The next run may be with this one.
  learned: (s) => (s.settings.tokenizer === "trained" ? describe(s) : s),
  tokenizer: (s) => (s.settings.tokenizer === "file" ? describe(s) : s),
  described: (s, { type, id, ...answer }) =>
    isFor({ id }, s.described)
      ? { ...s, described: { id, answer, problem: "", current: true } }
      : s,
  refused: (s, { id, message }) =>
    isFor({ id }, s.described)
      ? on(s, "described", { answer: null, problem: message, current: true })
      : s,
  explain: (s, { group, name }) =>
    on(s, "explained", { [group]: s.explained[group] === name ? "" : name }),
  page: (s, { values }) => on(readable(s, "page", values), "page", values),
  view: (s, { view }) => (view === s.view ? s : say({ ...s, view }, VIEWS[view])),
  question: (s, { name }) => ({ ...s, question: name }),
  address: (s, { opening: { view, settings, ignored, model, question } }) => {
    const fresh = { ...s, view, settings, ignored, question };
    const next = { ...fresh, touched: "", mistyped: {}, refusal: "" };
    return model ? next : describe(next);
  },
  retry: (s) => ({ ...s, settings: withoutTokenizer(s.settings) }),
});

/**
 * A model that is chosen looks as far back as the data want.
 * @param {Partial<Settings>} values @param {number} [context]
 */
function forData(values, context = 0) {
  if (!("preset" in values && "block_size" in values)) return values;
  return { ...values, block_size: Math.max(Number(values.block_size), context) };
}

/**
 * The state without complaints about these settings: they have a value now.
 * @param {State} state @param {string} place @param {object} values @returns {State}
 */
function readable(state, place, values) {
  const mistyped = { ...state.mistyped };
  for (const name of Object.keys(values)) delete mistyped[`${place}.${name}`];
  return { ...state, mistyped, refusal: "" };
}

/**
 * Ask what a run with these settings would be, once it is known on what.
 * @param {State} state @returns {State}
 */
export function describe(state) {
  if (!isReady(state) || state.data.status !== "ready") return state;
  const settings = forWorker(state.settings);
  return ask(state, { type: "describe", settings }, (s, id) =>
    on(s, "described", { id, current: false }),
  );
}

/**
 * Settings for a new Python, which has no tokenizer from before.
 * @param {Settings} settings @returns {Settings}
 */
const withoutTokenizer = (settings) =>
  ["trained", "file"].includes(settings.tokenizer) ? { ...settings, tokenizer: "chars" } : settings;
