/**
 * Drives the training: some milliseconds of steps, then a turn for the messages that wait.
 */

/** @import {OnError, Post, Told} from "./types.js" */
/** @import {Autosave} from "./autosave.js" */
/** @import {Helpers} from "../helpers.js" */
/** @import {Python} from "./python.js" */

import { lastLine } from "./python.js";
import { drive, pause } from "./task.js";

const CHUNK = 24; // milliseconds; the longest a message waits, but for one slow step
const REPORT = 60; // milliseconds between two messages about the progress
const LONGEST_SLEEP = 20;

export class Training {
  /**
   * @param {Python} python @param {Post} post @param {Autosave} autosave
   * @param {Helpers|null} [helpers]
   */
  constructor(python, post, autosave, helpers = null) {
    this.helpers = helpers;
    this.python = python;
    this.post = post;
    this.autosave = autosave;
    this.run = 0; // the page's number of the current run
    this.step = 0;
    /** @type {{shards?: number}} */
    this.about = {}; // the current run
    this.fresh = true; // has it rested?
    this.seconds = 0; // that its steps have taken
    /** @type {"pause"|"finish"|null} */
    this.wish = null; // "pause" or "finish" while the loop is on, else null
    this.driving = false; // whether the loop is on
    this.idle = false; // whether the last chunk came as far as it may for now
    /** @type {Promise<void>|null} */
    this.loop = null; // the promise of the loop, which ends a little later, when all is saved
    /** @type {Told} */
    this.last = {}; // what Python last said of the position
    /** @type {Float64Array[]} */
    this.losses = []; // those that the page has not been told
    this.pace = 0;
    this.until = 0;
    this.paceFrom = { time: 0, step: 0 };
  }

  /**
   * A new current run; the loop of the one before has to be over.
   * @param {number} run @param {number} step @param {{shards?: number}} [about]
   */
  begin(run, step, about = {}) {
    this.about = about;
    this.helpers?.begin(about);
    this.run = run;
    this.step = step;
    this.last = {};
    this.losses = [];
  }

  /** @param {number} stepsPerSecond @param {number} [workers] */
  setPace(stepsPerSecond, workers = 0) {
    this.helpers?.want(workers);
    this.pace = Math.max(0, Number(stepsPerSecond) || 0);
    this.restartPace();
  }

  restartPace() {
    this.paceFrom = { time: performance.now(), step: this.step };
  }

  /**
   * Start or go on; `until` of a run that is on already replaces its target.
   * @param {number} until @param {OnError} onError
   */
  train(until, onError) {
    this.until = until;
    this.wish = null;
    if (this.driving) return;
    this.driving = true;
    const before = this.loop; // it may still be saving
    this.loop = (async () => {
      await before;
      await this.drive();
    })().catch((error) => this.fail(error, onError));
  }

  /**
   * The loop broke off. The page must not wait for more; what has been learned is still there.
   * @param {unknown} error @param {OnError} onError
   */
  fail(error, onError) {
    onError(error);
    const { run, step } = this;
    this.post({ type: "stopped", run, step, reason: "paused", message: lastLine(error) });
  }

  /** Stop soon, as "pause" or "finish"; resolves when the loop has said `stopped`. @param {"pause"|"finish"} wish */
  async stop(wish) {
    if (!this.driving) return this.end(wish === "finish" ? "stopped" : "paused");
    this.wish = wish;
    this.helpers?.news(); // what others work out meanwhile is still heard
    return this.loop;
  }

  /** Make room for another run: when this resolves, nothing goes on and nothing is being saved. */
  async clear() {
    if (this.driving) this.wish = "pause";
    await this.loop;
  }

  async drive() {
    const rate = new Rate();
    this.restartPace();
    this.fresh = true;
    if (this.helpers?.whose) this.helpers.begin(this.about); // a stage was made meanwhile
    let about;
    try {
      about = await this.chunks(rate);
    } finally {
      this.driving = false; // from here on a `train` starts a new loop
    }
    const { wish } = this;
    this.wish = null;
    if (wish) await this.end(wish === "finish" ? "stopped" : "paused", rate);
    else if (about) await this.end(REASONS[about.state], rate, about.message);
  }

  /** Chunk after chunk; resolves with the last one, or with null where a wish has ended it. @param {Rate} rate */
  async chunks(rate) {
    const last = await drive({
      goesOn: () => !this.wish,
      piece: () => this.chunk(),
      report: (about) => this.report(about, rate),
      every: REPORT,
    });
    if (last) this.report(last, rate);
    return last;
  }

  /** Some milliseconds of steps; null where nothing was to be done yet. */
  async chunk() {
    if (this.autosave.due()) await this.autosave.save(this.run);
    if (this.wish) return null;
    const target = this.target();
    // Waiting for the next step of the pace; but not where `until` has been moved to before us.
    const early = target <= this.step && this.step < this.until;
    if (this.idle && early) {
      await pause(this.sleep());
      return null;
    }
    const { fresh } = this;
    const request = { milliseconds: CHUNK, until: target, end: this.until, fresh };
    const about = this.python.ask("advance", request);
    this.fresh = false;
    this.losses.push(...about.losses);
    this.last = about;
    this.helped(about);
    this.step = about.step;
    if (about.state === "waiting") await this.helpers?.exchangeOf(about);
    this.idle = !["going", "waiting"].includes(about.state);
    const ahead = about.state === "reached" && this.step < this.until;
    const done = this.idle && !ahead;
    return { ...about, done, urgent: about.events.length > 0 };
  }

  /** Others may help with slow steps. @param {Told} about */
  helped({ step, seconds }) {
    const made = step - this.step;
    if (made > 0) this.helpers?.stepped((seconds - this.seconds) / made);
    this.seconds = seconds;
  }

  /** @param {"paused"|"stopped"|"done"|"diverged"} reason @param {Rate} [rate] @param {string|null} [message] */
  async end(reason, rate = new Rate(), message = null) {
    this.reportLosses(rate);
    const { run, step } = this;
    const outcome = this.python.ask("outcome");
    this.post({ type: "stopped", run, step, reason, outcome, ...(message && { message }) });
    await this.autosave.save(run);
  }

  /** @param {Told} about @param {Rate} rate */
  report(about, rate) {
    this.reportLosses(rate);
    for (const event of about.events) {
      if (event.type === "samples") this.autosave.note(event);
      this.post({ run: this.run, ...event });
    }
  }

  /** @param {Rate} rate */
  reportLosses(rate) {
    const losses = Float64Array.from(this.losses);
    this.losses = [];
    if (!losses.length) return;
    const { run } = this;
    const { step, tokens, lr, seconds, watching } = this.last;
    const position = { step, tokens, lr, seconds, watching, ...rate.of(this.last) };
    const workers = this.helpers?.count ?? 1;
    const exchange = workers > 1 ? this.last.exchange : null;
    const message = { type: /** @type {const} */ ("progress"), run, losses, ...position };
    const { memory } = this.python;
    this.post({ ...message, memory, workers, exchange }, [losses.buffer]);
  }

  /** The step the pace lets us reach by now. */
  target() {
    if (!this.pace) return this.until;
    const { time, step } = this.paceFrom;
    const steps = Math.floor(((performance.now() - time) * this.pace) / 1000);
    return Math.min(this.until, step + steps);
  }

  sleep() {
    const { time, step } = this.paceFrom;
    const next = time + ((this.step + 1 - step) * 1000) / this.pace;
    return Math.max(1, Math.min(LONGEST_SLEEP, next - performance.now()));
  }
}

/** @type {{[state: string]: "paused"|"done"|"diverged"}} */
const REASONS = { done: "done", reached: "paused", diverged: "diverged" };

/** Steps and tokens a second, by the clock, over the last second or so. */
class Rate {
  constructor() {
    /** @type {{now: number, step: number, tokens: number}[]} */
    this.marks = [];
  }

  /** @param {{step: number, tokens: number}} given */
  of({ step, tokens }) {
    const now = performance.now();
    this.marks.push({ now, step, tokens });
    while (this.marks.length > 2 && now - this.marks[1].now > 1000) this.marks.shift();
    const first = this.marks[0];
    const seconds = (now - first.now) / 1000;
    return {
      stepsPerSecond: seconds ? (step - first.step) / seconds : 0,
      tokensPerSecond: seconds ? (tokens - first.tokens) / seconds : 0,
    };
  }
}
