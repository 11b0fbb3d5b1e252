// What reducers are made of. Each is (state, action) => state; what shall be asked of the worker it
// puts into the state's outbox, which main.js sends.

/** @import {Question, Reduce, Reducers, Request, State} from "./types.js" */

/**
 * A reducer from a table: the action's type -> (state, action) => state.
 * @param {Reducers} table @returns {Reduce}
 */
export function reducer(table) {
  return (state, action) => {
    const change = /** @type {Reduce|undefined} */ (table[action.type]);
    return change ? change(state, action) : state;
  };
}

/**
 * The state with some values of one of its parts changed.
 * @template {keyof State} Part
 * @param {State} state @param {Part} part @param {Partial<NonNullable<State[Part]>>} values
 * @returns {State}
 */
export const on = (state, part, values) => {
  const before = /** @type {object} */ (state[part]);
  return { ...state, [part]: { ...before, ...values } };
};

/**
 * The state with words for the live region.
 * @param {State} state @param {string} said @returns {State}
 */
export const say = (state, said) => ({ ...state, said });

/**
 * The state with one more message for the worker.
 * @param {State} state @param {Request} message @returns {State}
 */
export const send = (state, message) => ({ ...state, outbox: [...state.outbox, message] });

/**
 * Ask the worker; `remember(state, id)` puts the id, under which the answer comes, where it is
 * awaited.
 * @param {State} state @param {Question} question
 * @param {(state: State, id: number) => State} remember @returns {State}
 */
export function ask(state, question, remember) {
  const id = state.lastId + 1;
  const request = /** @type {Request} */ ({ ...question, id });
  return send(remember({ ...state, lastId: id }, id), request);
}

/**
 * Ask the worker to end a long answer where it is.
 * @param {State} state @param {{id: number|null}} waiting @returns {State}
 */
export const halt = (state, { id }) => (id === null ? state : send(state, { type: "halt", id }));

/** @param {Pick<State, "python">} state */
export const isReady = ({ python }) => python.status === "ready";

/**
 * Whether an answer is the one a part of the state waits for.
 * @param {{id?: number}} answer @param {{id: number|null}} waiting
 */
export const isFor = ({ id }, waiting) => id !== undefined && id === waiting.id;
