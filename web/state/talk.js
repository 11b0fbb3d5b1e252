// A talk as a tree: every message knows what it answers, and where several answer the same, one of
// them is chosen. What is shown is the path of the chosen ones.
/** @import {Talk, Turn} from "./chat-types.js" */

/** @type {Talk} */
export const EMPTY = { turns: [], last: 0, chosen: {} };

/** @param {Talk} talk @param {number} key */
export const turnOf = (talk, key) => talk.turns.find((turn) => turn.key === key);

/**
 * What answers a message, the oldest first.
 * @param {Talk} talk @param {number} parent
 */
export const after = (talk, parent) => talk.turns.filter((turn) => turn.parent === parent);

/**
 * The messages that are shown, from the first on.
 * @param {Talk} talk @returns {Turn[]}
 */
export function path(talk) {
  const found = [];
  for (let parent = 0, next; (next = chosenAfter(talk, parent)); parent = next.key)
    found.push(next);
  return found;
}

/** @param {Talk} talk @param {number} parent */
function chosenAfter(talk, parent) {
  const turns = after(talk, parent);
  return turns.find(({ key }) => key === talk.chosen[parent]) ?? turns.at(-1);
}

/**
 * The messages up to one, which is the last of them.
 * @param {Talk} talk @param {number} key @returns {Turn[]}
 */
export function upTo(talk, key) {
  const turn = turnOf(talk, key);
  return turn ? [...upTo(talk, turn.parent), turn] : [];
}

/**
 * A talk with one message more, which is the chosen one; its key is the new `last`.
 * @param {Talk} talk @param {number} parent @param {Omit<Turn, "key"|"parent">} turn @returns {Talk}
 */
export function add({ turns, last, chosen }, parent, turn) {
  const key = last + 1;
  return {
    turns: [...turns, { ...turn, key, parent }],
    last: key,
    chosen: { ...chosen, [parent]: key },
  };
}

/**
 * @param {Talk} talk @param {number} key @param {Partial<Turn>} values @returns {Talk}
 */
export const change = (talk, key, values) => ({
  ...talk,
  turns: talk.turns.map((turn) => (turn.key === key ? { ...turn, ...values } : turn)),
});
