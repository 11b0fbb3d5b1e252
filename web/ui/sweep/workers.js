// The workers of a sweep: each has a Python of its own, and trains one run after the other.
/** @import {Answer, CreateEffects, Request, Site, State, SweepNews, Trial, WithSweep} from "../../state/types.js" */
import { forWorker } from "../../settings/address.js";

const MOST = 4;
const RETRIES = 2; // workers that are lost before no more are started
const REPORT = 250; // milliseconds between two messages about a run's progress

/** @typedef {{worker: Worker, at: number|null, told: number}} One  `at`: the run it trains */
/**
 * @typedef {object} Given
 * @property {Site} site
 * @property {State["data"]} data
 * @property {Trial[]} trials
 * @property {(trial: number, news: SweepNews) => void} tell
 * @property {number} count how many at a time
 * @property {() => Worker} [create]
 */

export class Workers {
  /** @param {Given} given */
  constructor({ site, data, trials, tell, count, create = createWorker }) {
    this.site = site;
    this.data = data;
    this.trials = trials;
    this.tell = tell;
    this.create = create;
    this.waiting = trials.map((_, at) => at);
    /** @type {number[]} */
    this.tries = trials.map(() => 0);
    /** @type {One[]} */
    this.all = [];
    this.lost = 0;
    while (this.all.length < Math.min(count, trials.length)) this.start();
  }

  start() {
    /** @type {One} */
    const one = { worker: this.create(), at: null, told: 0 };
    this.all.push(one);
    one.worker.onmessage = ({ data }) => this.all.includes(one) && this.hear(one, data);
    one.worker.onerror = (event) => {
      event.preventDefault?.();
      this.lose(one, event.message ?? "");
    };
    this.ask(one, { type: "load", site: this.site, trial: true });
  }

  /** @param {One} one @param {Request} message */
  ask({ worker }, message) {
    worker.postMessage(message);
  }

  /** @param {One} one @param {Answer} message */
  hear(one, message) {
    const { at } = one;
    switch (message.type) {
      case "ready":
        return this.askForData(one);
      case "data":
        if (message.digest !== this.data.digest)
          return this.refuse("The data could not be had again.");
        return this.next(one);
      case "progress":
        if (at === null || performance.now() - one.told < REPORT) return;
        one.told = performance.now();
        return this.tell(at, { step: message.step });
      case "evaluation":
        if (at === null || message.loss === null) return;
        return this.tell(at, { point: { step: message.step, loss: message.loss } });
      case "stopped":
        return this.end(one, {
          how: message.reason === "diverged" ? "diverged" : "done",
          step: message.step,
        });
      case "refused":
        if (at === null) return this.refuse(message.message);
        return this.end(one, { how: "failed", why: message.message });
      case "crashed":
        return this.lose(one, message.message);
      case "failed":
        return this.lose(one, message.reason);
    }
  }

  /** @param {One} one */
  askForData(one) {
    const { kind, name, split, bytes, readAs: encoding } = this.data;
    const own = { ...(bytes && { bytes }), ...(encoding && { encoding }) };
    this.ask(one, { type: "data", id: 1, kind, name, split, ...own });
  }

  /** @param {One} one @param {SweepNews} news */
  end(one, news) {
    if (one.at !== null) this.tell(one.at, news);
    this.next(one);
  }

  /** @param {One} one */
  next(one) {
    const at = this.waiting.shift();
    one.at = at ?? null;
    if (at === undefined) return this.drop(one);
    const settings = forWorker(this.trials[at].settings);
    const run = at + 1;
    this.tries[at] += 1;
    this.tell(at, { how: "training", step: 0 });
    this.ask(one, { type: "pace", stepsPerSecond: 0, workers: 1 });
    this.ask(one, { type: "new", run, settings });
    this.ask(one, { type: "train", run, until: settings.steps });
  }

  /** Its run begins again with another worker, once. @param {One} one @param {string} why */
  lose(one, why) {
    const { at } = one;
    this.drop(one);
    this.lost += 1;
    if (at !== null && this.tries[at] > 1)
      this.tell(at, { how: "failed", why: why || "Its Python stopped without a word." });
    else if (at !== null) {
      this.waiting.unshift(at);
      this.tell(at, { how: "waiting", step: 0 });
    }
    if (!this.waiting.length) return;
    if (this.lost <= RETRIES) this.start();
    else if (!this.all.length) this.refuse(why || "No Python could be started.");
  }

  /** None of those that wait can be trained. @param {string} why */
  refuse(why) {
    for (const at of this.waiting) this.tell(at, { how: "failed", why });
    this.waiting = [];
    for (const one of this.all.filter(({ at }) => at === null)) this.drop(one);
  }

  /** @param {One} one */
  drop(one) {
    one.worker.terminate();
    this.all = this.all.filter((each) => each !== one);
  }

  stop() {
    this.waiting = [];
    for (const one of this.all) this.drop(one);
  }
}

const createWorker = () => new Worker("worker.js", { type: "module", name: "trial" });

/** How many at a time: each Python takes a processor and some hundred megabytes. @param {State} state */
function countFor({ run }) {
  const { hardwareConcurrency: cores = 1 } = navigator;
  const { deviceMemory: memory = 8 } = /** @type {{deviceMemory?: number}} */ (navigator);
  const free = memory < 4 ? 1 : cores - Number(run?.status === "running");
  return Math.max(1, Math.min(MOST, free));
}

/** @type {CreateEffects} */
export function createEffects({ send, site }) {
  /** @type {Workers|null} */
  let workers = null;
  /** @param {State} state */
  const ours = (state) => /** @type {WithSweep} */ (state).sweep;
  return (before, state) => {
    const { round, busy, trials } = ours(state);
    const was = ours(before);
    if (was?.busy && !busy) workers?.stop();
    if (round === was?.round || !busy) return;
    /** @param {number} trial @param {SweepNews} news */
    const tell = (trial, news) => send({ type: "sweep-news", round, trial, ...news });
    // Later: no action is sent while another one is being heard.
    queueMicrotask(() => {
      workers = new Workers({ site, data: state.data, trials, tell, count: countFor(state) });
    });
  };
}
