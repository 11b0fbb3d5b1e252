// What is shown of a talk: texts made harmless, stretches, commands that fit, files and links.
/** @import {ChatModel, Message, Said, TurnPart} from "../../state/chat-types.js" */
import { count } from "../../select/format.js";

// Nothing that a text holds may move or hide what stands around it.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g;

/**
 * A text as it can be shown: control characters as their pictures, marks of direction by number.
 * @param {string} text
 */
export const visible = (text) =>
  text
    .replace(CONTROL, (found) =>
      found === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + found.charCodeAt(0)),
    )
    .replace(DIRECTION, (found) => `[U+${found.charCodeAt(0).toString(16).toUpperCase()}]`);

/**
 * Parts as they are shown: a call and what came back are one.
 * @param {TurnPart[]} parts
 * @returns {({kind: "text", text: string, at: number} |
 *   {kind: "tool", call: string, result: string|null})[]}  `at`: where in the whole text
 */
export function pieces(parts) {
  /** @type {ReturnType<typeof pieces>} */
  const found = [];
  let at = 0;
  for (const { type, text } of parts) {
    const before = found.at(-1);
    if (type === "text") {
      found.push({ kind: "text", text, at });
      at += text.length;
    } else if (type === "python_output" && before?.kind === "tool" && before.result === null)
      before.result = text;
    else found.push({ kind: "tool", call: text, result: null });
  }
  return found;
}

/**
 * A text cut where stretches of it begin and end.
 * @param {string} text @param {number} at  where it begins in the text of the stretches
 * @param {[number, number][]} stretches
 */
export function marked(text, at, stretches) {
  const found = [];
  let from = 0;
  for (const [start, end] of stretches) {
    const [a, b] = [start - at, end - at].map((place) =>
      Math.max(from, Math.min(text.length, place)),
    );
    if (a > from) found.push({ text: text.slice(from, a), copied: false });
    if (b > a) found.push({ text: text.slice(a, b), copied: true });
    from = Math.max(from, b);
  }
  if (from < text.length || !found.length) found.push({ text: text.slice(from), copied: false });
  return found;
}

/** @param {string} call */
export const toolOf = (call) => (/\.count\(/.test(call) ? "letter counter" : "calculator");

/** How an answer ended, where that is not by itself. @param {string|undefined} reason */
export const endOf = (reason = "") =>
  ({
    stopped: "Stopped.",
    length: "Cut here: /tokens allows longer answers.",
    full: "Cut here: the model cannot see further back. A new talk begins afresh.",
    broken: "It broke off here.",
    filtered: "Cut here by the server’s filter.",
  })[reason] ?? "";

/**
 * The commands that may be meant by what is typed.
 * @param {string} draft @param {ChatModel["commands"]} commands
 * @returns {[typed: string, does: string][]}
 */
export function completions(draft, commands) {
  if (!/^\/\w*$/.test(draft)) return [];
  const all = commands.flatMap(([typed, does]) =>
    typed
      .split(", ")
      .map((each) => /** @type {[string, string]} */ ([each, does || "leaves, or lists these"])),
  );
  return all.filter(([typed]) => typed.startsWith(draft) && typed !== draft);
}

/**
 * A talk as a line of a file that `finetune chat` reads.
 * @param {Pick<Message, "role"|"parts">[]} messages @param {string} system
 */
export function toLine(messages, system) {
  /** @type {{role: string, content: string|TurnPart[]}[]} */
  const written = messages.map(({ role, parts }) => ({
    role,
    content: parts.every(({ type }) => type === "text")
      ? parts.map(({ text }) => text).join("")
      : parts,
  }));
  if (system) written.unshift({ role: "system", content: system });
  return JSON.stringify({ messages: written }) + "\n";
}

/**
 * The whole turns of a talk that can be kept in a file: those with an answer.
 * @param {Message[]} messages
 */
export const answeredIn = (messages) =>
  messages.slice(
    0,
    messages.findLastIndex(({ role, parts }) => role === "assistant" && parts.length) + 1,
  );

/** How sure the model was of a token, in words. @param {Said} said */
export const sureness = ({ text, probability }) =>
  `“${visible(text)}”, ${probability === null ? "put in by the tool" : percent(probability)}`;

/** @param {number} share */
export function percent(share) {
  if (share >= 0.01) return `${share > 0.995 && share < 1 ? 99 : Math.round(100 * share)}%`;
  return share < 1e-5 ? "under 0.001%" : `${Number((100 * share).toPrecision(1))}%`;
}

/** @param {ChatModel} facts */
export const sizeOf = ({ bytes, parameters, copies }) =>
  `${inKilobytes(bytes)}, ${count(parameters)} numbers` +
  (copies ? ` and an index of what it learned to say (${inKilobytes(copies)})` : "");

/** @param {number} bytes */
const inKilobytes = (bytes) => `${count(Math.ceil(bytes / 1000))} kB`;
