/**
 * Other workers that share the steps of a run: started when that is worth it, told what the run
 * says, and let go of where they do not answer. No memory is shared, so the site needs no special
 * headers: gradients cross as transferred buffers.
 */

/** @import {Told} from "./worker/types.js" */
/** @import {Site} from "./protocol.js" */

import { loadPython } from "./worker/load.js";
import { Python, lastLine } from "./worker/python.js";

const SLOW = 0.03; // seconds a step from where on it may be worth it
const TRIED = 6; // steps, alone and together, by which it is decided
const WORTH = 0.9; // of the time alone that together may take
const MOST = 4;
const PATIENCE = 20; // times as long as usual, and this many seconds, until one is lost
const RETRIES = 2; // workers that are lost in a run before it goes on alone

/** @typedef {{worker: Worker, ready: boolean}} Other */

export class Helpers {
  /**
   * @param {Python} python @param {Site} site @param {WebAssembly.Module|null} module  Python's,
   *   compiled once for all
   * @param {() => Worker} create
   */
  constructor(python, site, module, create = createWorker) {
    this.python = python;
    this.load = { type: "help", site, module };
    this.create = create;
    this.wish = 0; // what the reader wants: 0 is as many as are fastest
    /** @type {Other[]} */
    this.others = [];
    this.whose = ""; // whose run they help with: that of Train, or of a "stage_"
    this.shards = 1; // of a step of it
    this.count = 1; // workers that share it, with this one
    this.lost = 0; // workers, in this run
    /** @type {{alone: number[], together: number[]}} */
    this.times = { alone: [], together: [] };
    this.decided = false;
    this.answered = false; // has somebody since the last wait?
    /** @type {() => void} */
    this.tell = () => {};
  }

  /**
   * Another run is the current one: nobody helps with it yet.
   * @param {{shards?: number}} about @param {string} [whose]
   */
  begin({ shards = 1 }, whose = "") {
    if (this.count > 1) this.ask("share", { count: 1 });
    this.tell(); // nobody waits for answers that are not wanted any more
    this.whose = whose;
    this.shards = shards;
    this.count = 1;
    this.answered = false;
    this.forget();
  }

  /** What is known of the times is of another run, or of another wish. */
  forget() {
    this.lost = 0;
    this.times = { alone: [], together: [] };
    this.decided = false;
  }

  /** @param {number} wish */
  want(wish) {
    if (wish === this.wish) return;
    this.wish = wish;
    this.forget();
  }

  /** What the run that they help with is asked. @param {string} what @param {{}} given @param {...Uint8Array} files */
  ask(what, given, ...files) {
    return this.python.ask(`${this.whose}${what}`, given, ...files);
  }

  /** How many workers shall share a step, if it is worth it. */
  get target() {
    return this.targetOf(this.shards);
  }

  /** @param {number} shards */
  targetOf(shards) {
    const { hardwareConcurrency: cores = 1 } = navigator;
    const { deviceMemory: memory = 8 } = /** @type {{deviceMemory?: number}} */ (navigator);
    const free = this.wish || (memory < 4 ? 1 : cores);
    let target = 1;
    while (target * 2 <= Math.min(free, shards, MOST)) target *= 2;
    return this.lost > RETRIES ? 1 : target;
  }

  /**
   * Hear what a step took, and start others or let go of them where that makes it faster.
   * @param {number} seconds
   */
  stepped(seconds) {
    const { target, times } = this;
    if (this.wish) return this.use(target);
    if (target === 1 || this.decided) return this.use(this.decided ? this.count : 1);
    const some = this.count > 1 ? times.together : times.alone;
    some.push(seconds);
    if (some.length < TRIED) return;
    if (this.count === 1 && typical(times.alone) < SLOW) this.decided = true;
    else if (this.count === 1) this.use(target);
    else {
      this.decided = true;
      if (typical(times.together) > WORTH * typical(times.alone)) this.use(1);
    }
  }

  /** Share the steps among so many, as soon as all are there. @param {number} count */
  use(count) {
    while (this.others.length > count - 1) this.drop(this.others[this.others.length - 1]);
    while (this.others.length < count - 1) this.start();
    const there = this.others.every(({ ready }) => ready) ? count : 1;
    if (there === this.count) return;
    this.ask("share", { count: there });
    this.count = there;
  }

  start() {
    const worker = this.create();
    const other = { worker, ready: false };
    this.others.push(other);
    worker.onmessage = ({ data }) => this.hear(other, data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.lose(other);
    };
    worker.postMessage(this.load);
  }

  /** @param {Other} other @param {Told} message */
  hear(other, message) {
    if (!this.others.includes(other)) return; // it was let go of
    if (message.type === "ready") other.ready = true;
    if (message.type === "lost") this.lose(other);
    if (message.type !== "computed") return;
    const { type, data, ...facts } = message;
    this.ask("receive", facts, data);
    this.news();
  }

  /** One does not answer: the rest of the step is worked out here, and the next ones, until another is there. @param {Other} other */
  lose(other) {
    if (!this.others.includes(other)) return;
    this.lost += 1;
    this.drop(other);
  }

  /** @param {Other} other */
  drop(other) {
    other.worker.terminate();
    this.others = this.others.filter((one) => one !== other);
    this.count = 1;
    this.ask("share", { count: 1 });
    this.news();
  }

  /** Post what others shall hear, or wait for what they answer. @param {Told} about */
  async exchangeOf(about) {
    if (about.shares.length) {
      this.answered = false;
      for (const [i, share] of about.shares.entries()) this.post(share, about[`share${i}`]);
      return;
    }
    if (this.answered) {
      this.answered = false;
      return;
    }
    const usual = Math.max(...this.times.alone, 0) * PATIENCE;
    const patience = setTimeout(
      () => [...this.others].forEach((other) => this.lose(other)),
      1000 * Math.max(usual, PATIENCE),
    );
    await new Promise((resolve) => (this.tell = () => resolve(null)));
    this.answered = false;
    clearTimeout(patience);
  }

  /** @param {Told} share @param {Uint8Array<ArrayBuffer>} bytes */
  post({ to, ...share }, bytes) {
    this.others[to - 1]?.worker.postMessage({ type: "share", share, bytes }, [bytes.buffer]);
  }

  news() {
    this.answered = true;
    this.tell();
  }
}

function createWorker() {
  return new Worker(self.location.href, { type: "module", name: "shards" });
}

/** The middle one, without the first: that one may have recorded. @param {number[]} times */
function typical(times) {
  const sorted = times.slice(1).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

// ---- the other side: a worker that helps. It runs the same script, worker.js.

/**
 * Be such a worker from here on.
 * @param {Told} given  the site, and Python compiled
 */
export async function help({ site, module }) {
  const ready = loadPython(site, () => {}, module).then((loaded) => new Python(loaded));
  self.onmessage = ({ data }) => answered(async () => answer(await ready, data));
  await answered(async () => {
    await ready;
    self.postMessage({ type: "ready" });
  });
}

/** @param {Python} python @param {Told} message */
function answer(python, message) {
  const told = python.ask("help", message.share, message.bytes);
  if (told.data) self.postMessage({ type: "computed", ...told }, { transfer: [told.data.buffer] });
}

/** @param {() => Promise<unknown>} work */
async function answered(work) {
  try {
    await work();
  } catch (error) {
    self.postMessage({ type: "lost", message: lastLine(error) });
  }
}
