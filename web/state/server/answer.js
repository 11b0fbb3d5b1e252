// An answer: asked of the model in this tab or of a server, ended before it is whole, or broken off.
/** @import {Question, State, WithChat} from "../types.js" */
/** @import {ChatState, Talk} from "../chat-types.js" */
import { ask, halt, say } from "../helpers.js";
import { askServer, isAnswering, stopServer } from "./server.js";
import { add, change, path, remove, turnOf, upTo } from "../talk.js";

/** @param {WithChat} state @param {Partial<ChatState>} values @returns {WithChat} */
export const on = (state, values) => ({ ...state, chat: { ...state.chat, ...values } });

/** Whether an answer is being written, or is waited for. @param {ChatState} chat */
export const isBusy = ({ answer, queued }) => queued || answer.id !== null;

/**
 * @param {WithChat} state @param {Question} question
 * @param {(state: WithChat, id: number) => WithChat} remember
 */
export function asked(state, question, remember) {
  /** @param {State} now @param {number} id */
  const keep = (now, id) => remember(/** @type {WithChat} */ (now), id);
  return /** @type {WithChat} */ (ask(state, question, keep));
}

/** @param {WithChat} state @param {string} words */
export const spoken = (state, words) => /** @type {WithChat} */ (say(state, words));

/**
 * An answer that is being written ends where it is, at once, however long the worker is at its next
 * token; one that is waited for does not come. What is still told of its end is added to it.
 * @param {WithChat} state
 */
export function stopped(state) {
  if (state.chat.queued) return on(state, { queued: false });
  if (isAnswering(state)) return stopServer(state);
  const { talk, answer } = state.chat;
  if (answer.key === null) return state;
  const next = /** @type {WithChat} */ (halt(state, answer));
  const whole = change(talk, answer.key, { reason: "stopped" });
  return on(spoken(next, "Stopped."), {
    talk: whole,
    answer: { id: null, key: null },
    late: answer,
  });
}

/**
 * As `stopped`, where another answer or another talk takes its place, of which nothing that is
 * still told may become a part.
 * @param {WithChat} state
 */
export const ended = (state) => on(stopped(state), { late: { id: null, key: null } });

/** @param {WithChat} state @param {number} parent @param {string} text */
export function question(state, parent, text) {
  const parts = [{ type: /** @type {const} */ ("text"), text }];
  const next = ended(state);
  const talk = add(next.chat.talk, parent, { role: "user", parts });
  return answerTo(on(next, { talk }), talk.last);
}

/** @param {Talk} talk @param {number} key */
export const messagesTo = (talk, key) =>
  upTo(talk, key).map(({ role, parts }) => ({ role, parts }));

/**
 * One more answer to a message, or to the last; until there is a model it waits.
 * @param {WithChat} before @param {number} [key] @param {number[]} [opening]
 */
export function answerTo(before, key, opening = []) {
  const state = ended(before);
  const { talk, model, settings } = state.chat;
  const asks = key === undefined ? path(talk).at(-1) : turnOf(talk, key);
  if (asks?.role !== "user") return on(state, { queued: false });
  const next = on(state, { problem: "", notes: [], likely: null, link: "" });
  if (state.chat.server.on) return askServer(next, asks);
  if (model.status !== "ready") return on(next, { queued: true });
  const { weights } = model.facts ?? {};
  const said = { role: /** @type {const} */ ("assistant"), parts: [], tokens: [] };
  const grown = add(talk, asks.key, { ...said, weights, by: model.name });
  const request = { messages: messagesTo(talk, asks.key), ...settings, opening };
  return asked(
    on(next, { talk: grown, queued: false }),
    { type: "chat-ask", ...request },
    (now, id) => on(now, { answer: { id, key: grown.last } }),
  );
}

/**
 * What was written until now stays, and why there is no more is said. Where nothing was, as when a
 * message is too long, there is no answer.
 * @param {WithChat} state @param {string} problem
 */
export function broken(state, problem) {
  const { key } = state.chat.answer;
  if (key === null) return state;
  const before = state.chat.talk;
  const talk = turnOf(before, key)?.parts.length
    ? change(before, key, { reason: "broken" })
    : remove(before, key);
  return on(state, { talk, answer: { id: null, key: null }, problem });
}
