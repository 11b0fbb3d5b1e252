// What Chat asks of a server, and nothing before the reader does: its models, and answers, which are
// read as they come. Only a page that a server itself hands out asks it for its models at once.
/** @import {CreateEffects, WithChat} from "../../../state/types.js" */
/** @import {Foreign} from "../../../state/server/wire.js" */
/** @import {KeptServer, Place, ServerRequest, ServerState, Trouble} from "../../../state/server-types.js" */
import {
  createEvents,
  createHearing,
  isTooLong,
  modelsIn,
  refusalOf,
  serverOf,
  shorter,
  silenceOf,
  strange,
} from "../../../state/server/wire.js";

const KEPT = "microgpt.server";
const PATIENCE = 20_000; // milliseconds for a list of models
// A redirect could carry what was said, and the key, to somebody else.
/** @type {RequestInit} */
const PRIVATE = {
  credentials: "omit",
  referrerPolicy: "no-referrer",
  cache: "no-store",
  redirect: "error",
};

/** What went wrong, and maybe a command that helps. */
class Problem extends Error {
  /** @param {Trouble|string} given */
  constructor(given) {
    super();
    this.trouble = typeof given === "string" ? { message: given, command: "" } : given;
  }
}

/** @type {CreateEffects} */
export function createEffects({ send }) {
  /** @type {AbortController|null} */
  let running = null;
  queueMicrotask(() => {
    const own = "served" in document.documentElement.dataset ? `${location.origin}/v1` : "";
    send({ type: "server-begin", page: location.origin, kept: kept(), own });
  });

  /** @param {ServerState} server */
  async function askModels({ address, page, key }) {
    const place = serverOf(address, page);
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const response = await fetchFrom(place, "/models", key, { signal });
      const told = await response.json().catch(() => null);
      if (!response.ok) throw refused(place, response, told, { key });
      if (!modelsIn(told).length) throw new Problem(strange(place));
      send({ type: "server-models", address, models: modelsIn(told) });
    } catch (error) {
      send({ type: "server-trouble", trouble: troubleOf(error, place) });
    }
  }

  /** @param {ServerRequest} request @param {AbortSignal} signal */
  async function answer(request, signal) {
    const { id, place } = request;
    const hearing = createHearing();
    let reason = "";
    /** @param {Foreign[]} events */
    const hear = (events) => {
      const fault = events.find((event) => event?.error);
      const heard = events.filter((event) => event !== fault).map(hearing);
      const [said, tokens] = [heard.flatMap((h) => h.said), heard.flatMap((h) => h.tokens)];
      if (said.length || tokens.length) send({ type: "chat-said", id, said, tokens });
      reason = heard.findLast((h) => h.reason)?.reason ?? reason;
      if (fault) throw new Problem(refusalOf(place, 200, fault));
    };
    try {
      const { response, leftOut } = await begun(request, signal);
      for await (const events of eventsOf(response)) hear(events);
      if (!reason) throw new Problem(`${place.host} broke off in the middle of this answer.`);
      send({ type: "chat-answered", id, reason, leftOut, copied: null });
    } catch (error) {
      if (signal.aborted) return;
      const trouble = troubleOf(error, place);
      send({ type: "server-trouble", trouble });
      send({ type: "refused", id, message: trouble.message });
    }
  }

  return (before, state, action) => {
    const was = /** @type {WithChat} */ (before).chat?.server;
    const { server } = /** @type {WithChat} */ (state).chat;
    if (!was || was === server) return;
    if (action.type !== "server-begin") keep(server);
    if (server.asking && !was.asking) askModels(server);
    if (server.request === was.request) return;
    running?.abort();
    running = new AbortController();
    if (server.request) answer(server.request, running.signal);
  };
}

/**
 * An answer that has begun. Where the talk is longer than the model sees, the oldest turns are left
 * out, whole, as `chat --url` does.
 * @param {ServerRequest} request @param {AbortSignal} signal
 */
async function begun({ place, key, body }, signal) {
  for (let leftOut = 0, sent = body; ; leftOut++) {
    const options = { method: "POST", body: JSON.stringify(sent), signal };
    const response = await fetchFrom(place, "/chat/completions", key, options);
    if (response.ok) return { response, leftOut };
    const told = await response.json().catch(() => null);
    const less = isTooLong(told) ? shorter(sent) : null;
    if (!less) throw refused(place, response, told, { key, model: body.model });
    sent = less;
  }
}

/** The events of an answer, as they come; one that is not streamed is a single one. @param {Response} response */
async function* eventsOf(response) {
  if (/\bjson\b/.test(response.headers.get("Content-Type") ?? "")) {
    yield [await response.json()];
    return;
  }
  const split = createEvents();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
    yield split(part.value).map((data) => JSON.parse(data));
  yield split("\n\n").map((data) => JSON.parse(data)); // some leave out the last empty line
}

/** @param {Place} place @param {string} path @param {string} key @param {RequestInit} options */
async function fetchFrom(place, path, key, options) {
  /** @type {{[name: string]: string}} */
  const headers = options.body ? { "Content-Type": "application/json" } : {};
  if (key) headers.Authorization = `Bearer ${key}`;
  if (!/^[\x21-\x7e]*$/.test(key)) throw new Problem("A key is plain letters, digits and signs.");
  try {
    return await fetch(place.base + path, { ...PRIVATE, ...options, headers });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(silenceOf(place, location.origin, await isThere(place)));
  }
}

/**
 * Whether anything answers there. What it is must not be known where a server does not allow that,
 * and this is how one tells such a server from none.
 * @param {Place} place
 */
const isThere = ({ base }) =>
  fetch(`${base}/models`, { ...PRIVATE, redirect: "follow", mode: "no-cors" }).then(
    () => true,
    () => false,
  );

/** @param {Place} place @param {Response} response @param {unknown} told @param {object} more */
function refused(place, response, told, more) {
  const retryAfter = response.headers.get("Retry-After");
  return new Problem(refusalOf(place, response.status, told, { retryAfter, ...more }));
}

/** @param {unknown} error @param {Place} place @returns {Trouble} */
function troubleOf(error, place) {
  if (error instanceof Problem) return error.trouble;
  const { name } = /** @type {Error} */ (error);
  if (name === "TimeoutError")
    return { message: `${place.host} has not answered for 20 s.`, command: "" };
  if (["SyntaxError", "RangeError"].includes(name)) return { message: strange(place), command: "" };
  return { message: `${place.host} broke off in the middle of this answer.`, command: "" };
}

// ---- what this browser keeps of it

/** @returns {KeptServer|null} */
function kept() {
  try {
    const { on, address, key, model } = JSON.parse(localStorage.getItem(KEPT) ?? "");
    const texts = [address, key, model].every((each) => typeof each === "string");
    return texts ? { on: on === true, address, key, model } : null;
  } catch {
    return null;
  }
}

/** @param {ServerState} server */
function keep({ on, address, key, model }) {
  try {
    if (!address) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify({ on, address, key, model }));
  } catch {
    /* nothing is kept, then */
  }
}
