/**
 * Parts of the model switched off or patched, early guesses, neurons, and what heads do: at once,
 * or in pieces where it can take its time.
 */

/** @import {Answer, Ask, OnError, Post, Request} from "./types.js" */
/** @import {Answerable, Told} from "./types.js" */
/** @import {Python} from "./python.js" */

import { Task } from "./task.js";

const CHUNK = 24; // milliseconds
const REPORT = 150; // between two pictures

/** @type {{[type: string]: [string, Answer["type"]]}} what is asked -> Python's method, the answer */
const AT_ONCE = {
  intervene: ["intervene", "intervened"],
  lens: ["lens", "lens"],
  "judge-heads": ["judge_heads", "heads-judged"],
};
/** @type {{[type: string]: string}} */
const IN_PIECES = { without: "start_without", neuron: "start_neuron" };

/** @typedef {Ask<"intervene"|"lens"|"judge-heads"|"without"|"neuron">} Question */

export class Parts {
  /** @param {Python} python @param {Post} post */
  constructor(python, post) {
    this.python = python;
    this.post = post;
    this.task = new Task();
  }

  /** Whether a request is one of these. @param {Request} message @returns {message is Question} */
  takes(message) {
    return message.type in AT_ONCE || message.type in IN_PIECES;
  }

  /** @param {Question} given @param {OnError} onError */
  answer(given, onError) {
    const { type, id, ...request } = given;
    if (type in IN_PIECES) return this.begin(type, id, request, onError);
    const [method, answer] = AT_ONCE[type];
    const told = this.python.ask(method, request);
    this.post(/** @type {Answer} */ ({ type: answer, id, ...told }));
  }

  /**
   * A new question ends the one before.
   * @param {string} type @param {number} id @param {object} request @param {OnError} onError
   */
  begin(type, id, request, onError) {
    this.task.drop();
    let last = this.python.ask(IN_PIECES[type], request);
    /** @param {string} type @returns {(about: Told) => void} */
    const tell = (type) => (about) => this.post(/** @type {Answer} */ ({ type, id, ...about }));
    /** @type {Answerable} */
    const work = {
      piece: () => (last = this.python.ask("go_on_looking", { milliseconds: CHUNK })),
      report: tell(`${type}-part`),
      every: REPORT,
      stop: () => last,
      finish: tell(type),
    };
    this.task.begin(id, work, onError);
  }
}
