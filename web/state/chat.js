// Talking to a model: which one, what was said, and the answer that is being written.
/** @import {Action, Of, Reduce, WithChat} from "./types.js" */
/** @import {ChatSettings, ChatState, Talk} from "./chat-types.js" */
import { halt, isFor, isReady } from "./helpers.js";
import {
  answerTo,
  asked,
  broken,
  ended,
  isBusy,
  messagesTo,
  on,
  question,
  spoken,
  stopped,
} from "./server/answer.js";
import * as servers from "./server/server.js";
import { EMPTY, change, choose, heard, path, remove, talkOf, textOf, turnOf } from "./talk.js";

const SPOKEN = 300; // letters of an answer that the live region reads
const HELP_KEYS = "Enter sends, Shift and Enter begins a line, Escape stops an answer.";

const NO_COMMAND = { id: null, lines: [] };
const WAITS = "It is done as soon as the model is here.";

/** @type {ChatState} */
const NEW = {
  model: { status: "none", id: null, name: "", bytes: null, facts: null, problem: "" },
  offered: null,
  id: "",
  kept: [],
  talk: EMPTY,
  answer: { id: null, key: null },
  late: { id: null, key: null },
  queued: false,
  settings: { sampling: {}, maxTokens: 256, system: "" },
  chosen: {},
  sure: false,
  marks: true,
  editing: null,
  likely: null,
  command: NO_COMMAND,
  reading: { id: null },
  notes: [],
  judge: { id: null, rows: [], done: false, problem: "" },
  server: servers.NEW,
  link: "",
  problem: "",
};

export const initial = () => ({ chat: NEW });

/** @type {Reduce} */
export function reduce(state, action) {
  let next = byType(/** @type {WithChat} */ (state), action);
  const { status } = next.chat.model;
  if (next.view === "chat" && status === "none") next = onModel(next, { status: "wanted" });
  return isReady(next) && status === "fetched" ? open(next) : next;
}

/** @param {WithChat} state @param {Partial<ChatState["model"]>} values */
const onModel = (state, values) => on(state, { model: { ...state.chat.model, ...values } });

/** @param {WithChat} state @param {Partial<ChatState["judge"]>} values */
const onJudge = (state, values) => on(state, { judge: { ...state.chat.judge, ...values } });

/** @type {{[T in Action["type"]]?: (state: WithChat, action: Of<Action, T>) => WithChat}} */
const TABLE = {
  // ---- the model
  "chat-model": (s, { name, bytes }) => {
    // A question that waits goes on waiting, and a server is not at work with this tab's model.
    const next = s.chat.queued || servers.isAnswering(s) ? s : stopped(s);
    const { offered: named } = s.chat; // that which is being fetched has come, another still waits
    const keeps = named?.got == null ? named : null;
    return on(onModel(next, { ...NEW.model, status: "fetched", name, bytes }), { offered: keeps });
  },
  "chat-model-problem": (s, { message }) => onModel(s, { status: "failed", problem: message }),
  "chat-shipped": (s) => onModel(stopped(s), { ...NEW.model, status: "wanted" }),
  "chat-opened": (s, { type, id, ...facts }) => {
    if (!isFor({ id }, s.chat.model)) return s;
    const known = onModel(s, { status: "ready", facts });
    const { system } = s.chat.settings;
    return goOn(settled(on(known, { judge: { ...NEW.judge }, likely: null }), system));
  },

  // ---- a server in its place
  ...servers.tableOf(stopped),

  // ---- a model from elsewhere
  "chat-offered": (s, { offered: { problem = "", ...named } }) =>
    on(s, { offered: { ...named, problem, got: null, never: Boolean(problem) } }),
  "chat-fetch": (s) => offered(s, { got: 0, problem: "" }),
  "chat-got": (s, { got }) => offered(s, { got }),
  "chat-fetch-problem": (s, { message }) => offered(s, { got: null, problem: message }),

  // ---- talking
  "chat-say": (s, { text }) => {
    if (text.startsWith("/")) return command(s, text);
    // What was not answered is not gone on from: this takes its place, and that stays a branch.
    const last = path(s.chat.talk).at(-1);
    return question(s, (last?.role === "user" ? last.parent : last?.key) ?? 0, text);
  },
  "chat-stop": (s) => stopped(s),
  "chat-said": (s, { id, said, tokens }) => {
    const { answer, talk } = s.chat;
    if (!isFor({ id }, answer) || answer.key === null) return s;
    return on(s, { talk: heard(talk, answer.key, said, tokens) });
  },
  "chat-answered": (s, { type, id, ...end }) => {
    const { answer, late, talk } = s.chat;
    if (isFor({ id }, late) && late.key !== null) {
      const grown = change(talk, late.key, { ...end, reason: "stopped" });
      return on(s, { talk: grown, late: { id: null, key: null } });
    }
    if (!isFor({ id }, answer) || answer.key === null) return s;
    const grown = change(talk, answer.key, end);
    const turn = turnOf(grown, answer.key);
    const next = on(s, { talk: grown, answer: { id: null, key: null } });
    return spoken(next, turn ? textOf(turn).slice(0, SPOKEN) : "");
  },
  "chat-again": (s, { key }) => {
    const turn = turnOf(s.chat.talk, key);
    if (!turn) return s;
    return answerTo(s, turn.role === "user" ? key : turn.parent);
  },
  "chat-edit": (s, { key }) => on(s, { editing: key }),
  "chat-edited": (s, { key, text }) => {
    const turn = turnOf(s.chat.talk, key);
    return turn ? question(on(s, { editing: null }), turn.parent, text) : s;
  },
  "chat-branch": (s, { key, by }) =>
    on(stopped(s), { talk: choose(s.chat.talk, key, by), likely: null, editing: null }),
  "chat-delete": (s, { key }) => {
    const next = stopped(s);
    return on(next, { talk: remove(next.chat.talk, key), likely: null, editing: null });
  },

  // ---- how sure it was
  "chat-show": (s, { type, ...values }) => on(s, { ...values, likely: null }),
  "chat-likely": (s, { key, at }) => {
    const turn = turnOf(s.chat.talk, key);
    if (at === null || !turn?.tokens || isBusy(s.chat)) return on(s, { likely: null });
    const { likely: told } = turn.tokens[at];
    if (turn.at) return on(s, { likely: told ? { id: null, key, at, tokens: told } : null });
    const written = turn.tokens.slice(0, at).map(({ id }) => id);
    const request = { messages: messagesTo(s.chat.talk, turn.parent), written };
    const likely = { key, at, tokens: [] };
    return asked(s, { type: "chat-likeliest", ...request, ...s.chat.settings }, (now, id) =>
      on(now, { likely: { ...likely, id } }),
    );
  },
  "chat-likeliest": (s, { id, tokens }) => {
    const { likely } = s.chat;
    return likely && isFor({ id }, likely) ? on(s, { likely: { ...likely, tokens } }) : s;
  },
  "chat-instead": (s, { key, at, token }) => {
    const turn = turnOf(s.chat.talk, key);
    if (!turn?.tokens || s.chat.server.on) return s; // a server does not go on from one
    const own = turn.tokens.slice(0, at).filter(({ probability }) => probability !== null);
    return answerTo(s, turn.parent, [...own.map(({ id }) => id), token]);
  },

  // ---- commands
  "chat-done": (s, { type, id, name, rest, said, ...settings }) => {
    if (!isFor({ id }, s.chat.command)) return s;
    const chosen = chosenNow(s.chat, settings);
    const next = on(s, { settings, chosen, command: { ...s.chat.command, id: null } });
    if (said !== null)
      return goOn(noted(next, said || "With this seed the same questions get the same answers."));
    return goOn((OWN[name] ?? (() => next))(next, rest));
  },

  // ---- keeping
  "chat-kept": (s, { kept }) => on(s, { kept }),
  "chat-talk": (s, { id, talk, system = "", chosen = s.chat.chosen }) => {
    const { turns } = s.chat.talk;
    if (!s.chat.id && turns.length) return on(s, { id }); // the reader was faster
    const next = settled(on(ended(s), { id, talk, chosen }), system);
    return on(next, { likely: null, editing: null, notes: [], link: "" });
  },
  "chat-file": (s, { name, bytes }) =>
    asked(s, { type: "chat-read", name, bytes }, (now, id) =>
      on(now, { reading: { id }, problem: "" }),
    ),
  "chat-messages": (s, { id, messages, system }) =>
    isFor({ id }, s.chat.reading) ? another(s, talkOf(messages), system) : s,
  "chat-shared": (s, { messages, system }) => another(s, talkOf(messages), system),
  "chat-linked": (s, { link }) => on(s, { link }),
  "chat-problem": (s, { message }) => on(s, { problem: message }),

  // ---- judging
  "chat-judge": (s) =>
    asked(s, { type: "chat-judge" }, (now, id) =>
      onJudge(now, { id, rows: [], done: false, problem: "" }),
    ),
  // Over at once, however long the worker is at the answers it has begun: they are not shown.
  "chat-judge-stop": (s) => {
    if (s.chat.judge.id === null) return s;
    const next = /** @type {WithChat} */ (halt(s, s.chat.judge));
    return spoken(onJudge(next, { id: null }), "Stopped.");
  },
  "chat-judging": (s, { id, row }) => {
    const { judge } = s.chat;
    if (!isFor({ id }, judge)) return s;
    const others = judge.rows.filter(({ name, tools }) => name !== row.name || tools !== row.tools);
    return onJudge(s, { rows: [...others, row] });
  },
  "chat-judged": (s, { id }) =>
    isFor({ id }, s.chat.judge)
      ? spoken(onJudge(s, { id: null, done: true }), "All questions asked.")
      : s,

  // ---- what happens elsewhere
  refused: (s, { id, message }) => {
    const { model, answer, judge, command: waiting, reading } = s.chat;
    if (isFor({ id }, model)) return onModel(s, { status: "failed", problem: message });
    if (isFor({ id }, answer)) return broken(s, message);
    if (isFor({ id }, judge)) return onJudge(s, { id: null, problem: message });
    if (isFor({ id }, waiting))
      return goOn(on(s, { command: { ...waiting, id: null }, problem: message }));
    return isFor({ id }, reading) ? on(s, { reading: { id: null }, problem: message }) : s;
  },
  crashed: (s, { fatal }) => {
    if (!fatal) return s;
    const why = "Python stopped in the middle of this answer.";
    return onJudge(servers.isAnswering(s) ? s : broken(s, why), { id: null });
  },
  retry: (s) => {
    const next = on(s, { command: NO_COMMAND, reading: { id: null }, likely: null });
    return onModel(next, { status: s.chat.model.bytes ? "fetched" : "none", id: null });
  },
};

/** What commands do that are the page's own. @type {{[name: string]: (s: WithChat, rest: string) => WithChat}} */
const OWN = {
  retry: (s) => {
    const last = path(s.chat.talk).at(-1);
    if (last?.role === "assistant") return answerTo(s, last.parent);
    return last ? answerTo(s) : noted(s, "Nothing was said yet; ask something first.");
  },
  sure: (s) => on(s, { sure: !s.chat.sure }),
  copied: (s) =>
    s.chat.model.facts?.copies
      ? on(s, { marks: !s.chat.marks })
      : noted(s, "This model’s file has no index of its data, so what it copies is not known."),
  help: (s) => {
    const lines = (s.chat.model.facts?.commands ?? []).filter(([, does]) => does);
    return noted(s, ...lines.map(([typed, does]) => `${typed}: ${does}`), HELP_KEYS);
  },
  quit: (s) => noted(s, "Closing the tab ends it; what was said is kept in this browser."),
};

/** @param {WithChat} state @param {Action} action @returns {WithChat} */
function byType(state, action) {
  const change = /** @type {((state: WithChat, action: Action) => WithChat)|undefined} */ (
    TABLE[action.type]
  );
  return change ? change(state, action) : state;
}

/** @param {WithChat} state @param {...string} notes */
const noted = (state, ...notes) => spoken(on(state, { notes }), notes.join(" "));

/**
 * The settings of a talk: those that were chosen in it, else those that the model comes with.
 * @param {WithChat} state @param {string} system
 */
function settled(state, system) {
  const { model, settings, chosen } = state.chat;
  const { sampling, maxTokens } = model.facts ?? settings;
  const all = { sampling: { ...sampling, ...chosen.sampling }, system };
  return on(state, { settings: { ...all, maxTokens: chosen.maxTokens ?? maxTokens } });
}

/**
 * What was chosen, with what a command has changed.
 * @param {ChatState} chat @param {ChatSettings} now @returns {ChatState["chosen"]}
 */
function chosenNow({ chosen, settings: before }, { sampling, maxTokens }) {
  /** @type {{[name: string]: unknown}} */
  const was = before.sampling;
  const changed = Object.entries(sampling).filter(([name, value]) => value !== was[name]);
  return {
    ...chosen,
    ...(changed.length && { sampling: { ...chosen.sampling, ...Object.fromEntries(changed) } }),
    ...(maxTokens !== before.maxTokens && { maxTokens }),
  };
}

/** @param {WithChat} state @param {Partial<NonNullable<ChatState["offered"]>>} values */
const offered = (state, values) =>
  state.chat.offered ? on(state, { offered: { ...state.chat.offered, ...values } }) : state;

/** @param {WithChat} state */
function open(state) {
  const { name, bytes } = state.chat.model;
  if (!bytes) return state;
  return asked(state, { type: "chat-open", name, bytes }, (now, id) =>
    onModel(now, { status: "opening", id }),
  );
}

/** One after the other, as each may change the settings. @param {WithChat} state @param {string} line */
function command(state, line) {
  const { model, command: before } = state.chat;
  const notes = model.status === "ready" ? [] : [WAITS];
  const next = on(state, {
    ...{ problem: "", notes },
    command: { ...before, lines: [...before.lines, line] },
  });
  return before.id === null ? goOn(next) : next;
}

/** What waits for the model, or for a command: the next command or, after them, a question. @param {WithChat} state */
function goOn(state) {
  const { model, command, queued, settings } = state.chat;
  const [line, ...lines] = command.lines;
  if (model.status !== "ready") return state;
  if (line === undefined) return queued ? answerTo(state) : state;
  const question = { type: /** @type {const} */ ("chat-command"), line, ...settings };
  return asked(state, question, (now, id) => on(now, { command: { id, lines } }));
}

/**
 * Another talk takes the place of this one, which stays kept.
 * @param {WithChat} state @param {Talk} talk @param {string} system
 */
function another(state, talk, system) {
  const settings = { ...state.chat.settings, system };
  const next = on(ended(state), { talk, settings, id: "", likely: null, editing: null });
  return on(next, { reading: { id: null }, notes: [], problem: "", link: "" });
}
