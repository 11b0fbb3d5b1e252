// A talk as a tree: every message knows what it answers, and where several answer the same, one of
// them is chosen. What is shown is the path of the chosen ones.
/** @import {Message, Said, Talk, Turn, TurnPart} from "./chat-types.js" */

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

/**
 * A talk without a message and all that came after it.
 * @param {Talk} talk @param {number} key @returns {Talk}
 */
export function remove(talk, key) {
  const gone = new Set([key]);
  for (const turn of talk.turns) if (gone.has(turn.parent)) gone.add(turn.key); // parents come first
  return { ...talk, turns: talk.turns.filter((turn) => !gone.has(turn.key)) };
}

/**
 * Which of the messages that answer the same one this is, from 1, and how many they are.
 * @param {Talk} talk @param {Turn} turn
 */
export function placeOf(talk, turn) {
  const turns = after(talk, turn.parent);
  return { at: turns.findIndex(({ key }) => key === turn.key) + 1, of: turns.length };
}

/**
 * Go over to the message before or after, of those that answer the same one.
 * @param {Talk} talk @param {number} key @param {number} by @returns {Talk}
 */
export function choose(talk, key, by) {
  const turn = turnOf(talk, key);
  if (!turn) return talk;
  const turns = after(talk, turn.parent);
  const next = turns[turns.indexOf(turn) + by];
  return next ? { ...talk, chosen: { ...talk.chosen, [turn.parent]: next.key } } : talk;
}

/**
 * An answer with some tokens more.
 * @param {Talk} talk @param {number} key @param {Said[]} said
 * @param {Said[]} [tokens]  of it, where they are not the same
 * @returns {Talk}
 */
export function heard(talk, key, said, tokens = said) {
  const turn = turnOf(talk, key);
  if (!turn) return talk;
  const parts = turn.parts.map((part) => ({ ...part }));
  for (const { kind, text } of said) {
    if (!text) continue;
    if (parts.at(-1)?.type !== kind) parts.push({ type: kind, text: "" });
    /** @type {TurnPart} */ (parts.at(-1)).text += text;
  }
  return change(talk, key, { parts, tokens: [...(turn.tokens ?? []), ...tokens] });
}

/**
 * A talk of one line, from messages in their order.
 * @param {Message[]} messages @returns {Talk}
 */
export function talkOf(messages) {
  let talk = EMPTY;
  for (const { role, parts } of messages) {
    const end = role === "assistant" ? { reason: "stop" } : {};
    talk = add(talk, talk.last, { role, parts, ...end });
  }
  return talk;
}

/**
 * What a reader sees of a message: neither calls nor results.
 * @param {Pick<Turn, "parts">} turn
 */
export const textOf = ({ parts }) =>
  parts
    .filter(({ type }) => type === "text")
    .map(({ text }) => text)
    .join("");
