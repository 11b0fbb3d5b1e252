// The state of the page, and the one function that changes it. Every message of the worker and every
// wish of the reader is an action; what shall be asked of the worker stands in `outbox` afterwards.
/** @import {Action, Opening, Part, State} from "./types.js" */
import * as benchmark from "./benchmark.js";
import * as chart from "./chart.js";
import * as data from "./data.js";
import * as inside from "./inside.js";
import * as loading from "./loading.js";
import * as oneStep from "./one-step.js";
import * as run from "./run.js";
import * as saved from "./saved.js";
import * as settings from "./settings.js";
import * as tokens from "./tokens.js";
import * as writing from "./writing.js";

// An action goes to one after the other: the data are taken before a run begins on them, and the
// views come last, because they look at what the others have made of it.
/** @type {Part[]} */
const PARTS = [
  loading,
  data,
  settings,
  run,
  chart,
  writing,
  saved,
  inside,
  oneStep,
  tokens,
  benchmark,
];

/**
 * `opening` is what the address asks for, and how this browser likes the page.
 * @param {Opening} opening @returns {State}
 */
export function initialState(opening) {
  const common = { lastId: 0, outbox: [], said: "" };
  return Object.assign(common, ...PARTS.map((part) => part.initial(opening)));
}

/**
 * `outbox` of the new state holds what this action asks of the worker, and nothing older. `more` are
 * the parts of views that came later.
 * @param {State} state @param {Action} action @param {Part[]} [more] @returns {State}
 */
export function reduce(state, action, more = []) {
  /** @type {State} */
  const cleared = { ...state, outbox: [] };
  return [...PARTS, ...more].reduce(
    (next, part) => part.reduce(next, asRefusal(action, part)),
    cleared,
  );
}

/**
 * Where Python survived a mistake of ours, whoever waits for the answer is refused it.
 * @param {Action} action @param {object} part @returns {Action}
 */
function asRefusal(action, part) {
  if (action.type !== "crashed" || action.fatal || part === loading) return action;
  const { id, run: number, message } = action;
  return { type: "refused", id, run: number, message: `This is our mistake: ${message}` };
}
