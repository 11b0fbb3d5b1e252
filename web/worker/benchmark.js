/** The benchmark: some milliseconds of it at a time, so that it can be stopped. */

import { Task } from "./task.js";

const CHUNK = 24; // milliseconds
const REPORT = 200; // between two tables

export class Benchmark {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  start({ id }, onError) {
    const { python, post } = this;
    python.ask("start_benchmark");
    let last = null;
    const work = {
      piece: () => (last = python.ask("go_on_measuring", { milliseconds: CHUNK })),
      report: (about) => post({ type: "benchmarking", id, ...about }),
      every: REPORT,
      stop: () => last,
      finish: (about) => post({ type: "benchmarked", id, ...about }),
    };
    this.task.begin(id, work, onError);
  }
}
