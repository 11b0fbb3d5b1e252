/**
 * Talking: a model is opened from its file, and its answers are streamed, a few tokens and then a
 * turn for the messages that wait.
 */

/** @import {Answerable, Ask, OnError, Post} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Task } from "./task.js";

const CHUNK = 12; // milliseconds

export class Chat {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  /** @param {Ask<"chat-open">} given */
  open({ id, name, bytes }) {
    this.task.halt(this.task.id);
    this.post({ type: "chat-opened", id, ...this.python.ask("chat_open", { name }, bytes) });
  }

  /**
   * Begin an answer; one that is still being written is ended first.
   * @param {Ask<"chat-ask">} given @param {OnError} onError
   */
  ask({ type, id, maxTokens, ...request }, onError) {
    const { python, post } = this;
    this.task.halt(this.task.id);
    const { said } = python.ask("chat_ask", { ...request, max_tokens: maxTokens });
    post({ type: "chat-said", id, said: [said] });
    /** @type {Answerable} */
    const work = {
      piece: () => this.tokens(id),
      report: () => {}, // all is posted as it comes
      every: Infinity,
      stop: () => python.ask("chat_stop"),
      finish: ({ answered }) => post({ type: "chat-answered", id, ...answered }),
    };
    this.task.begin(id, work, onError);
  }

  /** @param {number} id */
  tokens(id) {
    const said = [];
    const end = performance.now() + CHUNK;
    let answered = null;
    while (!answered && performance.now() < end) {
      const found = this.python.ask("chat_token");
      if (found.said) said.push(found.said);
      answered = found.answered;
    }
    if (said.length) this.post({ type: "chat-said", id, said });
    return answered ? { done: true, answered } : null;
  }
}
