// What the model writes after a prompt, and the chances of the next token.
/** @import {Opening, Question, Speed, State} from "./types.js" */
import { modelAtHand } from "../select/shown-run.js";
import { ask, halt, isFor, on, reducer, say } from "./helpers.js";

const READ_OUT = 200; // letters at most

// Without its id, an answer about what was typed before comes too late and is dropped.
export const UNWRITTEN = {
  id: null,
  text: "",
  one: false,
  busy: false,
  ended: false,
  asked: false, // by the reader, and not by a slider or by the page
  unseen: 0, // characters at the beginning that the model no longer sees
  problem: "",
};

/** @param {Opening} given @returns {Pick<State, "prompt"|"sampling"|"nextTokens"|"writing">} */
export const initial = ({ prompt, sampling }) => ({
  prompt,
  sampling,
  nextTokens: { id: null, context: "", tokens: null, problem: "" },
  writing: { id: null, busy: false, text: "", problem: "", cache: true, speeds: {} },
});

export const reduce = reducer({
  prompt: (s, { text }) => on({ ...s, prompt: text }, "writing", UNWRITTEN),
  // What was written is written again, so that a slider shows at once what it does.
  sampling: (s, { values }) => {
    const next = on(on(s, "sampling", values), "writing", { problem: "" });
    return rewrite(askNextTokens(next));
  },
  "next-tokens": (s) => askNextTokens(s),
  address: (s, { opening: { prompt, sampling } }) =>
    askNextTokens({ ...s, prompt, sampling, writing: { ...s.writing, ...UNWRITTEN } }),
  // Something stands there at once, and answers when a slider is moved.
  shipped: (s) => (s.run || s.writing.text ? s : begin(askNextTokens(s))),
  write: (s) => mistypedSampling(s) ?? on(begin(s), "writing", { asked: true }),
  letter: (s) => {
    const refused = mistypedSampling(s);
    if (refused) return refused;
    const from = s.prompt + s.writing.text;
    return write(on(s, "writing", { from, one: true, asked: true, busy: true, problem: "" }));
  },
  "go-on": (s) => {
    const from = s.prompt + s.writing.text;
    const how = { from, one: false, asked: true, busy: true, problem: "" };
    return mistypedSampling(s) ?? write(on(s, "writing", how));
  },
  halt: (s) => (s.writing.busy ? halt(s, s.writing) : s),
  token: (s, { id, text, unseen }) =>
    isFor({ id }, s.writing) ? on(s, "writing", { text: s.writing.text + text, unseen }) : s,
  written: (s, { id, reason, cache, speed }) => {
    if (!isFor({ id }, s.writing)) return s;
    const speeds = withSpeed(s, cache, speed);
    const there = on(s, "writing", { busy: false, ended: reason === "end", speeds });
    // What the reader asked for is read out; what a slider writes again would be too much.
    const next = s.writing.asked ? say(there, (s.prompt + s.writing.text).slice(-READ_OUT)) : there;
    return s.writing.one ? askNextTokens(next) : next;
  },
  probabilities: (s, { id, tokens, prompt: shown, note = "" }) =>
    isFor({ id }, s.nextTokens) ? on(s, "nextTokens", { tokens, problem: "", shown, note }) : s,
  cache: (s, { on: cache }) => on(s, "writing", { cache }),
  refused: (s, { id, message }) => {
    // The bars of the text before stay, with that text named above them.
    if (isFor({ id }, s.nextTokens)) return on(s, "nextTokens", { problem: message });
    return isFor({ id }, s.writing) ? on(s, "writing", { busy: false, problem: message }) : s;
  },
  crashed: (s) => on(s, "writing", { busy: false }),
});

/**
 * The state with the reason why nothing is written, if a number beside it cannot be read.
 * @param {State} state
 */
function mistypedSampling(state) {
  const found = Object.entries(state.mistyped).find(([at]) => at.startsWith("sampling."));
  return found ? on(state, "writing", { problem: found[1] }) : null;
}

/**
 * The same beginning once more, unless the model is busy training or nothing was written yet.
 * @param {State} state
 */
function rewrite(state) {
  const { writing, run } = state;
  const whole = writing.text && !writing.one;
  if (!whole || !modelAtHand(state) || run?.status === "running") return state;
  return begin(writing.busy ? halt(state, writing) : state);
}

/** @param {State} state */
const begin = (state) =>
  write(on(state, "writing", { ...UNWRITTEN, from: state.prompt, busy: true }));

/** @param {State} state */
function write(state) {
  const { sampling, prompt } = state;
  const { from = "", one, cache } = state.writing;
  // In pieces the dice have to differ, or the same seed would choose alike every time.
  const seed = (sampling.seed ?? 0) + from.length - prompt.length;
  const how = { prompt: from, sampling: { ...sampling, seed } };
  /** @type {Question} */
  const request = { type: "write", ...how, ...(one ? { maxTokens: 1 } : { cache }) };
  return ask(state, request, (s, id) => on(s, "writing", { id }));
}

/**
 * The chances of the next token, after the prompt and what was written letter by letter.
 * @param {State} state @returns {State}
 */
export function askNextTokens(state) {
  if (!modelAtHand(state)) return state;
  const context = state.writing.one ? state.prompt + state.writing.text : state.prompt;
  const { sampling } = state;
  return ask(state, { type: "next", prompt: context, sampling }, (s, id) =>
    on(s, "nextTokens", { id, context }),
  );
}

/**
 * How fast this model writes, with the cache and without.
 * @param {State} state @param {boolean|undefined} cache @param {Speed|undefined} speed
 */
function withSpeed(state, cache, speed) {
  const { speeds } = state.writing;
  const model = modelAtHand(state);
  if (!speed || !model) return speeds;
  const known = speeds.run === model.id ? speeds : { run: model.id };
  return { ...known, [cache ? "on" : "off"]: speed };
}
