/**
 * Looking inside: attention at once, the embeddings as points at once or, with t-SNE, step by step.
 */

/** @import {Ask, OnError, Post} from "./types.js" */
/** @import {Answerable, Told} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Task } from "./task.js";

const CHUNK = 16; // milliseconds
const REPORT = 80; // between two pictures

export class Inside {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  /** @param {Ask<"attention">} given */
  attention({ id, prompt }) {
    const about = this.python.ask("attention", { prompt });
    this.post({ type: "attention", id, ...about }, [about.weights.buffer]);
  }

  /**
   * A new question ends the one before.
   * @param {Ask<"embeddings">} given @param {OnError} onError
   */
  embeddings({ id, method, perplexity }, onError) {
    this.task.drop();
    let last = this.python.ask("embeddings", { method, perplexity });
    // The points are not transferred: a stop tells the last ones once more.
    /** @param {"embedding"|"embedded"} type @returns {(about: Told) => void} */
    const tell = (type) => (about) => this.post({ type, id, ...about });
    const finish = tell("embedded");
    if (last.done) return finish(last);
    /** @type {Answerable} */
    const work = {
      piece: () => (last = this.python.ask("move_points", { milliseconds: CHUNK })),
      report: tell("embedding"),
      every: REPORT,
      stop: () => last,
      finish,
    };
    this.task.begin(id, work, onError);
  }
}
