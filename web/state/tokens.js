// What the view Tokens shows. A text is asked to be cut whenever it should be cut otherwise.
/** @import {Action, CutState, CutWish, Cutter, Question, Side, State} from "./types.js" */
import { ask, halt, isFor, isReady, on, reducer, say } from "./helpers.js";

const OURS = `The lamp in the lighthouse went out at nine. "Nobody move," said the keeper, and nobody did, for nobody was there but the gulls.

She lit it again with the last of her 12,345 matches. The ships saw the light, Café Zoë saw the light, and the light saw them: 🚢🚢.`;
/** @type {CutState} */
const CUT = { id: null, waiting: false, wish: null, answer: null, problem: "" };
/** @type {State["tokens"]["learn"]} */
const NONE = { id: null, busy: false, stage: null, problem: "" };

/** @type {Side[]} */
const SIDES = ["cut", "other"];

/** @type {State["tokens"]} */
const NEW = {
  text: null, // the reader's; null: ours
  by: "chars", // which tokenizer cuts it: chars, trained or file
  beside: "", // and which other one, to compare
  at: 0, // the merge of the trained one that is shown
  playing: false,
  spaces: true, // spaces and line ends are drawn
  label: "", // under each token: "", ids or bytes
  chosen: null, // the token that is told about
  source: "data", // what merges are learned from: data or text
  merges: 300,
  pattern: "gpt2",
  round: 0, // grows whenever one of the tokenizers is another one
  cut: CUT,
  other: CUT,
  learn: NONE,
  trained: null, // {merges, vocab, pattern, from}
  file: null, // {name, vocab, pattern}
  opening: { id: null, problem: "" },
  saving: { id: null, problem: "" },
  table: false,
  list: false, // of all merges
};

/** @returns {Pick<State, "tokens">} */
export const initial = () => ({ tokens: NEW });

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  const next = byType(state, action);
  if (next.view !== "tokens" || !isReady(next)) return next;
  const cut = askCut(next, "cut", next.tokens.by);
  return cut.tokens.beside ? askCut(cut, "other", cut.tokens.beside) : cut;
}

/** @param {State} state @param {Partial<State["tokens"]>} values */
const tokens = (state, values) => on(state, "tokens", values);
/**
 * @template {"cut"|"other"|"learn"|"opening"|"saving"} Name
 * @param {State} state @param {Name} name @param {Partial<State["tokens"][Name]>} values
 */
const part = (state, name, values) =>
  tokens(state, { [name]: { ...state.tokens[name], ...values } });
/** @param {State} state @param {Partial<State["tokens"]>} values */
const changed = (state, values) => tokens(state, { ...values, round: state.tokens.round + 1 });

/**
 * What is cut: the reader's text, or ours.
 * @param {Pick<State, "tokens">} given
 */
export const textOf = ({ tokens: { text } }) => text ?? OURS;

/**
 * The tokenizers there are to cut by, as [what they are called, …].
 * @param {Pick<State, "tokens">} given @returns {{[by: string]: string}}
 */
export function cutters({ tokens: { trained, file } }) {
  /** @type {{[by: string]: string}} */
  const found = { chars: "characters" };
  if (trained) found.trained = `${trained.merges.length.toLocaleString("en-US")} merges`;
  if (file) found.file = file.name;
  return found;
}

const byType = reducer({
  tokens: (s, { values }) => tokens(s, { ...values, playing: false }),
  "token-text": (s, { text }) => tokens(s, { text, chosen: null }),
  "token-chosen": (s, { chosen }) => tokens(s, { chosen }),
  cut: (s, { type, id, ...answer }) => answered(s, id, { answer, problem: "" }),

  // ---- learning
  learn: (s) => {
    const { source, merges, pattern } = s.tokens;
    const text = source === "text" ? { text: textOf(s) } : {};
    /** @type {Question} */
    const request = { type: "learn", source, merges, pattern, ...text };
    const next = ask(tokens(s, { playing: false }), request, (now, id) =>
      part(now, "learn", { ...NONE, id, busy: true, found: [] }),
    );
    return say(next, "Learning has begun.");
  },
  "learn-stop": (s) => (s.tokens.learn.busy ? halt(s, s.tokens.learn) : s),
  learning: (s, { id, merges, learned, count, counted }) => {
    if (!isFor({ id }, s.tokens.learn)) return s;
    const found = [...(s.tokens.learn.found ?? []), ...merges];
    return part(s, "learn", { found, stage: { learned, count, counted } });
  },
  learned: (s, { id, merges, count, vocab = 0, pattern = null }) => {
    const { learn, source } = s.tokens;
    if (!isFor({ id }, learn)) return s;
    const found = [...(learn.found ?? []), ...merges];
    const from = source === "data" ? { kind: s.data.kind, name: s.data.name } : null;
    const trained = { merges: found, wanted: count, vocab, pattern, from };
    const next = changed(s, { trained, by: "trained", at: found.length, learn: NONE });
    return say(next, `${found.length.toLocaleString("en-US")} merges learned.`);
  },

  // ---- replay
  replay: (s, { at, by = 0 }) => (s.tokens.trained ? moved(s, (at ?? s.tokens.at) + by, false) : s),
  tick: (s, { by }) => (s.tokens.playing ? moved(s, s.tokens.at + by, true) : s),
  play: (s) => {
    const { playing, at, trained } = s.tokens;
    if (!trained) return s;
    const from = at >= trained.merges.length ? 0 : at; // from the end it begins anew
    return playing ? tokens(s, { playing: false }) : moved(s, from, true);
  },

  // ---- files
  "tokenizer-chosen": (s, { files }) =>
    ask(s, { type: "open-tokenizer", files }, (now, id) =>
      part(now, "opening", { id, problem: "" }),
    ),
  "tokenizer-problem": (s, { message }) => say(part(s, "opening", { problem: message }), message),
  tokenizer: (s, { type, id, ...file }) => {
    if (!isFor({ id }, s.tokens.opening)) return s;
    return say(changed(s, { file, by: "file", playing: false }), `${file.name} is open.`);
  },
  "token-list": (s) => tokens(s, { list: !s.tokens.list }),
  "save-tokenizer": (s) =>
    ask(s, { type: "save-tokenizer", by: s.tokens.by }, (now, id) =>
      part(now, "saving", { id, problem: "" }),
    ),

  // ---- what happens elsewhere
  opened: (s, { tokenizer, origin, name }) => {
    if (tokenizer?.kind !== "bpe") return s;
    const { vocab, pattern } = tokenizer;
    const whose = origin === "link" ? "the link" : name;
    return changed(s, { file: { name: `that of ${whose}`, vocab, pattern } });
  },
  data: (s) => changed(s, {}),
  view: (s, { view }) => (view === "tokens" ? s : tokens(s, { playing: false })),
  retry: (s) => {
    const { text, spaces, label, source, merges, pattern, round } = s.tokens;
    const kept = { text, spaces, label, source, merges, pattern, round: round + 1 };
    return { ...s, tokens: { ...NEW, ...kept } };
  },
  refused: (s, { id, message }) => {
    const { learn, opening, saving } = s.tokens;
    if (isFor({ id }, learn)) return say(part(s, "learn", { ...NONE, problem: message }), message);
    if (isFor({ id }, opening)) return say(part(s, "opening", { problem: message }), message);
    if (isFor({ id }, saving)) return part(s, "saving", { problem: message });
    return answered(s, id, { answer: null, problem: message });
  },
  crashed: (s) => tokens(part(s, "learn", { busy: false }), { playing: false }),
});

/** @param {State} state @param {number|undefined} id @param {Partial<CutState>} values */
function answered(state, id, values) {
  const name = SIDES.find((side) => isFor({ id }, state.tokens[side]));
  return name ? part(state, name, { waiting: false, ...values }) : state;
}

/** @param {State} state @param {number} to @param {boolean} playing */
function moved(state, to, playing) {
  const last = state.tokens.trained?.merges.length ?? 0;
  const at = Math.max(0, Math.min(last, to));
  return tokens(state, { at, by: "trained", playing: playing && at < last, chosen: null });
}

/**
 * Ask for the text to be cut as it should be now, unless it is, or an answer is on its way.
 * @param {State} state @param {Side} side @param {Cutter} by @returns {State}
 */
function askCut(state, side, by) {
  const { waiting, wish: before } = state.tokens[side];
  const { at, round, trained } = state.tokens;
  const whole = by !== "trained" || at >= (trained?.merges.length ?? Infinity);
  /** @type {CutWish} */
  const wish = { by, at: whole ? null : at, text: textOf(state), round };
  const same = before && JSON.stringify(wish) === JSON.stringify(before);
  if (waiting || same) return state;
  return ask(state, { type: "cut", text: wish.text, by, at: wish.at }, (s, id) =>
    part(s, side, { id, wish, waiting: true }),
  );
}
