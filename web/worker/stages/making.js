/**
 * The stages of the reader's own chat model: made a few milliseconds at a time, kept on the way, and
 * gone on with after a reload. One thing at a time is made, measured, checked or compared.
 */

/** @import {Answerable, Ask, LaterParts, OnError, Post, Told} from "../types.js" */
/** @import {KeptPart, PartName, Stage} from "../../state/stages-types.js" */
/** @import {Python} from "../python.js" */
/** @import {Data} from "../data.js" */
/** @import {Training} from "../training.js" */
/** @import {StagesRequest} from "../../state/stages-types.js" */

import * as kept from "./kept.js";
import { Maker } from "./maker.js";
import { Refusal, lastLine } from "../python.js";
import { Task, turn } from "../task.js";

const CHUNK = 10; // milliseconds; one row of a step takes longer
const REPORT = 100; // milliseconds between two messages about the progress
/** @type {readonly Stage[]} */
const STAGES = ["tokens", "base", "chat"];
const FILES = { tokens: "tokenizer.json", base: "base.safetensors", chat: "chat.safetensors" };
const CHAT_NAME = "your model";
const SHARDS = 4; // of a step: so many workers could share it
const PATTERNS = "regex"; // the package that knows letters of all scripts
const SHIPPED = "story-chat"; // the model that comes with the page
/** All else is done with the bytes alone. */
const NEEDS_PYTHON = new Set([
  "stages-estimate",
  "stages-make",
  "stages-text",
  "stages-talks",
  "stages-ask",
  "stages-tokens",
]);

/**
 * What the page asks of the stages. What answers is made when it is first asked.
 * @param {LaterParts & {python: Python, data: Data, training: Training}} tab @param {Post} post
 * @param {any} message @param {(error: unknown, message: {}) => void} complain
 */
export function attend(tab, post, message, complain) {
  tab.making ??= new Making(tab.python, post, tab.data, tab.training);
  return tab.making.attend(message, (error) => complain(error, message));
}

export class Making {
  /** @param {Python} python @param {Post} post @param {Data} data @param {Training} training */
  constructor(python, post, data, training) {
    this.python = python;
    this.post = post;
    this.data = data;
    this.helpers = training.helpers;
    this.task = new Task();
    /** @type {{[name: string]: KeptPart}} */
    this.parts = {}; // what is kept, and what could not be
    /** @type {Promise<void>|null} */
    this.looked = null; // what is kept is read
    /** @type {Promise<void>|null} */
    this.given = null; // and Python has it
    this.shipped = false; // whether Python has the model that comes with the page
    /** @type {(() => void)|null} */
    this.release = null; // gives the right to write back to other tabs
    /** @type {Promise<void>} */
    this.saving = Promise.resolve();
    /** @type {Maker|null} */
    this.maker = null; // of the stage that is being made
  }

  /** @param {StagesRequest} message @param {OnError} onError */
  async attend(message, onError) {
    await this.look();
    if (NEEDS_PYTHON.has(message.type)) await this.give();
    switch (message.type) {
      case "stages-estimate":
        return this.estimate(message, onError);
      case "stages-make":
        return this.make(message, onError);
      case "stages-take":
        return this.take(message);
      case "stages-text":
        return this.text(message);
      case "stages-talks":
        return this.talks(message);
      case "stages-ask":
        return this.compare(message, onError);
      case "stages-file":
        return this.file(message);
      case "stages-use":
        return this.use(message);
      case "stages-tokens":
        return this.tokens(message);
      case "stages-forget":
        return this.forget(message);
    }
  }

  // ---- what is kept

  /** What an earlier visit has left. */
  look() {
    this.looked ??= this.readAll();
    return this.looked;
  }

  async readAll() {
    await kept.readAll().then(
      (parts) => (this.parts = parts),
      (error) => this.complain(error),
    );
    const parts = Object.fromEntries(
      Object.entries(this.parts).map(([name, { about }]) => [name, about]),
    );
    this.post({ type: "stages-kept", parts });
  }

  /**
   * Python gets it when the reader does something with it: what it needs for that is not fetched
   * before.
   */
  give() {
    this.given ??= this.giveAll().catch((error) => {
      this.given = null; // as without a connection: another time it may work
      throw error;
    });
    return this.given;
  }

  async giveAll() {
    for (const stage of STAGES)
      if (this.parts[stage]) this.python.ask("stage_put", { stage }, this.parts[stage].bytes);
    const { text, talks } = this.parts;
    this.python.ask(
      "stage_text",
      { name: text?.about.name ?? null, encoding: text?.about.encoding },
      text?.bytes ?? (await this.stories()),
    );
    if (talks) await this.check(talks.about.name, talks.bytes);
  }

  /** @param {PartName} name @param {KeptPart|null} part */
  async keep(name, part) {
    if (part) this.parts[name] = part;
    else delete this.parts[name];
    this.saving = this.saving.then(() => kept.put(name, part)).catch((e) => this.complain(e));
    await this.saving;
  }

  stories() {
    return this.data.builtIn("stories");
  }

  /** @param {unknown} error */
  complain(error) {
    this.post({ type: "stages-storage", reason: lastLine(error) });
  }

  // ---- what they learn from

  /** @param {Ask<"stages-text">} given */
  async text({ id, name, bytes, encoding }) {
    this.alone();
    const about = this.python.ask(
      "stage_text",
      { name, encoding },
      bytes ?? (await this.stories()),
    );
    const part = bytes && { about: { ...about, name, encoding }, bytes: own(bytes) };
    await this.keep("text", part ?? null);
    this.post({ type: "stages-text", id, name, characters: about.characters });
  }

  /** @param {Ask<"stages-talks">} given */
  async talks({ id, name, bytes }) {
    const found = await this.check(name, bytes);
    const taken = bytes && found.talks && !found.wrong.length;
    if (taken) await this.keep("talks", { about: { ...found, name }, bytes: own(bytes) });
    else if (!bytes) await this.keep("talks", null);
    this.post({ type: "stages-checked", id, ...found, name });
  }

  /** One thing at a time: what is being made must not be broken off by another wish. */
  alone() {
    if (this.maker) throw new Refusal("A stage is being made; pause it first.");
    this.task.drop();
  }

  /** @param {string|null} name @param {Uint8Array} [bytes] @returns {Promise<Told>} */
  async check(name, bytes) {
    this.alone();
    if (bytes) this.python.ask("stage_talks", { name }, bytes);
    else this.python.ask("stage_talks");
    for (;;) {
      const found = this.python.ask("stage_go_on", { milliseconds: CHUNK });
      const { done, talks, wrong, more, shown = [] } = found;
      if (done) return { talks, wrong, more, shown };
      await turn();
    }
  }

  // ---- long work

  /** @param {Ask<"stages-estimate">} given @param {OnError} onError */
  async estimate({ id, stages, start, vocab, steps, mix }, onError) {
    this.alone();
    await this.bring(start);
    await this.python.load(PATTERNS).catch(() => false);
    const workers = this.helpers?.targetOf(SHARDS) ?? 1;
    this.python.ask("stage_estimate", { stages, start, vocab, steps, mix, workers });
    /** @type {Answerable} */
    const work = {
      piece: () => this.python.ask("stage_go_on", { milliseconds: CHUNK }),
      report: () => {},
      every: Infinity,
      stop: () => ({ seconds: {} }),
      finish: ({ seconds }) => this.post({ type: "stages-estimated", id, seconds }),
    };
    this.task.begin(id, work, onError);
  }

  /** @param {Ask<"stages-make">} given @param {OnError} onError */
  async make({ id, wish, goOn }, onError) {
    this.alone();
    await this.hold();
    const state = goOn ? this.parts.making : undefined;
    const partly = Boolean(state?.bytes.length);
    const maker = new Maker(this, id, wish, partly ? state?.about.seconds : 0);
    // From here on a reload finds that something was being made.
    if (!partly) await this.keep("making", { about: maker.about({}), bytes: new Uint8Array() });
    try {
      await this.bring(wish.start);
      await this.python.load(PATTERNS).catch(() => false);
      const { all, options, ...asked } = wish;
      this.python.ask("stage_make", asked, ...(state && partly ? [state.bytes] : []));
    } catch (error) {
      if (!goOn) await this.keep("making", null);
      throw error;
    }
    this.maker = maker;
    this.task.begin(id, maker.work(), (error) => {
      this.letGo();
      onError(error);
    });
  }

  /** Train goes on: what is being made here is kept, and waits. */
  pause() {
    if (this.maker) this.task.halt(this.maker.id);
  }

  /** A training ends here: as it is, the stage is made. @param {Ask<"stages-take">} given */
  take({ of }) {
    if (this.maker?.id !== of) return;
    this.maker.taking = true;
    this.task.halt(of);
  }

  /** @param {Ask<"stages-ask">} given @param {OnError} onError */
  async compare({ id, question, sides }, onError) {
    const { python, post } = this;
    this.alone();
    if (sides.some(({ model }) => model === "shipped")) await this.bring("shipped");
    const asked = sides.map(({ model, tool }) => ({ model, tool }));
    python.ask("stage_compare", { question, sides: asked });
    /** @type {[string, string][][]} */
    let said = sides.map(() => []);
    /** @param {boolean} done */
    const tell = (done) => () => {
      post({ type: done ? "stages-answered" : "stages-said", id, said });
      said = sides.map(() => []);
    };
    /** @type {Answerable} */
    const work = {
      piece: () => {
        const about = python.ask("stage_go_on", { milliseconds: CHUNK });
        about.said.forEach((/** @type {[string, string][]} */ each, /** @type {number} */ i) =>
          said[i].push(...each),
        );
        return about;
      },
      report: tell(false),
      every: REPORT,
      stop: () => ({}),
      finish: tell(true),
    };
    this.task.begin(id, work, onError);
  }

  /** The model that comes with the page, where it is needed. @param {string} [start] */
  async bring(start) {
    if (start !== "shipped" || this.shipped) return;
    const bytes = await this.data.builtIn(SHIPPED);
    this.python.ask("stage_put", { stage: "shipped" }, bytes);
    this.shipped = true;
  }

  // ---- what is made

  /** @param {Ask<"stages-file">} given */
  file({ id, stage }) {
    const { bytes } = this.needed(stage);
    this.post({ type: "file", id, name: FILES[stage], bytes: bytes.slice() });
  }

  /** @param {Ask<"stages-use">} given */
  async use({ stage }) {
    const mine = stage === "chat";
    const bytes = mine ? this.needed(stage).bytes.slice() : own(await this.data.builtIn(SHIPPED));
    this.post({ type: "chat-model", name: mine ? CHAT_NAME : SHIPPED, bytes });
  }

  /** The tokens as the view Tokens shows them: the reader's, or those of the other model. @param {Ask<"stages-tokens">} given */
  async tokens({ id }) {
    const mine = this.parts.tokens;
    if (!mine) await this.bring("shipped");
    const { bytes } = mine ?? this.python.ask("stage_tokenizer", { stage: "shipped" });
    const about = this.python.ask("open_tokenizer", { name: mine ? CHAT_NAME : SHIPPED }, bytes);
    this.post({ type: "tokenizer", id, ...about });
  }

  /** @param {Stage} stage */
  needed(stage) {
    const part = this.parts[stage];
    if (!part) throw new Refusal("This stage is not made yet.");
    return part;
  }

  /** @param {Ask<"stages-forget">} given */
  forget({ stage }) {
    return this.keep(stage, null);
  }

  /** Only one tab makes a model: what the other kept would be lost. */
  async hold() {
    this.release ??= await kept.lock();
    if (!this.release)
      throw new Refusal("Another tab is making a model; stop it there, or wait until it is done.");
  }

  /** The stage is made, stopped or refused: another tab may make one. */
  letGo() {
    this.release?.();
    this.release = this.maker = null;
  }
}

/** @param {Uint8Array} bytes */
const own = (bytes) => /** @type {Uint8Array<ArrayBuffer>} */ (bytes);
