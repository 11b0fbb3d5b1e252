/**
 * Keeps the current run in the browser's storage, now and then and when it stops: every run under
 * a key of its own, and each is written by one tab only.
 */

/** @import {Post, Told} from "./types.js" */
/** @import {Column} from "../state/types.js" */
/** @import {Kept} from "../storage.js" */
/** @import {Python} from "./python.js" */

import { withColumn } from "../select/history.js";
import * as storage from "../storage.js";
import { Refusal, lastLine } from "./python.js";

const EVERY = 4000; // milliseconds
const SHARE = 0.02; // of the time may go into saving

export class Autosave {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.next = performance.now() + EVERY;
    /** @type {string} */
    this.key = ""; // of the current run
    /** @type {(() => void)|null} */
    this.release = null; // gives the run back to other tabs
    /** @type {Uint8Array|null} */
    this.text = null; // the reader's own text, as long as it has not been stored
    /** @type {Kept["data"]|null} */
    this.data = null; // {kind, name, split, digest} of the current run's data
    /** @type {Column[]} */
    this.samples = []; // {step, samples} that were shown on the way
  }

  /**
   * Another run is the current one. What it learns from is in `data`; `text` where it is the
   * reader's own. `kept` is the kept run it goes on from, if it does.
   * @param {Kept["data"]|null} data @param {Uint8Array|null} text
   * @param {{key: string, samples: Column[]}|null} [kept]
   */
  async begin(data, text, kept = null) {
    this.release?.();
    this.data = data;
    this.text = text;
    this.samples = kept?.samples ?? [];
    this.release = kept && (await hold(kept.key));
    this.key = kept && this.release ? kept.key : newKey(); // where another tab has it, this is a copy
    this.release ??= await hold(this.key);
  }

  /** The run before goes on, or there is none that could be kept. */
  end() {
    this.release?.();
    this.release = this.data = null;
  }

  /** Samples are kept with their run, so that the page shows them again. @param {Column} column */
  note({ step, samples }) {
    this.samples = withColumn(this.samples, { step, samples });
  }

  due() {
    return performance.now() >= this.next;
  }

  /** @param {number} run */
  async save(run) {
    if (!this.data) return; // nothing has been trained here
    const began = performance.now();
    let step = 0;
    try {
      const { bytes: file, ...about } = this.python.ask("save");
      step = about.step;
      if (step) await this.keep(run, about, file); // before it has learned nothing there is nothing
    } catch (error) {
      this.complain(run, step, error);
    }
    const took = performance.now() - began;
    this.next = performance.now() + Math.max(EVERY, took / SHARE);
  }

  /** @param {number} run @param {Told} about @param {Uint8Array} file */
  async keep(run, about, file) {
    const { key, data, text } = this;
    const others = (await storage.list()).filter((kept) => kept.key !== key);
    if (others.length >= storage.MOST)
      return this.post({ type: "storage-full", run, oldest: others[others.length - 1] });
    const kept = { ...about, key, saved: Date.now(), bytes: file.length, data };
    await storage.put(kept, { checkpoint: file, samples: this.samples }, text);
    this.text = null;
    this.post({ type: "autosaved", run, step: about.step, key });
    this.post({ type: "kept", runs: await storage.list() });
  }

  /** @param {number} run @param {number} step @param {unknown} error */
  complain(run, step, error) {
    if (error instanceof Refusal) return; // a model without a run: there is nothing to keep
    this.post({ type: "storage", ok: false, reason: lastLine(error), run, step });
  }
}

const newKey = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;

/**
 * The right to write a kept run: a function that gives it back, or null where another tab has it.
 * @param {string} key @returns {Promise<(() => void)|null>}
 */
function hold(key) {
  const unheld = () => {}; // an old browser, or one that allows no storage: nothing will be kept
  if (!navigator.locks) return Promise.resolve(unheld);
  return new Promise((resolve) => {
    const options = { ifAvailable: true };
    navigator.locks
      .request(`microgpt-run-${key}`, options, (lock) =>
        lock ? new Promise((release) => resolve(() => release(null))) : resolve(null),
      )
      .catch(() => resolve(unheld));
  });
}
