// The talks that this browser keeps: one entry of its storage for each, written as they grow, and one
// for what was typed to make a model of. Where storage is denied nothing is kept, and all else goes on.
/** @import {KeptTalk, Talk} from "../../state/chat-types.js" */
/** @import {Draft} from "../../state/stages-types.js" */
import { draftOf } from "../../state/stages/typed.js";

const PREFIX = "microgpt.talk.";
const DRAFT = "microgpt.chat-draft";
const MOST = 50; // talks

/** @returns {KeptTalk[]} the newest first */
export function list() {
  const found = [];
  for (const key of keys()) {
    const kept = parsed(key);
    if (kept) found.push({ id: key.slice(PREFIX.length), title: kept.title, saved: kept.saved });
  }
  return found.sort((a, b) => b.saved - a.saved);
}

/**
 * @param {string} id
 * @returns {{talk: Talk, system: string}|null}
 */
export function read(id) {
  const kept = parsed(PREFIX + id);
  if (!kept) return null;
  /** @param {Talk["turns"][number]} turn */
  const whole = (turn) =>
    turn.role === "assistant" && turn.reason === undefined ? { ...turn, reason: "broken" } : turn;
  return { talk: { ...kept.talk, turns: kept.talk.turns.map(whole) }, system: kept.system ?? "" };
}

/**
 * Keep a talk; false where that does not work. Where there is no room, the oldest others go.
 * @param {string} id @param {Talk} talk @param {string} system
 */
export function write(id, talk, system) {
  const [first] = talk.turns;
  const title = first?.parts[0]?.text.replace(/\s+/g, " ").slice(0, 60) || "A talk";
  const text = JSON.stringify({ title, saved: Date.now(), system, talk });
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
export function remove(id) {
  try {
    localStorage.removeItem(PREFIX + id);
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

/**
 * The right to write a talk: a function that gives it back, or null where another tab has it.
 * @param {string} id @returns {Promise<(() => void)|null>}
 */
function taken(id) {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(() => {});
  return new Promise(
    (resolve) =>
      locks
        .request(PREFIX + id, { ifAvailable: true }, (lock) => {
          if (!lock) return resolve(null);
          return new Promise((/** @type {(value?: undefined) => void} */ end) => resolve(end));
        })
        .catch(() => resolve(() => {})), // where storage is denied nothing is written
  );
}

/** What was typed and not taken yet. @returns {Partial<Draft>} */
export function readDraft() {
  return draftOf(found(DRAFT));
}

/** Keep what is typed; false where that does not work. @param {Draft} draft */
export function writeDraft(draft) {
  try {
    localStorage.setItem(DRAFT, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

/** @param {string} key */
function parsed(key) {
  const kept = found(key);
  return Array.isArray(kept?.talk?.turns) ? kept : null;
}

/** @param {string} key */
function found(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
