// The third part of the reducer: what the view Tokens shows. Imports nothing, touches nothing.
// `followTokens` comes last and asks for a text to be cut whenever it should be cut otherwise.

const OURS = `The lamp in the lighthouse went out at nine. "Nobody move," said the keeper, and nobody did, for nobody was there but the gulls.

She lit it again with the last of her 12,345 matches. The ships saw the light, Café Zoë saw the light, and the light saw them: 🚢🚢.`;
const CUT = { id: null, waiting: false, wish: null, answer: null, problem: "" };
const NONE = { id: null, busy: false, stage: null, problem: "" };

export const initialTokens = () => ({
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
});

export function followTokens(before, state, action) {
  let next = (REDUCERS[action.type] ?? same)(state, action);
  if (next.view !== "tokens" || next.python.status !== "ready") return next;
  next = look(next, "cut", next.tokens.by);
  return next.tokens.beside ? look(next, "other", next.tokens.beside) : next;
}

const same = (state) => state;
const tokens = (state, values) => ({ ...state, tokens: { ...state.tokens, ...values } });
const on = (state, part, values) => tokens(state, { [part]: { ...state.tokens[part], ...values } });
const changed = (state, values) => tokens(state, { ...values, round: state.tokens.round + 1 });

/** What is cut: the reader's text, or ours. */
export const textOf = ({ tokens: { text } }) => text ?? OURS;

/** The tokenizers there are to cut by, as [what they are called, …]. */
export function cutters({ tokens: { trained, file } }) {
  const found = { chars: "characters" };
  if (trained) found.trained = `${trained.merges.length.toLocaleString("en-US")} merges`;
  if (file) found.file = file.name;
  return found;
}

const REDUCERS = {
  tokens: (s, { values }) => tokens(s, { ...values, playing: false }),
  "token-text": (s, { text }) => tokens(s, { text, chosen: null }),
  "token-chosen": (s, { chosen }) => tokens(s, { chosen }),
  cut: (s, { type, id, ...answer }) => answered(s, id, { answer, problem: "" }),

  // ---- learning
  learn: (s) => {
    const next = ask(tokens(s, { playing: false }), "learn", { ...NONE, busy: true, found: [] });
    return { ...next, said: "Learning has begun." };
  },
  learning: (s, { id, merges, learned, count, counted }) => {
    if (id !== s.tokens.learn.id) return s;
    const found = [...s.tokens.learn.found, ...merges];
    return on(s, "learn", { found, stage: { learned, count, counted } });
  },
  learned: (s, { id, merges, count, vocab, pattern }) => {
    const { learn, source } = s.tokens;
    if (id !== learn.id) return s;
    const found = [...learn.found, ...merges];
    const from = source === "data" ? { kind: s.data.kind, name: s.data.name } : null;
    const trained = { merges: found, wanted: count, vocab, pattern, from };
    const next = changed(s, { trained, by: "trained", at: found.length, learn: NONE });
    return { ...next, said: `${found.length.toLocaleString("en-US")} merges learned.` };
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
  "tokenizer-chosen": (s, { files }) => ask(s, "opening", { files, problem: "" }),
  "tokenizer-problem": (s, { message }) => ({
    ...on(s, "opening", { problem: message }),
    said: message,
  }),
  tokenizer: (s, { type, id, ...file }) => {
    if (id !== s.tokens.opening.id) return s;
    const next = changed(on(s, "opening", { files: null }), { file, by: "file", playing: false });
    return { ...next, said: `${file.name} is open.` };
  },
  "token-list": (s) => tokens(s, { list: !s.tokens.list }),
  "save-tokenizer": (s) => ask(s, "saving", { problem: "" }),

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
    return { ...s, tokens: { ...initialTokens(), ...kept } };
  },
  refused: (s, { id, message }) => failed(s, id, message),
  crashed: (s, { id, fatal = true, message }) => {
    if (!fatal) return failed(s, id, `This is our mistake: ${message}`);
    return tokens(on(s, "learn", { busy: false }), { playing: false });
  },
};

function answered(state, id, values) {
  const part = ["cut", "other"].find((name) => id !== undefined && state.tokens[name].id === id);
  return part ? on(state, part, { waiting: false, ...values }) : state;
}

function failed(state, id, message) {
  if (id === undefined) return state;
  const { learn, opening, saving } = state.tokens;
  if (id === learn.id) return { ...on(state, "learn", { ...NONE, problem: message }), said: message };
  if (id === opening.id) return { ...on(state, "opening", { problem: message }), said: message };
  if (id === saving.id) return on(state, "saving", { problem: message });
  return answered(state, id, { answer: null, problem: message });
}

function moved(state, to, playing) {
  const last = state.tokens.trained.merges.length;
  const at = Math.max(0, Math.min(last, to));
  return tokens(state, { at, by: "trained", playing: playing && at < last, chosen: null });
}

/** Ask for the text to be cut as it should be now, unless it is, or an answer is on its way. */
function look(state, part, by) {
  const { waiting, wish: asked } = state.tokens[part];
  const { at, round, trained } = state.tokens;
  const whole = by !== "trained" || at >= trained?.merges.length;
  const wish = { by, at: whole ? null : at, text: textOf(state), round };
  if (waiting || (asked && Object.keys(wish).every((key) => wish[key] === asked[key]))) return state;
  return ask(state, part, { wish, waiting: true });
}

function ask(state, part, values) {
  const asked = state.asked + 1;
  return on({ ...state, asked }, part, { ...values, id: asked });
}
