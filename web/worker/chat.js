/**
 * Talking: a model is opened from its file, its answers are streamed, a few tokens and then a turn
 * for the messages that wait, and what it can do is counted.
 */

/** @import {Answerable, Ask, OnError, Post, Request} from "./types.js" */
/** @import {Data} from "./data.js" */
/** @import {Python} from "./python.js" */

import { Task, pause } from "./task.js";

const CHUNK = 12; // milliseconds
const QUESTION_COMES = 20; // milliseconds in which the page may ask what has waited for the model
const WARM_AFTER = 100; // milliseconds without a question
const REPORT = 100; // milliseconds between two words on how a row of the table stands

export class Chat {
  /** @param {Python} python @param {Post} post @param {Data} data */
  constructor(python, post, data) {
    this.python = python;
    this.post = post;
    this.data = data;
    this.task = new Task(); // the answer that is written
    this.judging = new Task();
    this.warming = new Task();
    this.hasAnswered = false; // or does so now
    this.writesFirst = false; // the first answer: what the page asks by itself waits for it
    this.asked = false; // whether the model that is open was asked something
  }

  /** @param {number} id */
  halt(id) {
    this.task.halt(id);
    this.judging.halt(id);
  }

  /** @param {Request} message @param {OnError} onError */
  answer(message, onError) {
    switch (message.type) {
      case "chat-open":
        return this.open(message, onError);
      case "chat-ask":
        return this.ask(message, onError);
      case "chat-likeliest":
        return this.likeliest(message);
      case "chat-command":
        return this.command(message);
      case "chat-read":
        return this.read(message);
      case "chat-judge":
        return this.judge(message, onError);
    }
  }

  /** @param {Ask<"chat-open">} given @param {OnError} onError */
  async open({ id, name, bytes }, onError) {
    this.task.halt(this.task.id);
    this.judging.halt(this.judging.id);
    this.warming.drop();
    this.asked = false;
    this.post({ type: "chat-opened", id, ...this.python.ask("chat_open", { name }, bytes) });
    await pause(QUESTION_COMES);
    setTimeout(() => this.warm(id, onError), WARM_AFTER);
  }

  /**
   * What the first answer needs is made ready, if no question has come by now.
   * @param {number} id @param {OnError} onError
   */
  warm(id, onError) {
    if (this.asked) return;
    /** @type {Answerable} */
    const work = {
      piece: () => this.python.ask("chat_warm"),
      report: () => {},
      every: Infinity,
      stop: () => ({}),
      finish: () => {},
    };
    this.warming.begin(id, work, onError);
  }

  /**
   * Begin an answer; one that is still being written is ended first.
   * @param {Ask<"chat-ask">} given @param {OnError} onError
   */
  ask({ id, messages, opening, ...settings }, onError) {
    const { python, post } = this;
    this.asked = true;
    this.warming.drop();
    this.task.halt(this.task.id);
    const { said } = python.ask("chat_ask", { messages, opening, ...named(settings) });
    this.writesFirst = !this.hasAnswered;
    this.hasAnswered = true;
    post({ type: "chat-said", id, said: [said] });
    /** @type {Answerable} */
    const work = {
      piece: () => this.tokens(id),
      report: () => {}, // all is posted as it comes
      every: Infinity,
      stop: () => python.ask("chat_stop"),
      finish: ({ answered }) => {
        this.writesFirst = false;
        post({ type: "chat-answered", id, ...answered });
      },
    };
    this.task.begin(id, work, (error) => {
      this.writesFirst = false;
      onError(error);
    });
  }

  /** @param {number} id */
  tokens(id) {
    const said = [];
    const end = performance.now() + CHUNK;
    let answered = null;
    while (!answered && performance.now() < end) {
      const found = this.python.ask("chat_token");
      if (found.said) said.push(found.said);
      answered = found.answered;
    }
    if (said.length) this.post({ type: "chat-said", id, said });
    return answered ? { done: true, answered } : null;
  }

  /** @param {Ask<"chat-likeliest">} given */
  likeliest({ id, messages, written, ...settings }) {
    this.task.halt(this.task.id);
    const { tokens } = this.python.ask("chat_likeliest", { messages, written, ...named(settings) });
    this.post({ type: "chat-likeliest", id, tokens });
  }

  /** @param {Ask<"chat-command">} given */
  command({ id, line, ...settings }) {
    const done = this.python.ask("chat_command", { line, ...named(settings) });
    this.post({ type: "chat-done", id, ...done });
  }

  /** @param {Ask<"chat-read">} given */
  read({ id, name, bytes }) {
    this.post({ type: "chat-messages", id, ...this.python.ask("chat_read", { name }, bytes) });
  }

  /**
   * The table of what the model can do, row by row.
   * @param {Ask<"chat-judge">} given @param {OnError} onError
   */
  async judge({ id }, onError) {
    const { python, post } = this;
    this.judging.halt(this.judging.id);
    python.ask("judge_begin", {}, await this.data.builtIn("stories"));
    /** @type {Answerable} */
    const work = {
      piece: () => {
        const { row, done, next } = python.ask("judge_go_on", { milliseconds: CHUNK });
        return { row, done, urgent: next };
      },
      report: ({ row }) => post({ type: "chat-judging", id, row }),
      every: REPORT,
      stop: () => ({}),
      finish: () => post({ type: "chat-judged", id }),
    };
    this.judging.begin(id, work, onError);
  }
}

/**
 * Settings by Python's names.
 * @param {{type?: string, sampling: object, maxTokens: number, system: string}} given
 */
const named = ({ sampling, maxTokens, system }) => ({ sampling, max_tokens: maxTokens, system });
