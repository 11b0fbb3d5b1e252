/**
 * The machine's numbers, one step that is not made, one number's story in it, and its operations as
 * a graph.
 */

/** @import {Answer, Ask, Post, Request} from "./types.js" */
/** @import {Python} from "./python.js" */

import { pause } from "./task.js";

const QUIET = 400; // milliseconds without a question
const BREATH = 20; // between two pieces

/** @type {{[type: string]: string}} what is asked -> the method of Python */
const METHODS = {
  machine: "machine",
  "one-step": "one_step",
  story: "weight_story",
  graph: "step_graph",
};
/** @typedef {Ask<"machine"|"one-step"|"story"|"graph">} Question */

export class Microscope {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.timer = 0;
  }

  /** Whether a request is one of these. @param {Request} message @returns {message is Question} */
  takes(message) {
    return message.type in METHODS;
  }

  /** The answer, and what it took: by that the page knows how often it may ask. @param {Question} given */
  answer({ type, id, ...request }) {
    const began = performance.now();
    const told = this.python.ask(METHODS[type], request);
    const seconds = (performance.now() - began) / 1000;
    this.post(/** @type {Answer} */ ({ type, id, ...told, seconds }));
  }

  /**
   * When nobody has asked for a while, the step on a text is worked out: the first question about it
   * would take longest. What cannot be worked out is refused when it is asked for.
   * @param {string} text @param {() => boolean} isIdle
   */
  prepare(text, isIdle) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.workOut(text, isIdle).catch(() => {}), QUIET);
  }

  /** @param {string} text @param {() => boolean} isIdle */
  async workOut(text, isIdle) {
    while (isIdle() && !this.python.ask("prepare_step", { texts: [text] }).done)
      await pause(BREATH);
  }
}
