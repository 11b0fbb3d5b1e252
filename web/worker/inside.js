/**
 * Looking inside: attention at once, the embeddings as points at once or, with t-SNE, step by step.
 */

import { turn } from "./task.js";

const CHUNK = 16; // milliseconds
const REPORT = 80; // between two pictures

export class Inside {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.id = null; // the question about embeddings that is being answered
  }

  attention({ id, prompt }) {
    const about = this.python.ask("attention", JSON.stringify({ prompt }));
    const weights = this.python.takeNumbers("f32");
    this.post({ type: "attention", id, ...about, weights }, [weights.buffer]);
  }

  /** A new question ends the one before. */
  embeddings({ id, method, perplexity }, onError) {
    this.id = null;
    const about = this.python.ask("embeddings", JSON.stringify({ method, perplexity }));
    this.last = about;
    if (about.done) return this.tell("embedded", id, about);
    this.id = id;
    this.move(id).catch((error) => {
      if (this.id === id) this.id = null;
      onError(error);
    });
  }

  /** Where the points are is the answer. */
  halt(id) {
    if (id === null || id !== this.id) return;
    this.id = null;
    this.tell("embedded", id, this.last);
  }

  /** Python has another model now. */
  drop() {
    this.id = null;
  }

  async move(id) {
    let told = performance.now();
    while (this.id === id) {
      this.last = this.python.ask("place", CHUNK);
      if (this.last.done) {
        this.id = null;
        return this.tell("embedded", id, this.last);
      }
      if (performance.now() - told >= REPORT) {
        told = performance.now();
        this.tell("embedding", id, this.last);
      }
      await turn();
    }
  }

  tell(type, id, about) {
    const points = this.python.takeNumbers("f64");
    this.post({ type, id, ...about, points }, [points.buffer]);
  }
}
