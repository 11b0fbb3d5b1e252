/**
 * Tokenizers: a text cut into tokens, merges learned some milliseconds at a time, files of them,
 * and what Python asks for before it can use one.
 */

/** @import {Ask, OnError, Post} from "./types.js" */
/** @import {Answerable, Told} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Refusal } from "./python.js";
import { Task, turn } from "./task.js";

const CHUNK = 24; // milliseconds
const REPORT = 80; // between two words on the progress

export class Tokens {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task(); // the merges that are being learned
  }

  /** @param {Ask<"cut">} given */
  cut({ id, text, by, at }) {
    const about = this.python.ask("cut_text", { text, by, at });
    this.post({ type: "cut", id, ...about });
  }

  /**
   * A new question ends the one before; what that has learned is not kept.
   * @param {Ask<"learn">} given @param {OnError} onError
   */
  learn({ id, source, text, merges, pattern }, onError) {
    const { python, post, task } = this;
    const before = task.id;
    task.drop();
    python.ask("learn_tokens", { source, text, merges, pattern });
    if (before !== null)
      post({
        type: "refused",
        id: before,
        message: "Another list of merges is being learned now.",
      });
    /** @type {unknown[]} */
    let found = []; // not yet reported
    /** @param {Told} about */
    const keep = (about) => {
      found.push(...about.merges);
      return about;
    };
    /** @param {"learning"|"learned"} type @returns {(about: Told) => void} */
    const tell = (type) => (about) => {
      post({ type, id, ...about, merges: found });
      found = [];
    };
    /** @type {Answerable} */
    const work = {
      piece: () => keep(python.ask("go_on_learning", { milliseconds: CHUNK })),
      report: tell("learning"),
      every: REPORT,
      stop: () => keep(python.ask("stop_learning")),
      finish: tell("learned"),
    };
    task.begin(id, work, onError);
  }

  /**
   * GPT-2's tokenizer is two files; all others are one.
   * @param {Ask<"open-tokenizer">} given
   */
  open({ id, files: [first, second] }) {
    const names = { name: first.name, other_name: second?.name };
    const files = second ? [first.bytes, second.bytes] : [first.bytes];
    const about = this.python.ask("open_tokenizer", names, ...files);
    this.post({ type: "tokenizer", id, ...about });
  }

  /** @param {Ask<"save-tokenizer">} given */
  save({ id, by }) {
    const { name, bytes } = this.python.ask("save_tokenizer", { by });
    this.post({ type: "file", id, name, bytes }, [bytes.buffer]);
  }

  /** Get what Python said is missing: a package, or merges of the data at hand. @param {string} needed */
  async bring(needed) {
    if (needed === "merges") {
      while (!this.python.ask("prepare_tokenizer", { milliseconds: CHUNK }).done) await turn();
    } else if (!(await this.python.load(needed))) {
      throw new Refusal(
        `This cut needs the package ${needed}, which could not be loaded; with a connection, try again.`,
      );
    }
  }
}
