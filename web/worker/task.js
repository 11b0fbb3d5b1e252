/**
 * Long work in small pieces: between two of them the messages that wait are let in, so that Stop is
 * heard, and now and then what has come of it is reported.
 */

/**
 * Let waiting messages in, and go on at once. A resolved promise would not let them in, and
 * setTimeout would take four milliseconds; a message to ourselves queues behind theirs.
 */
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

export function turn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Piece after piece, while `goesOn()`. A piece tells what has come of it, or null where that is
 * nothing; `done` of it ends the work, `urgent` has it reported at once and not only `every` so
 * many milliseconds. Resolves with the last piece, or with null where the work was broken off.
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
    this.id = null;
    this.work = null;
  }

  /**
   * `work` is as for `drive`, and more: `finish` gives the answer, and `stop` tells what there is
   * where the page halts the work.
   */
  begin(id, work, onError) {
    this.id = id;
    this.work = work;
    this.answer(id, work).catch((error) => {
      if (this.id === id) this.id = null;
      onError(error);
    });
  }

  async answer(id, work) {
    const about = await drive({ ...work, goesOn: () => this.id === id });
    if (!about) return;
    this.id = null;
    work.finish(about);
  }

  /** What there is until now is the answer. */
  halt(id) {
    if (id === null || id !== this.id) return;
    this.id = null;
    this.work.finish(this.work.stop());
  }

  /** No answer is wanted any more. */
  drop() {
    this.id = null;
  }
}
