// What this browser remembers of the reader: how to run and how to look. Where storage is denied,
// it remembers nothing, and all else goes on.

/** @import {PageSettings} from "./state/types.js" */
const KEY = "microgpt.page";
const NAMES = "microgpt.full-names"; // whether the full names file was ever asked for
/** @type {{[name: string]: unknown[]}} */
const ALLOWED = {
  pace: ["slow", "watch", "full"],
  workers: ["auto", "1", "2", "4"],
  hidden: ["go on", "pause"],
  theme: ["system", "light", "dark"],
};

/** @param {string} key */
const get = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};
/** @param {string} key @param {string} text */
const set = (key, text) => {
  try {
    localStorage.setItem(key, text);
  } catch {
    /* not kept, then */
  }
};

export const preferences = {
  read() {
    let found = null;
    try {
      found = JSON.parse(get(KEY) ?? "null");
    } catch {
      /* as if there were none */
    }
    return Object.fromEntries(
      Object.entries(found ?? {}).filter(([name, value]) => ALLOWED[name]?.includes(value)),
    );
  },
  /** @param {PageSettings} page */
  write(page) {
    set(KEY, JSON.stringify(page));
  },
  get fullNames() {
    return get(NAMES) === "yes";
  },
  askedForNames() {
    set(NAMES, "yes");
  },
};
