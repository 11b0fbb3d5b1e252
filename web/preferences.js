// What this browser remembers of the reader: how to run and how to look. Where storage is denied,
// it remembers nothing, and all else goes on.
const KEY = "microgpt.page";
const NAMES = "microgpt.full-names"; // whether the full names file was ever asked for
const ALLOWED = {
  pace: ["slow", "watch", "full"],
  hidden: ["go on", "pause"],
  theme: ["system", "light", "dark"],
};

const get = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};
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
      found = JSON.parse(get(KEY));
    } catch {
      /* as if there were none */
    }
    return Object.fromEntries(
      Object.entries(found ?? {}).filter(([name, value]) => ALLOWED[name]?.includes(value)),
    );
  },
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
