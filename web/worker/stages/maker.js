/**
 * One stage that is being made: told of, kept now and then, and kept where it is stopped.
 */

/** @import {Answerable, Told} from "../types.js" */
/** @import {About, MakeWish} from "../../state/stages-types.js" */
/** @import {Making} from "./making.js" */

const CHUNK = 10; // milliseconds; one row of a step takes longer
const REPORT = 100; // milliseconds between two messages about the progress
const SAVE_EVERY = 5000; // milliseconds
const SHARE = 0.03; // of the time may go into saving

export class Maker {
  /** @param {Making} making @param {number} id @param {MakeWish} wish @param {number} before */
  constructor(making, id, wish, before) {
    this.making = making;
    this.id = id;
    this.wish = wish;
    this.before = before; // seconds
    this.began = performance.now();
    this.saveAt = this.began + SAVE_EVERY;
    /** @type {Told[]} */
    this.events = [];
    /** @type {number[]} */
    this.losses = [];
    this.step = 0; // how far Python has last said it is,
    this.spent = 0; // and how many seconds its steps took
    this.taking = false; // whether it is made where it is stopped
  }

  /** @returns {Answerable} */
  work() {
    return {
      piece: () => this.piece(),
      report: (facts) => this.report(facts),
      every: REPORT,
      stop: () => this.save(),
      finish: (facts) => this.finish(facts),
    };
  }

  get seconds() {
    return this.before + (performance.now() - this.began) / 1000;
  }

  async piece() {
    const { python, helpers } = this.making;
    const facts = python.ask("stage_go_on", { milliseconds: CHUNK });
    if (facts.begun)
      this.begin(facts); // with the losses of before
    else {
      if (facts.phase === "training") this.helped(facts);
      this.losses.push(...(facts.losses ?? []));
    }
    this.events.push(...(facts.events ?? []));
    if (facts.state === "waiting") await helpers?.exchangeOf(facts);
    if (facts.phase === "training" && performance.now() >= this.saveAt) {
      const began = performance.now();
      await this.keep(this.save());
      const took = performance.now() - began;
      this.saveAt = performance.now() + Math.max(SAVE_EVERY, took / SHARE);
    }
    return { ...facts, urgent: this.events.length > 0 };
  }

  /** Others may help with slow steps. @param {Told} facts */
  helped({ step, seconds }) {
    const made = step - this.step;
    if (made > 0) this.making.helpers?.stepped((seconds - this.spent) / made);
    this.step = step;
    this.spent = seconds;
  }

  /** @param {Told} facts */
  begin(facts) {
    const { id, wish, making } = this;
    making.helpers?.begin(facts, "stage_");
    this.step = facts.step;
    making.post({ type: "stages-begun", id, stage: wish.stage, about: this.about(facts) });
  }

  /** @param {Told} facts */
  report({ phase, share, step, steps }) {
    const { events, id, seconds } = this;
    const losses = Float64Array.from(this.losses);
    this.events = [];
    this.losses = [];
    this.making.post({
      type: "stages-news",
      id,
      phase,
      share,
      step,
      steps,
      events,
      losses,
      seconds,
    });
  }

  /** The stage as it is now; its bytes are empty while it has not begun. @returns {Told} */
  save() {
    return { ...this.making.python.ask("stage_save"), paused: true };
  }

  /** @param {Told} facts @returns {About} */
  about({ bytes, stage, paused, ...facts }) {
    return { ...facts, seconds: this.seconds, wish: this.wish };
  }

  /** @param {Told} facts what `save` has found */
  async keep(facts) {
    const about = this.about(facts);
    const bytes = this.wish.stage === "tokens" ? new Uint8Array() : facts.bytes;
    await this.making.keep("making", { about, bytes });
    this.making.post({ type: "stages-saved", about });
    return about;
  }

  /** It is done, or stopped where it is. @param {Told} facts */
  async finish(facts) {
    const { making, id, wish } = this;
    const { stage } = wish;
    if (facts.paused && !(this.taking && facts.step)) {
      const about = await this.keep(facts);
      making.letGo();
      return making.post({ type: "stages-paused", id, about });
    }
    if (!facts.paused) this.report(facts);
    const { phase, share, events, done, losses, paused, ...known } = facts;
    const { bytes, ...saved } = making.python.ask("stage_save");
    const about = this.about({ ...known, ...saved });
    await making.keep(stage, { about, bytes });
    await making.keep("making", null);
    making.letGo();
    making.post({ type: "stages-made", id, stage, about });
  }
}
