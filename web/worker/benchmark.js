/** The benchmark: some milliseconds of it at a time, so that it can be stopped. */

import { turn } from "./task.js";

const CHUNK = 24; // milliseconds
const REPORT = 200; // between two tables

export class Benchmark {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.id = null; // the question that is being answered
  }

  start({ id }, onError) {
    this.python.ask("start_benchmark", "{}");
    this.id = id;
    this.drive(id).catch((error) => {
      if (this.id === id) this.id = null;
      onError(error);
    });
  }

  /** What was measured until now is the answer. */
  halt(id) {
    if (id === null || id !== this.id) return;
    this.id = null;
    this.post({ type: "benchmarked", id, ...this.last, ended: true });
  }

  async drive(id) {
    let told = performance.now();
    while (this.id === id) {
      this.last = this.python.ask("benchmark", CHUNK);
      if (this.last.done) {
        this.id = null;
        return this.post({ type: "benchmarked", id, ...this.last, ended: true });
      }
      if (performance.now() - told >= REPORT) {
        told = performance.now();
        this.post({ type: "benchmarked", id, ...this.last, ended: false });
      }
      await turn();
    }
  }
}
