/**
 * One step that is not made, one number's story in it, and its operations as a graph.
 */

/** @import {Answer, Ask, Post} from "./types.js" */
/** @import {Python} from "./python.js" */

const METHODS = { "one-step": "one_step", story: "weight_story", graph: "step_graph" };

export class Microscope {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
  }

  /** @param {Ask<"one-step"|"story"|"graph">} given */
  answer({ type, id, ...request }) {
    const told = this.python.ask(METHODS[type], request);
    this.post(/** @type {Answer} */ ({ type, id, ...told }));
  }
}
