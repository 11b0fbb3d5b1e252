// Tasks with a right answer, as data: what they are called, and how large their questions can be.
import { TASKS } from "./models.js";

export { TASKS };

/** @type {{[task: string]: string}} */
export const CALLED = { add: "sums", sort: "sorting", reverse: "reversing", count: "counting" };

/**
 * The task and the size that a kind of data stands for: "task:add:3"; without a size its usual one.
 * @param {string} [kind]
 */
export function taskOf(kind = "") {
  const [, name, given] = /^task:(\w+)(?::(\d{1,2}))?$/.exec(kind) ?? [];
  const task = Object.hasOwn(TASKS, name ?? "") ? TASKS[name] : null;
  if (!task) return null;
  const size = Number(given ?? task.size);
  return size >= task.least && size <= task.most ? { ...task, name, size } : null;
}

/** @param {string} name @param {number} size @returns {`task:${string}`} */
export const kindOf = (name, size) =>
  size === TASKS[name].size ? `task:${name}` : `task:${name}:${size}`;
