// The talks that this browser keeps: one entry of its storage for each, written as they grow, with
// what was chosen in them. Where storage is denied nothing is kept, and all else goes on.
/** @import {ChatState, KeptTalk, Talk} from "../../state/chat-types.js" */
/** @import {Draft} from "../../state/stages-types.js" */
import { draftOf, joined } from "../../state/stages/typed.js";

const PREFIX = "microgpt.talk.";
const DRAFT = "microgpt.chat-draft";
const MOST = 50; // talks
const AGAIN = 300; // milliseconds: a page that is being left may still have its entry

/** @returns {KeptTalk[]} the newest first */
export function list() {
  const found = [];
  for (const key of keys()) {
    const kept = parsed(key);
    if (!kept) continue;
    const { title, saved, talk } = kept;
    found.push({ id: key.slice(PREFIX.length), title, saved, empty: !talk.turns.length });
  }
  return found.sort((a, b) => b.saved - a.saved);
}

/**
 * @param {string} id
 * @returns {{talk: Talk, system: string, chosen: ChatState["chosen"]}|null}
 */
export function read(id) {
  const kept = parsed(PREFIX + id);
  if (!kept) return null;
  /** @param {Talk["turns"][number]} turn */
  const whole = (turn) =>
    turn.role === "assistant" && turn.reason === undefined ? { ...turn, reason: "broken" } : turn;
  const { talk, system = "", chosen = {} } = kept;
  return { talk: { ...talk, turns: talk.turns.map(whole) }, system, chosen };
}

/**
 * Keep a talk; false where that does not work. Where there is no room, the oldest others go.
 * @param {string} id @param {Talk} talk @param {string} system @param {ChatState["chosen"]} [chosen]
 */
export function write(id, talk, system, chosen = {}) {
  const [first] = talk.turns;
  const title = first?.parts[0]?.text.replace(/\s+/g, " ").slice(0, 60) || "A talk";
  const text = JSON.stringify({ title, saved: Date.now(), system, chosen, talk });
  for (const old of list().slice(MOST)) remove(old.id);
  for (;;) {
    try {
      localStorage.setItem(PREFIX + id, text);
      return true;
    } catch {
      const oldest = list().findLast((each) => each.id !== id);
      if (!oldest) return false;
      remove(oldest.id);
    }
  }
}

/** @param {string} id */
export const remove = (id) => drop(PREFIX + id);

/** @param {string} key */
function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    /* nothing is kept, then */
  }
}

let mine = ""; // the talk that this tab has for itself
let letGo = () => {}; // gives it back to other tabs

/** A talk that begins here: no other tab may go on with it. @returns {string} its name */
export function begin() {
  const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  void hold(id);
  return id;
}

/**
 * Whether this tab has a talk for itself, in place of the one before; another tab that has it open
 * keeps it.
 * @param {string} id @returns {Promise<boolean>}
 */
export async function hold(id) {
  if (id === mine) return true;
  const release = await taken(id);
  if (!release) return false;
  letGo();
  [mine, letGo] = [id, release];
  return true;
}

/** Keep a talk no longer; false where another tab has it open. @param {string} id */
export async function forget(id) {
  const release = await taken(id);
  if (release) remove(id);
  release?.();
  return Boolean(release);
}

/** @param {string} id */
const taken = (id) => lockOf(PREFIX + id);

/**
 * The right to write an entry: a function that gives it back, or null where another tab has it.
 * @param {string} key @returns {Promise<(() => void)|null>}
 */
function lockOf(key) {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(() => {});
  return new Promise(
    (resolve) =>
      locks
        .request(key, { ifAvailable: true }, (lock) => {
          if (!lock) return resolve(null);
          return new Promise((/** @type {(value?: undefined) => void} */ end) => resolve(end));
        })
        .catch(() => resolve(() => {})), // where storage is denied nothing is written
  );
}

// ---- what was typed to make a model of and is not taken yet: each tab keeps it for itself; what one
// that is closed has left, the next one takes over

let draftKey = ""; // the entry that this tab has for itself

/** What this tab begins with. @returns {Promise<Partial<Draft>>} */
export async function takeDrafts() {
  /** @type {string[]} */
  const left = [];
  /** @type {string[]} */
  const others = [];
  for (const key of keysOf(DRAFT)) ((await lockOf(key)) ? left : others).push(key);
  if (others.length) await new Promise((resume) => setTimeout(resume, AGAIN));
  for (const key of others) if (await lockOf(key)) left.push(key);
  draftKey = left[0] ?? (await beginDraft());
  const draft = joined(left.map((key) => draftOf(found(key))));
  if (left.length > 1 && writeDraft(draft)) left.slice(1).forEach(drop);
  return draft;
}

async function beginDraft() {
  const key = `${DRAFT}.${Math.random().toString(36).slice(2)}`;
  await lockOf(key);
  return key;
}

/** Keep what is typed; false where that does not work. @param {Partial<Draft>} draft */
export function writeDraft(draft) {
  try {
    localStorage.setItem(draftKey, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

// ---- what is typed and not sent

const TYPED = "microgpt.say";

export function readTyped() {
  try {
    return sessionStorage.getItem(TYPED) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} text */
export function writeTyped(text) {
  try {
    sessionStorage.setItem(TYPED, text);
  } catch {
    /* it stays in its field alone */
  }
}

const keys = () => keysOf(PREFIX);

/** @param {string} key */
function parsed(key) {
  const kept = found(key);
  return Array.isArray(kept?.talk?.turns) ? kept : null;
}

/** The entries of this storage whose names begin so. @param {string} prefix */
function keysOf(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** @param {string} key */
function found(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
