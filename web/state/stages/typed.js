// Conversations that are typed: what is lacking in them, and their lines as a file has them.
/** @import {Draft, TypedTalk, TypedTurn} from "../stages-types.js" */

/** @typedef {any} Foreign  what was stored, perhaps by another version: looked at before it is used */

/** @type {TypedTurn} */
export const NO_TURN = { you: "", tool: null, model: "" };
/** @type {TypedTalk} */
export const NO_TALK = { system: null, turns: [NO_TURN] };
export const NO_TOOL = { call: "", result: "" };

/** @param {TypedTalk} talk */
const isEmpty = ({ system, turns }) =>
  ![
    system,
    ...turns.flatMap(({ you, tool, model }) => [you, tool?.call, tool?.result, model]),
  ].some((text) => text?.trim());

/**
 * The conversations as JSON lines; where nothing is typed the line is empty, so that a line's number
 * is that of its conversation.
 * @param {TypedTalk[]} talks
 */
export const linesOf = (talks) =>
  talks.map((talk) => (isEmpty(talk) ? "" : JSON.stringify(asJson(talk)))).join("\n");

/** @param {TypedTalk} talk */
function asJson({ system, turns }) {
  const messages = turns.flatMap((turn) => [
    { role: "user", content: turn.you.trim() },
    { role: "assistant", content: contentOf(turn) },
  ]);
  const first = system?.trim() ? [{ role: "system", content: system.trim() }] : [];
  return { messages: [...first, ...messages] };
}

/** @param {TypedTurn} turn */
function contentOf({ tool, model }) {
  const text = model.trim();
  if (!tool) return text;
  return [
    { type: "python", text: tool.call.trim() },
    { type: "python_output", text: tool.result.trim() },
    { type: "text", text },
  ];
}

/**
 * What is lacking, a sentence each; nothing, where the conversations can be taken.
 * @param {TypedTalk[]} talks @returns {string[]}
 */
export function lacking(talks) {
  if (talks.every(isEmpty))
    return ["There are no conversations yet; type a question and its answer."];
  return talks.flatMap((talk, i) => {
    const lacks = isEmpty(talk) ? [] : talk.turns.map(lackOf);
    return lacks.flatMap((lack, turn) =>
      lack ? [`Conversation ${i + 1}, turn ${turn + 1}: ${lack}`] : [],
    );
  });
}

/** @param {TypedTurn} turn */
function lackOf({ you, tool, model }) {
  if (!you.trim()) return "what you say is empty.";
  if (!model.trim()) return "what it answers is empty.";
  if (tool && !(tool.call.trim() && tool.result.trim()))
    return "the tool needs both, what it is asked and what it gives back.";
  return "";
}

/**
 * What storage has kept, if it is what was put there.
 * @param {Foreign} found @returns {Partial<Draft>}
 */
export function draftOf(found) {
  /** @type {Partial<Draft>} */
  const draft = {};
  for (const name of /** @type {const} */ (["pasted", "text"]))
    if (typeof found?.[name] === "string") draft[name] = found[name];
  if (Array.isArray(found?.talks)) draft.talks = found.talks.map(talkOf);
  return draft;
}

/**
 * What several tabs have left, as one draft: nothing is lost.
 * @param {Partial<Draft>[]} drafts @returns {Partial<Draft>}
 */
export function joined(drafts) {
  if (drafts.length < 2) return drafts[0] ?? {};
  /** @param {"pasted"|"text"} name */
  const texts = (name) => [...new Set(drafts.map((each) => each[name]).filter(Boolean))].join("\n");
  const talks = drafts.flatMap((each) => each.talks ?? []).filter((talk) => !isEmpty(talk));
  const known = new Map(talks.map((talk) => [JSON.stringify(talk), talk]));
  return { talks: [...known.values()], pasted: texts("pasted"), text: texts("text") };
}

/** @param {Foreign} found @returns {TypedTalk} */
function talkOf(found) {
  const turns = Array.isArray(found?.turns) ? found.turns : [];
  const system = typeof found?.system === "string" ? found.system : null;
  return { system, turns: turns.length ? turns.map(turnOf) : [NO_TURN] };
}

/** @param {Foreign} found @returns {TypedTurn} */
const turnOf = (found) => ({
  you: asText(found?.you),
  tool: found?.tool ? { call: asText(found.tool.call), result: asText(found.tool.result) } : null,
  model: asText(found?.model),
});

/** @param {unknown} found */
const asText = (found) => (typeof found === "string" ? found : "");
