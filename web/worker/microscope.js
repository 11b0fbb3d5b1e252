/**
 * Inside the model: the machine's numbers, parts switched off or patched, one step that is not made,
 * one number's story in it. Answered at once, or in pieces where it can take its time.
 */

/** @import {Answer, Answerable, Ask, OnError, Post, Request, Told} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Task, pause } from "./task.js";

const CHUNK = 24; // milliseconds of long work
const REPORT = 150; // between two pictures of it
const QUIET = 400; // milliseconds without a question
const BREATH = 20; // between two pieces that nobody has asked for

/** @type {{[type: string]: [string, string]}} what is asked -> the method of Python, the answer */
const AT_ONCE = {
  machine: ["machine", "machine"],
  "one-step": ["one_step", "one-step"],
  story: ["weight_story", "story"],
  graph: ["step_graph", "graph"],
  intervene: ["intervene", "intervened"],
  lens: ["lens", "lens"],
};
/** @type {{[type: string]: string}} the same for what goes on until it says that it is done */
const IN_PIECES = { without: "start_without", neuron: "start_neuron", heads: "start_heads" };

/** @typedef {Ask<"machine"|"one-step"|"story"|"graph"|"intervene"|"lens"|"without"|
 *   "neuron"|"heads">} Question */

export class Microscope {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
    this.timer = 0;
  }

  /** Whether a request is one of these. @param {Request} message @returns {message is Question} */
  takes(message) {
    return message.type in AT_ONCE || message.type in IN_PIECES;
  }

  /**
   * The answer, and what it took: by that the page knows how often it may ask.
   * @param {Question} given @param {OnError} onError
   */
  answer({ type, id, ...request }, onError) {
    if (type in IN_PIECES) return this.begin(type, id, request, onError);
    const began = performance.now();
    const [method, answer] = AT_ONCE[type];
    const told = this.python.ask(method, request);
    const seconds = (performance.now() - began) / 1000;
    this.post(/** @type {Answer} */ ({ type: answer, id, ...told, seconds }));
  }

  /**
   * Long work: a new question ends the one before.
   * @param {string} kind @param {number} id @param {object} request @param {OnError} onError
   */
  begin(kind, id, request, onError) {
    this.task.drop();
    let last = this.python.ask(IN_PIECES[kind], request);
    /** @param {string} type @returns {(about: Told) => void} */
    const tell = (type) => (about) => this.post(/** @type {Answer} */ ({ type, id, ...about }));
    /** @type {Answerable} */
    const work = {
      piece: () => (last = this.python.ask("go_on_looking", { milliseconds: CHUNK })),
      report: tell(`${kind}-part`),
      every: REPORT,
      stop: () => last,
      finish: tell(kind),
    };
    this.task.begin(id, work, onError);
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
