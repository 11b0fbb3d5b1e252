/**
 * Streams what the model writes: a few tokens, then a turn for the messages that wait.
 */

import { turn } from "./task.js";

const CHUNK = 12; // milliseconds

export class Writing {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.id = null; // the question that is being answered
  }

  /** Begin an answer; one that is still being written is ended first. */
  write({ id, prompt, sampling, maxTokens, count, cache }, onError) {
    this.halt(this.id);
    const request = { prompt, sampling, maxTokens, count, cache };
    this.python.ask("start_writing", JSON.stringify(request));
    this.id = id;
    this.stream(id).catch((error) => onError(error, id));
  }

  halt(id) {
    if (id === null || id !== this.id) return;
    this.id = null;
    this.post({ type: "written", id, ...this.python.ask("stop_writing").written });
  }

  async stream(id) {
    while (this.id === id) {
      const end = performance.now() + CHUNK;
      while (this.id === id && performance.now() < end) this.one(id);
      await turn();
    }
  }

  one(id) {
    const { token, written } = this.python.ask("write_token");
    if (token) {
      this.post({ type: "token", id, ...token });
    } else {
      this.id = null;
      this.post({ type: "written", id, ...written });
    }
  }
}
