// OpenAI's wire format, as Chat speaks it: the address of a server, what is asked of it, the events
// of a stream, and what went wrong, in a sentence.
/** @import {Likely, Message, Said} from "../chat-types.js" */
/** @import {Body, Heard, Place, Trouble} from "../server-types.js" */
import { textOf } from "../talk.js";

/** @typedef {any} Foreign  what another program has written: looked at before it is used */

const TOPS = 5; // how many of the likeliest are asked for
const LONGEST = 1e6; // letters of one event
const EXAMPLE = "http://localhost:8000/v1";
const LOOPBACK = ["localhost", "127.0.0.1"];
/** @type {{[reason: string]: string}} */
const REASONS = { stop: "stop", length: "length", content_filter: "filtered", tool_calls: "stop" };
const SAMPLING = ["temperature", "top_k", "top_p", "min_p"];

/**
 * A server by what was typed, `page` being this page's origin. The policy of the page allows https,
 * this machine, and where the page itself comes from.
 * @param {string} typed @param {string} page @returns {Place}
 */
export function serverOf(typed, page) {
  /** @param {string} problem */
  const not = (problem) => ({ base: "", host: "", problem });
  const text = typed.trim();
  const bare = !/^[a-z]+:\/\//i.test(text);
  const isLocal = LOOPBACK.some((name) => text.startsWith(name));
  const whole = bare ? `${isLocal ? "http" : "https"}://${text}` : text;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  const isWord = bare && !isLocal && !/[.:]/.test(url?.host ?? "");
  if (!url || isWord || !/^https?:$/.test(url.protocol) || url.username)
    return not(`This is not the address of a server; one looks like ${EXAMPLE}.`);
  if (url.protocol === "http:" && url.origin !== page && !LOOPBACK.includes(url.hostname))
    return not(
      url.hostname === "[::1]"
        ? "Write localhost in place of [::1]: the policy of a page cannot name such addresses."
        : `A page may ask https addresses and this machine (localhost, 127.0.0.1); ${url.host} is neither.`,
    );
  const path = url.pathname.replace(/\/+$/, "").replace(/\/chat\/completions$/, "") || "/v1";
  return { base: url.origin + path, host: url.host, problem: "" };
}

/** Whether a server is this machine's own. @param {string} host */
export const isLoopback = (host) => LOOPBACK.includes(host.replace(/:\d+$/, ""));

/**
 * What is sent to have an answer written: of the settings those alone that the reader chose.
 * @param {{model: string, messages: Message[], system: string, sure: boolean,
 *   chosen: {[name: string]: unknown}}} given
 * @returns {Body}
 */
export function bodyOf({ model, messages, system, sure, chosen }) {
  const said = messages.map(({ role, parts }) => ({ role, content: textOf({ parts }) }));
  const first = system ? [{ role: "system", content: system }] : [];
  const logs = sure ? { logprobs: true, top_logprobs: TOPS } : {};
  return { model, messages: [...first, ...said], ...chosen, ...logs, stream: true };
}

/**
 * The settings that differ from those a model came with, by the names of the wire format.
 * @typedef {{sampling: {[name: string]: Foreign}, maxTokens: number}} Given
 * @param {Given} settings @param {Given|null} standard
 */
export function chosenOf({ sampling, maxTokens }, standard) {
  if (!standard) return {};
  const names = SAMPLING.filter(
    (name) => sampling[name] != null && sampling[name] !== standard.sampling[name],
  );
  return {
    ...Object.fromEntries(names.map((name) => [name, sampling[name]])),
    ...(sampling.greedy && { temperature: 0 }),
    ...(maxTokens !== standard.maxTokens && { max_tokens: maxTokens }),
  };
}

/**
 * A request without its oldest turn, or null where one is all there is.
 * @param {Body} body @returns {Body|null}
 */
export function shorter(body) {
  const [first, second] = body.messages.flatMap(({ role }, i) => (role === "user" ? [i] : []));
  if (second === undefined) return null;
  const messages = [...body.messages.slice(0, first), ...body.messages.slice(second)];
  return { ...body, messages };
}

/** What a stream's text holds of whole events: their data, one after the other. */
export function createEvents() {
  let rest = "";
  /** @param {string} text */
  return (text) => {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    if (rest.length > LONGEST) throw new RangeError("an event without an end");
    const events = blocks.map((block) =>
      block
        .split(/\r?\n/)
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).replace(/^ /, ""))
        .join("\n"),
    );
    return events.filter((data) => data && data !== "[DONE]");
  };
}

/** What the events of one stream add to an answer: its text, and its tokens where they are given. */
export function createHearing() {
  const decoder = new TextDecoder(); // a letter may be spread over tokens
  /** @param {Foreign} found @returns {Likely} */
  const likely = (found) => ({ id: 0, text: found.token, name: null, p: Math.exp(found.logprob) });
  /** @param {Foreign} found @returns {Said} */
  const token = (found) => {
    const { bytes } = found;
    const text = bytes ? decoder.decode(Uint8Array.from(bytes), { stream: true }) : found.token;
    const others = [found, ...(found.top_logprobs ?? []).filter(other(found.token))];
    const tops = others.map((each, id) => ({ ...likely(each), id })).sort((a, b) => b.p - a.p);
    return { kind: "text", text, probability: Math.exp(found.logprob), id: 0, likely: tops };
  };
  /** @param {string} text */
  const other = (text) => (/** @type {Foreign} */ each) => isToken(each) && each.token !== text;
  /** @param {Foreign} event @returns {Heard} */
  return (event) => {
    const choice = event?.choices?.[0];
    const text = (choice?.delta ?? choice?.message)?.content;
    const logs = choice?.logprobs?.content;
    /** @type {Said[]} */
    const said = [{ kind: "text", text: String(text ?? ""), probability: null, id: 0 }];
    return {
      said: text ? said : [],
      tokens: Array.isArray(logs) ? logs.filter(isToken).map(token) : [],
      reason: choice?.finish_reason ? (REASONS[choice.finish_reason] ?? "stop") : "",
    };
  };
}

/** @param {Foreign} each */
const isToken = (each) => typeof each?.token === "string" && Number.isFinite(each.logprob);

/** The names in a list of models. @param {Foreign} found @returns {string[]} */
export const modelsIn = (found) =>
  Array.isArray(found?.data)
    ? found.data.flatMap((/** @type {Foreign} */ each) =>
        typeof each?.id === "string" ? each.id : [],
      )
    : [];

/** Whether it was refused because the talk is longer than the model sees. @param {Foreign} told */
export const isTooLong = (told) => told?.error?.code === "context_length_exceeded";

/**
 * A refusal in a sentence. `told` is what the server's body says, if it is JSON.
 * @param {Place} place @param {number} status @param {Foreign} told
 * @param {{retryAfter?: string|null, model?: string, key?: string}} [more]
 */
export function refusalOf({ host }, status, told, { retryAfter, model, key } = {}) {
  const error = told?.error;
  const message = String(error?.message ?? (typeof error === "string" ? error : ""));
  if (status === 401 || (status === 403 && !message))
    return key
      ? `${host} does not take this key.`
      : `${host} wants a key, and you have given none.`;
  if (status === 404 && model)
    return `${host} has no model ${model}, or answers at another address. ${message}`.trim();
  if (status === 429) {
    const wait = Number(retryAfter);
    const when = wait > 0 ? `in ${wait} s` : "a little later";
    return message ? `${host} says: ${message}` : `${host} is too busy; try again ${when}.`;
  }
  return message ? `${host} refuses: ${message}` : `${host} answered with status ${status}.`;
}

/** Something that is not OpenAI's format. @param {Place} place */
export const strange = ({ host }) => `${host} does not answer as OpenAI’s endpoint does.`;

/**
 * What it may be that no answer could be read. `isThere`: something does answer there.
 * @param {Place} place @param {string} page @param {boolean} isThere @returns {Trouble}
 */
export function silenceOf({ base, host }, page, isThere) {
  if (isThere)
    return {
      message:
        `${host} is there, but does not let pages from ${page} read its answers. ` +
        "A hosted page needs “serve --cors ORIGIN”; start it so:",
      command: `python -m py.microgpt serve story-chat --cors ${page}`,
    };
  const mixed = page.startsWith("https:") && base.startsWith("http:");
  const perhaps = mixed
    ? " Or the browser does not let a page from the web reach this machine; some ask first, some always refuse. The page that “serve” hands out may reach it."
    : " Is a server running there?";
  return { message: `Nothing answers at ${host}.${perhaps}`, command: "" };
}
