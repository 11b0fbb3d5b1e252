/**
 * Tokenizers: a text cut into tokens, merges learned some milliseconds at a time, files of them,
 * and what Python asks for before it can use one.
 */

import { Refusal } from "./python.js";
import { turn } from "./task.js";

const CHUNK = 24; // milliseconds
const REPORT = 80; // between two words on the progress

export class Tokens {
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.id = null; // the question about merges that is being answered
  }

  cut({ id, text, by, at }) {
    this.post({
      type: "cut",
      id,
      ...this.python.ask("cut_text", JSON.stringify({ text, by, at })),
    });
  }

  /** A new question ends the one before; what that has learned is not kept. */
  learn({ id, source, text, merges, pattern }, onError) {
    const before = this.id;
    this.id = null;
    this.python.ask("learn_tokens", JSON.stringify({ source, text, merges, pattern }));
    if (before !== null) this.post({ type: "refused", id: before, message: "Begun anew." });
    this.id = id;
    this.found = [];
    this.drive(id).catch((error) => {
      if (this.id === id) this.id = null;
      onError(error);
    });
  }

  /** What was learned until now is the answer. */
  halt(id) {
    if (id === null || id !== this.id) return;
    this.tell("learned", id, this.python.ask("stop_learning"));
  }

  async drive(id) {
    let told = performance.now();
    while (this.id === id) {
      const about = this.python.ask("go_on_learning", CHUNK);
      if (about.done) return this.tell("learned", id, about);
      this.found.push(...about.merges);
      if (performance.now() - told >= REPORT) {
        told = performance.now();
        this.tell("learning", id, { ...about, merges: [] });
      }
      await turn();
    }
  }

  tell(type, id, about) {
    const merges = [...this.found, ...about.merges];
    this.found = [];
    if (type === "learned") this.id = null;
    this.post({ type, id, ...about, merges });
  }

  /** GPT-2's tokenizer is two files; all others are one. */
  open({ id, files: [first, second] }) {
    const more = second ? [second.bytes, second.name] : [];
    const about = this.python.ask("open_tokenizer", first.bytes, first.name, ...more);
    this.post({ type: "tokenizer", id, ...about });
  }

  save({ id, by }) {
    const { name } = this.python.ask("save_tokenizer", by);
    const bytes = this.python.takeFile();
    this.post({ type: "file", id, name, bytes }, [bytes.buffer]);
  }

  /** Get what Python said is missing: a package, or merges of the data at hand. */
  async bring(needed) {
    if (needed === "merges") {
      while (!this.python.ask("prepare_tokenizer", CHUNK).done) await turn();
    } else if (!(await this.python.load(needed))) {
      throw new Refusal(
        `This cut needs the package ${needed}, which could not be loaded; with a connection, try again.`,
      );
    }
  }
}
