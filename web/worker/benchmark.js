/** The benchmark: some milliseconds of it at a time, so that it can be stopped. */

/** @import {Ask, OnError, Post} from "./types.js" */
/** @import {Answer, Answerable, Told} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Task } from "./task.js";

const CHUNK = 24; // milliseconds
const REPORT = 200; // between two tables

export class Benchmark {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  /** @param {Ask<"benchmark">} given @param {OnError} onError */
  start({ id }, onError) {
    const { python, post } = this;
    python.ask("start_benchmark");
    /** @type {Told} */
    let last = {};
    /** @type {Answerable} */
    const work = {
      piece: () => (last = python.ask("go_on_measuring", { milliseconds: CHUNK })),
      report: (about) => post({ type: "benchmarking", id, ...about }),
      every: REPORT,
      stop: () => last,
      finish: (about) => post(/** @type {Answer} */ ({ type: "benchmarked", id, ...about })),
    };
    this.task.begin(id, work, onError);
  }
}
