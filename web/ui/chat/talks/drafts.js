// What was typed to make a model of and is not taken yet: kept by each tab for itself. What a tab
// that is closed has left, the next one takes over, with all that any of them had.
/** @import {Draft} from "../../../state/stages-types.js" */
import { draftOf, joined } from "../../../state/stages/typed.js";
import { found, keysOf, lockOf } from "../kept.js";

const PREFIX = "microgpt.chat-draft";
const AGAIN = 300; // milliseconds: a page that is being left may still have its entry
let mine = ""; // the entry that this tab has for itself

/** What this tab begins with. @returns {Promise<Partial<Draft>>} */
export async function takeDrafts() {
  /** @type {string[]} */
  const left = [];
  /** @type {string[]} */
  const others = [];
  for (const key of keysOf(PREFIX)) ((await lockOf(key)) ? left : others).push(key);
  if (others.length) await new Promise((resume) => setTimeout(resume, AGAIN));
  for (const key of others) if (await lockOf(key)) left.push(key);
  mine = left[0] ?? (await begin());
  const draft = joined(left.map((key) => draftOf(found(key))));
  if (left.length > 1 && writeDraft(draft)) left.slice(1).forEach(remove);
  return draft;
}

async function begin() {
  const key = `${PREFIX}.${Math.random().toString(36).slice(2)}`;
  await lockOf(key);
  return key;
}

/** Keep what is typed; false where that does not work. @param {Partial<Draft>} draft */
export function writeDraft(draft) {
  try {
    localStorage.setItem(mine, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} key */
const remove = (key) => localStorage.removeItem(key);
