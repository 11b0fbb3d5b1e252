// Talking to a model: which one, what was said, and the answer that is being written.
/** @import {Action, Reduce, State, WithChat} from "./types.js" */
/** @import {ChatState, Said, Talk, Turn, TurnPart} from "./chat-types.js" */
import { ask, halt, isFor, isReady, say } from "./helpers.js";
import { EMPTY, add, change, path, turnOf, upTo } from "./talk.js";

/** @type {ChatState} */
const NEW = {
  model: { status: "none", id: null, name: "", bytes: null, facts: null, problem: "" },
  talk: EMPTY,
  answer: { id: null, key: null },
  queued: false,
  sampling: {},
  maxTokens: 256,
  problem: "",
};

export const initial = () => ({ chat: NEW });

/** @type {Reduce} */
export function reduce(state, action) {
  let next = byType(/** @type {WithChat} */ (state), action);
  const { model } = next.chat;
  if (next.view === "chat" && model.status === "none") next = on(next, { model: wanted(model) });
  if (isReady(next) && next.chat.model.status === "fetched") next = open(next);
  return next;
}

/** @param {ChatState["model"]} model @returns {ChatState["model"]} */
const wanted = (model) => ({ ...model, status: "wanted", problem: "" });

/** @param {WithChat} state @param {Partial<ChatState>} values @returns {WithChat} */
export const on = (state, values) => ({ ...state, chat: { ...state.chat, ...values } });

/** @param {WithChat} state @param {Partial<ChatState["model"]>} values */
const onModel = (state, values) => on(state, { model: { ...state.chat.model, ...values } });

/** @type {{[type: string]: (state: WithChat, action: any) => WithChat}} */
const TABLE = {
  // ---- the model
  "chat-model": (s, { name, bytes }) =>
    onModel(s, { status: "fetched", name, bytes, facts: null, problem: "" }),
  "chat-model-problem": (s, { message }) => onModel(s, { status: "failed", problem: message }),
  "chat-opened": (s, { type, id, ...facts }) => {
    if (!isFor({ id }, s.chat.model)) return s;
    const { sampling, maxTokens } = facts;
    const next = on(onModel(s, { status: "ready", facts }), { sampling, maxTokens });
    return next.chat.queued ? answerLast(next) : next;
  },

  // ---- talking
  "chat-say": (s, { text }) => {
    const talk = add(s.chat.talk, path(s.chat.talk).at(-1)?.key ?? 0, {
      role: "user",
      parts: [{ type: "text", text }],
    });
    return answerLast(on(s, { talk, problem: "" }));
  },
  "chat-stop": (s) => {
    if (s.chat.queued) return on(s, { queued: false });
    return /** @type {WithChat} */ (halt(s, s.chat.answer));
  },
  "chat-said": (s, { id, said }) => {
    const { answer, talk } = s.chat;
    if (!isFor({ id }, answer) || answer.key === null) return s;
    return on(s, { talk: heard(talk, answer.key, said) });
  },
  "chat-answered": (s, { id, reason }) => {
    const { answer, talk } = s.chat;
    if (!isFor({ id }, answer) || answer.key === null) return s;
    const said = textOf(turnOf(talk, answer.key)).slice(0, 300);
    const next = on(s, {
      talk: change(talk, answer.key, { reason }),
      answer: { id: null, key: null },
    });
    return /** @type {WithChat} */ (say(next, said));
  },

  // ---- what happens elsewhere
  refused: (s, { id, message }) => {
    const { model, answer } = s.chat;
    if (isFor({ id }, model)) return onModel(s, { status: "failed", problem: message });
    return isFor({ id }, answer) ? broken(s, message) : s;
  },
  crashed: (s, { fatal, message }) => (fatal ? broken(s, message) : s),
  retry: (s) => {
    const { model } = s.chat;
    return onModel(s, { status: model.bytes ? "fetched" : "none", id: null });
  },
};

/** @param {WithChat} state @param {Action} action @returns {WithChat} */
const byType = (state, action) => TABLE[action.type]?.(state, action) ?? state;

/** @param {WithChat} state @returns {WithChat} */
function open(state) {
  const { name, bytes } = state.chat.model;
  const request = {
    type: /** @type {const} */ ("chat-open"),
    name,
    bytes: bytes ?? new Uint8Array(),
  };
  /** @param {State} now @param {number} id */
  const remember = (now, id) => onModel(/** @type {WithChat} */ (now), { status: "opening", id });
  return /** @type {WithChat} */ (ask(state, request, remember));
}

/**
 * The answer to the last message, or a place for it until there is a model.
 * @param {WithChat} state @returns {WithChat}
 */
function answerLast(state) {
  const { talk, model, sampling, maxTokens } = state.chat;
  const question = path(talk).at(-1);
  if (!question || question.role !== "user") return on(state, { queued: false });
  if (model.status !== "ready") return on(state, { queued: true });
  const messages = upTo(talk, question.key).map(({ role, parts }) => ({ role, parts }));
  const grown = add(talk, question.key, { role: "assistant", parts: [], tokens: [] });
  const request = { type: /** @type {const} */ ("chat-ask"), messages, sampling, maxTokens };
  /** @param {State} now @param {number} id */
  const remember = (now, id) =>
    on(/** @type {WithChat} */ (now), { answer: { id, key: grown.last } });
  const asked = ask(on(state, { talk: grown, queued: false }), request, remember);
  return /** @type {WithChat} */ (asked);
}

/**
 * What was written until now stays, and why there is no more is said.
 * @param {WithChat} state @param {string} problem
 */
function broken(state, problem) {
  const { key } = state.chat.answer;
  if (key === null) return state;
  const talk = change(state.chat.talk, key, { reason: "broken" });
  return on(state, { talk, answer: { id: null, key: null }, problem });
}

/**
 * An answer with some tokens more.
 * @param {Talk} talk @param {number} key @param {Said[]} said
 */
function heard(talk, key, said) {
  const turn = turnOf(talk, key);
  if (!turn) return talk;
  const parts = turn.parts.map((part) => ({ ...part }));
  for (const { kind, text } of said) {
    if (!text) continue;
    if (parts.at(-1)?.type !== kind) parts.push({ type: kind, text: "" });
    /** @type {TurnPart} */ (parts.at(-1)).text += text;
  }
  return change(talk, key, { parts, tokens: [...(turn.tokens ?? []), ...said] });
}

/**
 * What a reader sees of a message without its calls.
 * @param {Turn|undefined} turn
 */
export const textOf = (turn) =>
  (turn?.parts ?? [])
    .filter(({ type }) => type === "text")
    .map(({ text }) => text)
    .join("");
