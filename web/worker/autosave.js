/**
 * Keeps the current run in the browser's storage, now and then and when it stops.
 */

import * as storage from "../storage.js";
import { Refusal, lastLine } from "./python.js";

const EVERY = 4000; // milliseconds
const SHARE = 0.02; // of the time may go into saving

export class Autosave {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.next = performance.now() + EVERY;
    this.text = null; // the reader's own text, as long as it has not been stored
    this.data = null; // {kind, name, split, digest} of the current run's data
  }

  /** What the current run learns from; `text` where it is the reader's own and not yet stored. */
  begin(data, text) {
    this.data = data;
    this.text = text;
  }

  due() {
    return performance.now() >= this.next;
  }

  async save(run) {
    if (!this.data) return; // nothing has been trained here
    const began = performance.now();
    let step = 0;
    try {
      const { bytes: file, ...about } = this.python.ask("save");
      step = about.step;
      if (!step) return; // nothing learned yet: leave what is kept
      const kept = { ...about, saved: Date.now(), bytes: file.length, data: this.data };
      await storage.put(kept, file, this.text);
      this.text = null;
      this.post({ type: "autosaved", run, step });
    } catch (error) {
      this.complain(run, step, error);
    }
    const took = performance.now() - began;
    this.next = performance.now() + Math.max(EVERY, took / SHARE);
  }

  complain(run, step, error) {
    if (error instanceof Refusal) return; // a model without a run: there is nothing to keep
    this.post({ type: "storage", ok: false, reason: lastLine(error), run, step });
  }
}
