/**
 * Looking inside: attention at once, the embeddings as points at once or, with t-SNE, step by step.
 */

import { Task } from "./task.js";

const CHUNK = 16; // milliseconds
const REPORT = 80; // between two pictures

export class Inside {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  attention({ id, prompt }) {
    const about = this.python.ask("attention", JSON.stringify({ prompt }));
    const weights = this.python.takeNumbers("f32");
    this.post({ type: "attention", id, ...about, weights }, [weights.buffer]);
  }

  /** A new question ends the one before. */
  embeddings({ id, method, perplexity }, onError) {
    this.task.drop();
    let last = this.python.ask("embeddings", JSON.stringify({ method, perplexity }));
    const tell = (type) => (about) => {
      const points = this.python.takeNumbers("f64");
      this.post({ type, id, ...about, points }, [points.buffer]);
    };
    const finish = tell("embedded");
    if (last.done) return finish(last);
    const work = {
      piece: () => (last = this.python.ask("place", CHUNK)),
      report: tell("embedding"),
      every: REPORT,
      stop: () => last,
      finish,
    };
    this.task.begin(id, work, onError);
  }
}
