/**
 * Long work in small pieces: between two of them the messages that wait are let in, so that Stop is
 * heard, and now and then what has come of it is reported.
 */

/** @import {Answerable, OnError} from "./types.js" */
/** @import {Piece, Work} from "./types.js" */

/**
 * Let waiting messages in, and go on at once. A resolved promise would not let them in, and
 * setTimeout would take four milliseconds; a message to ourselves queues behind theirs.
 */
const channel = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
channel.port1.onmessage = () => waiting.shift()?.();

export function turn() {
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(null);
    })
  );
}

/** @param {number} milliseconds */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Piece after piece, while `goesOn()`. A piece tells what has come of it, or null where that is
 * nothing; `done` of it ends the work, `urgent` has it reported at once and not only `every` so
 * many milliseconds. Resolves with the last piece, or with null where the work was broken off.
 * @param {Work & {goesOn: () => boolean}} work @returns {Promise<Piece|null>}
 */
export async function drive({ goesOn, piece, report, every }) {
  let reported = -Infinity;
  while (goesOn()) {
    const about = await piece();
    if (about?.done) return about;
    if (about && (about.urgent || performance.now() - reported >= every)) {
      reported = performance.now();
      report(about);
    }
    await turn();
  }
  return null;
}

/** The one question of a kind that is being answered at length. */
export class Task {
  constructor() {
    /** @type {number|null} */
    this.id = null;
    /** @type {Answerable|null} */
    this.work = null;
  }

  /**
   * `work` is as for `drive`, and more: `finish` gives the answer, and `stop` tells what there is
   * where the page halts the work.
   * @param {number|null} id @param {Answerable} work @param {OnError} onError
   */
  begin(id, work, onError) {
    this.id = id;
    this.work = work;
    this.answer(id, work).catch((error) => {
      if (this.id === id) this.id = null;
      onError(error);
    });
  }

  /** @param {number|null} id @param {Answerable} work */
  async answer(id, work) {
    const about = await drive({ ...work, goesOn: () => this.id === id });
    if (!about) return;
    this.id = null;
    work.finish(about);
  }

  /**
   * What there is until now is the answer.
   * @param {number|null} id
   */
  halt(id) {
    if (!this.work || id === null || id !== this.id) return;
    this.id = null;
    this.work.finish(this.work.stop());
  }

  /** No answer is wanted any more. */
  drop() {
    this.id = null;
  }
}

const SOON = 10; // milliseconds

/**
 * What is asked, one after the other, once it is open. What `comesFirst` of those that wait is taken
 * before the others, and they rest while `areResting()`.
 * @template Item
 */
export class Queue {
  /**
   * @param {(item: Item) => Promise<void>} answer
   * @param {(item: Item) => boolean} comesFirst @param {() => boolean} areResting
   */
  constructor(answer, comesFirst, areResting) {
    this.answer = answer;
    this.comesFirst = comesFirst;
    this.areResting = areResting;
    /** @type {Item[]} */
    this.waiting = [];
    /** @type {Item|null} */
    this.now = null; // what is being answered, or begun
    this.isOpen = false;
    this.goesOn = false;
  }

  /** @param {Item} item */
  put(item) {
    this.waiting.push(item);
    this.go();
  }

  open() {
    this.isOpen = true;
    this.go();
  }

  async go() {
    if (!this.isOpen || this.goesOn) return;
    this.goesOn = true;
    while (this.waiting.length) {
      await turn(); // what was asked together is there together
      const at = this.waiting.findIndex(this.comesFirst);
      if (at < 0 && this.areResting()) await pause(SOON);
      else {
        [this.now] = this.waiting.splice(Math.max(0, at), 1);
        await this.answer(this.now);
        this.now = null;
      }
    }
    this.goesOn = false;
  }
}

/** @typedef {{type?: string, run?: number, id?: number}} Asked */

/**
 * Whether something asks the model that is talked to, or ends such an answer: that does not wait
 * for what the page asks by itself. A wish to end what waits comes after it.
 * @param {Asked} message @param {(Asked|(() => unknown))[]} waiting
 */
export function isOfTalk(message, waiting) {
  if (message.type !== "halt") return Boolean(message.type?.startsWith("chat-"));
  return !waiting.some((other) => {
    const { type, id } = /** @type {Asked} */ (other);
    return id === message.id && type !== "halt";
  });
}

/**
 * What stops or slows does not wait for a slow answer, unless that is what it shall stop: of what
 * waits, or is only being begun while something it needs is fetched, there is nothing to stop yet.
 * @param {Asked} message @param {{waiting: unknown[], now: unknown}} queue
 */
export function isUrgent({ type = "", run, id }, { waiting, now }) {
  if (type === "pace") return true;
  if (!["pause", "finish", "halt", "stages-take"].includes(type)) return false;
  /** @param {unknown} item */
  const mine = (item) => {
    const other = /** @type {Asked} */ (item);
    return run === undefined ? other.id === id : other.run === run;
  };
  const begins = type === "halt" && now !== null && mine(now);
  return !begins && !waiting.some(mine);
}
