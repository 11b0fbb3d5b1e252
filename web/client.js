/**
 * The page's end of the worker: starts it, restarts it, and lets no question go unanswered.
 */

/** @import {Answer, Request} from "./protocol.js" */

import { FINAL, checkRequest } from "./protocol.js";

const LOST = "Python stopped and gave no reason.";

/**
 * @param {(message: Answer) => void} onMessage
 * @param {() => Worker} create  a worker that has been told to load Python
 */
export function createClient(onMessage, create) {
  /** @type {Worker} */
  let worker;
  let heard = false; // whether the worker has said anything yet
  let over = ""; // why it can say nothing more
  /** @type {Set<number>} */
  const open = new Set(); // ids of questions without an answer

  function start() {
    worker = create();
    heard = false;
    over = "";
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = (event) => {
      event.preventDefault?.(); // it is told here, not in the console
      end(event.message || "", event.filename ? `${event.filename}:${event.lineno}` : "");
    };
    worker.onmessageerror = () => end("A message from Python could not be read.", "messageerror");
  }

  /** @param {Answer} message */
  function receive(message) {
    heard = true;
    if ("id" in message && message.id !== undefined && FINAL.includes(message.type))
      open.delete(message.id);
    onMessage(message);
    if (message.type === "failed") giveUp("Python has not been loaded; try again first.");
    if (message.type === "crashed" && message.fatal)
      giveUp("Python has stopped; start it again first.");
  }

  /** @param {string} reason @param {string} detail */
  function end(reason, detail) {
    leave();
    if (heard) {
      receive({ type: "crashed", fatal: true, message: reason || LOST, detail });
    } else {
      const why = reason || "the browser could not start worker.js";
      receive({ type: "failed", stage: "python", reason: why, detail });
    }
  }

  function leave() {
    worker.terminate();
    worker.onmessage = worker.onerror = worker.onmessageerror = null;
  }

  /** @param {string} why */
  function giveUp(why) {
    over = why;
    const ids = [...open];
    open.clear();
    for (const id of ids) onMessage({ type: "refused", id, message: why });
  }

  start();
  return {
    /**
     * @param {Request} message
     * @param {Transferable[]} [transfer]
     */
    send(message, transfer = []) {
      checkRequest(message);
      const { id, run } = /** @type {{id?: number, run?: number}} */ (message);
      if (over) {
        // Later, as every answer is: nobody expects one before send() has returned.
        queueMicrotask(() => onMessage({ type: "refused", id, run, message: over }));
        return;
      }
      if (id !== undefined && message.type !== "halt") open.add(id);
      worker.postMessage(message, transfer);
    },

    /** End this Python and start a fresh one. */
    restart() {
      leave();
      giveUp("Python was started again.");
      start();
    },
  };
}
