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
const HOMELESS = 3; // runs without room that are held until there is some

/** @typedef {{run: number, kept: Kept, model: {checkpoint: Uint8Array, samples: Column[]}, text: Uint8Array|null}} Homeless */

export class Autosave {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    /** @type {Pick<typeof storage, "list"|"put"|"MOST">} */
    this.storage = storage;
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
    /** @type {Homeless[]} */
    this.homeless = []; // runs that found no room, the newest first
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
    const { key, data, text, samples } = this;
    const kept = /** @type {Kept} */ ({
      ...about,
      key,
      saved: Date.now(),
      bytes: file.length,
      data,
    });
    const stored = await this.put({ run, kept, model: { checkpoint: file, samples }, text });
    if (stored && this.key === key) this.text = null;
  }

  /** Whether there was room; where there was none the run is held. @param {Homeless} one */
  async put(one) {
    const { run, kept, model, text } = one;
    this.homeless = this.homeless.filter((each) => each.kept.key !== kept.key);
    const others = (await this.storage.list()).filter(({ key }) => key !== kept.key);
    if (others.length >= this.storage.MOST) {
      this.homeless = [one, ...this.homeless].slice(0, HOMELESS);
      this.post({ type: "storage-full", run, oldest: others[others.length - 1] });
      return false;
    }
    await this.storage.put(kept, model, text);
    this.post({ type: "autosaved", run, step: kept.step, key: kept.key });
    this.post({ type: "kept", runs: await this.storage.list() });
    return true;
  }

  /** There is room again: the last run that found none has it. */
  async house() {
    const [one] = this.homeless;
    if (one && (await this.put(one)) && one.kept.key === this.key) this.text = null;
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
