// The text that is learned from.
/** @import {Opening, Question, Settings, State} from "./types.js" */
import { forWorker } from "../settings/address.js";
import { MODELS } from "../settings/fields.js";
import { count, isTask } from "../select/format.js";
import { ask, isFor, isReady, on, reducer, say } from "./helpers.js";
import { begin } from "./run.js";
import { describe } from "./settings.js";

const SOON = 500_000; // characters that are looked at by themselves
const BUILT_IN = ["names", "names-1800", "stories", "full-names"];

/** @param {Opening} given @returns {Pick<State, "data"|"pasting"|"verdict">} */
export const initial = ({ data }) => ({
  data: { status: "waiting", id: null, ...data, bytes: null, name: data.kind, message: "" },
  pasting: false,
  // What is to be said of the data for the run that is planned.
  verdict: { id: null, answer: null, current: false },
});

export const reduce = reducer({
  ready: (s) => takeData(s),
  retry: (s) => on(s, "data", { status: "waiting" }),
  "choose-data": (s, { kind, name = kind, bytes = null, split }) => {
    const usual = BUILT_IN.includes(kind) || isTask(kind) ? "line" : s.data.split;
    const own = { encoding: undefined, readAs: undefined, ownContext: false };
    const data = { kind, name, bytes, split: split ?? usual, offered: false, ...own };
    return takeData(on({ ...s, pasting: false }, "data", data));
  },
  "read-as": (s, { encoding: readAs }) => takeData(on(s, "data", { readAs, encoding: undefined })),
  split: (s, { split }) => takeData(on(s, "data", { split })),
  paste: (s, { open }) => ({ ...s, pasting: open }),
  data: (s, { type, id, ...found }) => {
    if (id !== undefined && id !== s.data.id) return s;
    const kind = found.kind ?? s.data.kind;
    const settings = s.data.ownContext
      ? s.settings
      : withContext(s.settings, s.data.context, found.context);
    const message = found.note || longer(s.settings, settings);
    const there = describe({
      ...on(s, "data", { ...found, kind, status: "ready", message }),
      settings,
    });
    return s.queuedAction && !s.run?.opening ? begin(there, s.queuedAction) : there;
  },
  "data-problem": (s, { message, name }) =>
    say(on(s, "data", { status: "refused", message, refused: name }), message),
  address: (s, { opening: { data } }) => {
    const other = data.kind !== s.data.kind || data.split !== s.data.split;
    return other ? takeData(on(s, "data", data)) : s;
  },
  // Large data are looked at when the reader asks for it.
  described: (s, { id }) => {
    if (!isFor({ id }, s.described)) return s;
    const small = (s.data.characters ?? 0) <= SOON;
    return small ? judge(s) : on(s, "verdict", { current: false });
  },
  judge: (s) => judge(s),
  judged: (s, { type, id, ...answer }) =>
    isFor({ id }, s.verdict) ? on(s, "verdict", { id: null, answer, current: true }) : s,
  refused: (s, { id, message, encoding }) => {
    if (isFor({ id }, s.verdict)) return on(s, "verdict", { id: null, answer: null });
    if (!isFor({ id }, s.data)) return s;
    const { name } = s.data;
    const next = on(s, "data", { status: "refused", message, refused: name, encoding });
    return say({ ...next, queuedAction: "" }, message);
  },
});

/**
 * A text wants a longer context than a name: the settings follow the data, unless the reader has
 * chosen another one.
 * @param {Settings} settings @param {number} [before] @param {number} [context]
 */
function withContext(settings, before, context) {
  const usual = MODELS[settings.preset]?.block_size;
  /** @param {number} [wanted] */
  const chosen = (wanted) => Math.max(Number(usual), wanted ?? 0);
  if (usual === undefined || settings.block_size !== chosen(before)) return settings;
  return { ...settings, block_size: chosen(context) };
}

/** @param {Settings} before @param {Settings} now */
function longer({ block_size: before }, { block_size: now }) {
  if (now <= before) return "";
  return `This is a text and no list of names, so the model looks ${count(now)} tokens back, not ${count(before)}: a step reads ${count(now / before)} times as much.`;
}

/** @param {State} state @returns {State} */
const judge = (state) =>
  ask(state, { type: "judge", settings: forWorker(state.settings) }, (s, id) =>
    on(s, "verdict", { id, current: false }),
  );

/** @param {State} state @returns {State} */
function takeData(state) {
  if (!isReady(state)) return on(state, "data", { status: "waiting", message: "" });
  const { kind, name, split, bytes, readAs: encoding } = state.data;
  /** @type {Question} */
  const question = {
    type: "data",
    kind,
    name,
    split,
    ...(bytes && { bytes }),
    ...(encoding && { encoding }),
  };
  return ask(state, question, (s, id) => on(s, "data", { id, status: "reading", message: "" }));
}
