// A server that answers in place of the model in this tab: which one, and what is asked of it. What
// comes of a request is heard as from the worker (chat-said, chat-answered, refused).
/** @import {Action, Of, WithChat} from "../types.js" */
/** @import {Turn} from "../chat-types.js" */
/** @import {ServerState, ServerWish} from "../server-types.js" */
import { add, change, upTo } from "../talk.js";
import { bodyOf, chosenOf, serverOf } from "./wire.js";

/** @type {ServerState} */
export const NEW = {
  on: false,
  address: "",
  key: "",
  model: "",
  page: "",
  models: null,
  asking: false,
  trouble: null,
  request: null,
};

/** @param {WithChat} state @param {Partial<ServerState>} values @returns {WithChat} */
export const onServer = (state, values) => ({
  ...state,
  chat: { ...state.chat, server: { ...state.chat.server, ...values } },
});

/**
 * What the reader's wishes change; `stopped` ends the answer that is being written.
 * @param {(state: WithChat) => WithChat} stopped
 * @returns {{[Type in ServerWish["type"]]: (s: WithChat, action: Of<Action, Type>) => WithChat}}
 */
export const tableOf = (stopped) => ({
  // A page that a server hands out (`own` is its address) talks to it, unless the reader chose else.
  "server-begin": (s, { page, kept, own }) => {
    const first = own ? { on: true, address: own, asking: true } : {};
    return onServer(s, { page, ...(kept ?? first) });
  },
  "server-set": (s, { values }) => {
    const { server } = s.chat;
    const { address = server.address } = values;
    const [before, now] = [server.address, address].map((each) => serverOf(each, server.page).base);
    // What one server is given is not for another.
    const anew = before === now ? {} : { key: "", model: "", models: null, on: false };
    return onServer(s, { ...anew, trouble: null, asking: false, ...values });
  },
  "server-ask": (s) => {
    const { problem } = serverOf(s.chat.server.address, s.chat.server.page);
    const trouble = problem ? { message: problem, command: "" } : null;
    return onServer(s, { asking: !problem, trouble });
  },
  "server-models": (s, { address, models }) => {
    const { model } = s.chat.server;
    if (address !== s.chat.server.address) return s; // another is meant by now
    const fitting = models.includes(model) ? model : (models[0] ?? "");
    return onServer(s, { asking: false, trouble: null, models, model: fitting });
  },
  "server-trouble": (s, { trouble }) => onServer(s, { asking: false, trouble }),
  "server-use": (s, { on }) => onServer(stopped(s), { on }),
  "server-forget": (s) => onServer(stopped(s), { ...NEW, page: s.chat.server.page }),
});

/** Whether the answer that is being written is a server's. @param {WithChat} state */
export const isAnswering = ({ chat: { server, answer } }) =>
  answer.id !== null && server.request?.id === answer.id;

/**
 * Have a server answer a message.
 * @param {WithChat} state @param {Turn} asks @returns {WithChat}
 */
export function askServer(state, asks) {
  const { chat } = state;
  const { address, page, key, model } = chat.server;
  const place = serverOf(address, page);
  const messages = upTo(chat.talk, asks.key);
  const chosen = chosenOf(chat.settings, chat.model.facts);
  const { system } = chat.settings;
  const body = bodyOf({ model, messages, system, sure: chat.sure, chosen });
  const said = { by: model, at: place.host };
  const talk = add(chat.talk, asks.key, { role: "assistant", parts: [], tokens: [], ...said });
  const id = state.lastId + 1;
  const answer = { id, key: talk.last };
  const next = { ...state, lastId: id, chat: { ...chat, talk, answer } };
  return onServer(next, { request: { id, place, key, body }, trouble: null });
}

/** The answer ends where it is; what is still on its way is not heard. @param {WithChat} state @returns {WithChat} */
export function stopServer(state) {
  const { talk, answer } = state.chat;
  if (answer.key === null) return state;
  const chat = { ...state.chat, talk: change(talk, answer.key, { reason: "stopped" }) };
  const ended = { ...chat, answer: { id: null, key: null } };
  return onServer({ ...state, said: "Stopped.", chat: ended }, { request: null });
}
