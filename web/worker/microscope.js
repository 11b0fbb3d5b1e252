/**
 * The machine's numbers, one step that is not made, one number's story in it, and its operations as
 * a graph.
 */

/** @import {Answer, Ask, Post, Request} from "./types.js" */
/** @import {Python} from "./python.js" */

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
}
