// The text that is learned from.
/** @import {Opening, Question, State} from "./types.js" */
import { ask, isFor, isReady, on, reducer, say } from "./helpers.js";
import { begin } from "./run.js";
import { describe } from "./settings.js";

const BUILT_IN = ["names", "names-1800", "stories", "full-names"];

/** @param {Opening} given @returns {Pick<State, "data"|"pasting">} */
export const initial = ({ data }) => ({
  data: { status: "waiting", id: null, ...data, bytes: null, name: data.kind, message: "" },
  pasting: false,
});

export const reduce = reducer({
  ready: (s) => takeData(s),
  retry: (s) => on(s, "data", { status: "waiting" }),
  "choose-data": (s, { kind, name = kind, bytes = null, split }) => {
    const usual = BUILT_IN.includes(kind) ? "line" : s.data.split;
    const data = { kind, name, bytes, split: split ?? usual, offered: false };
    return takeData(on({ ...s, pasting: false }, "data", data));
  },
  split: (s, { split }) => takeData(on(s, "data", { split })),
  paste: (s, { open }) => ({ ...s, pasting: open }),
  data: (s, { type, id, ...found }) => {
    if (id !== undefined && id !== s.data.id) return s;
    const kind = found.kind ?? s.data.kind;
    const message = found.note ?? "";
    const there = describe(on(s, "data", { ...found, kind, status: "ready", message }));
    return s.queuedAction && !s.run?.opening ? begin(there, s.queuedAction) : there;
  },
  "data-problem": (s, { message, name }) =>
    say(on(s, "data", { status: "refused", message, refused: name }), message),
  address: (s, { opening: { data } }) => {
    const other = data.kind !== s.data.kind || data.split !== s.data.split;
    return other ? takeData(on(s, "data", data)) : s;
  },
  refused: (s, { id, message }) => {
    if (!isFor({ id }, s.data)) return s;
    const { name } = s.data;
    const next = on(s, "data", { status: "refused", message, refused: name });
    return say({ ...next, queuedAction: "" }, message);
  },
});

/** @param {State} state @returns {State} */
function takeData(state) {
  if (!isReady(state)) return on(state, "data", { status: "waiting", message: "" });
  const { kind, name, split, bytes } = state.data;
  /** @type {Question} */
  const question = { type: "data", kind, name, split, ...(bytes && { bytes }) };
  return ask(state, question, (s, id) => on(s, "data", { id, status: "reading", message: "" }));
}
