// What reducers are made of. Each is (state, action) => state; what shall be asked of the worker it
// puts into the state's outbox, which main.js sends.

/** A reducer from a table: the action's type -> (state, action) => state. */
export const reducer = (table) => (state, action) => table[action.type]?.(state, action) ?? state;

/** The state with some values of one of its parts changed. */
export const on = (state, part, values) => ({ ...state, [part]: { ...state[part], ...values } });

/** The state with words for the live region. */
export const say = (state, said) => ({ ...state, said });

/** The state with one more message for the worker. */
export const send = (state, message) => ({ ...state, outbox: [...state.outbox, message] });

/** Ask the worker; `remember(state, id)` puts the id, under which the answer comes, where it is awaited. */
export function ask(state, request, remember) {
  const id = state.lastId + 1;
  return send(remember({ ...state, lastId: id }, id), { ...request, id });
}

export const isReady = ({ python }) => python.status === "ready";

/** Whether an answer is the one a part of the state waits for. */
export const isFor = ({ id }, waiting) => id !== undefined && id === waiting.id;
