/**
 * Streams what the model writes: a few tokens, then a turn for the messages that wait.
 */

/** @import {Ask, OnError, Post} from "./types.js" */
/** @import {Answerable} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Task } from "./task.js";

const CHUNK = 12; // milliseconds

export class Writing {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  /**
   * Begin an answer; one that is still being written is ended first.
   * @param {Ask<"write">} given @param {OnError} onError
   */
  write({ id, prompt, sampling, maxTokens, count, cache }, onError) {
    const { python, post } = this;
    this.task.halt(this.task.id);
    python.ask("start_writing", { prompt, sampling, max_tokens: maxTokens, count, cache });
    /** @type {Answerable} */
    const work = {
      piece: () => this.tokens(id),
      report: () => {}, // every token is posted as it comes
      every: Infinity,
      stop: () => python.ask("stop_writing"),
      finish: ({ written }) => post({ type: "written", id, ...written }),
    };
    this.task.begin(id, work, onError);
  }

  /** @param {number} id */
  tokens(id) {
    const end = performance.now() + CHUNK;
    while (performance.now() < end) {
      const { token, written } = this.python.ask("write_token");
      if (!token) return { done: true, written };
      this.post({ type: "token", id, ...token });
    }
    return null;
  }
}
