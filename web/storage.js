/**
 * The runs that are kept between visits, in IndexedDB: written by the worker, one key a run.
 * Whatever the browser objects to becomes an Error with one clear sentence.
 */
/** @import {Column, Settings} from "./state/types.js" */

const DATABASE = "microgpt";
const VERSION = 2; // version 1 kept one run, in a store of its own
const [RUNS, MODELS, TEXTS] = ["runs", "models", "texts"];

export const MOST = 8; // runs that are kept

/**
 * @typedef {Object} Kept  what is known of a kept run without its bytes
 * @property {string} key
 * @property {string} [label]  the name the reader has given it
 * @property {number} saved  when, in milliseconds
 * @property {number} step @property {number} steps @property {number} parameters
 * @property {number} bytes
 * @property {Settings} settings
 * @property {{kind: string, name: string, split: string, digest: string, encoding?: string}} data
 */

/** @typedef {{runs: IDBObjectStore, models: IDBObjectStore, texts: IDBObjectStore}} Stores */

/** The kept runs, the newest first. @returns {Promise<Kept[]>} */
export async function list() {
  /** @type {Kept[]} */
  const found = await transact("readonly", ({ runs }) => asked(runs.getAll()));
  return found.sort((a, b) => b.saved - a.saved);
}

/**
 * A kept run whole, or null; `text` where it learned from the reader's own.
 * @param {string} key
 * @returns {Promise<(Kept & {checkpoint: Uint8Array, samples: Column[], text: Uint8Array|null})|null>}
 */
export async function read(key) {
  return transact("readonly", async ({ runs, models, texts }) => {
    const [about, model] = await Promise.all([asked(runs.get(key)), asked(models.get(key))]);
    if (!about || !model) return null;
    const text = (await asked(texts.get(about.data.digest))) ?? null;
    return { ...about, ...model, text };
  });
}

/**
 * Keep a run, in place of what was kept under its key. A name that the reader has given stays. The
 * text of the data is only written when it is given: it may be large and does not change.
 * @param {Kept} about @param {{checkpoint: Uint8Array, samples: Column[]}} model
 * @param {Uint8Array|null} [text]
 */
export async function put(about, model, text = null) {
  await transact("readwrite", async ({ runs, models, texts }) => {
    const { label } = (await asked(runs.get(about.key))) ?? {};
    models.put(model, about.key);
    if (text) texts.put(text, about.data.digest);
    await asked(runs.put(label ? { ...about, label } : about, about.key));
  });
}

/** @param {string} key @param {string} label */
export async function rename(key, label) {
  await transact("readwrite", async ({ runs }) => {
    const about = await asked(runs.get(key));
    if (about) await asked(runs.put({ ...about, label }, key));
  });
}

/** Forget a run, and the text it learned from unless another has it, too. @param {string} key */
export async function remove(key) {
  await transact("readwrite", async ({ runs, models, texts }) => {
    const about = await asked(runs.get(key));
    runs.delete(key);
    models.delete(key);
    /** @type {Kept[]} */
    const others = await asked(runs.getAll());
    const { digest } = about?.data ?? {};
    if (digest && !others.some(({ data }) => data.digest === digest)) texts.delete(digest);
  });
}

/** @type {BroadcastChannel|undefined} */
let channel;
const otherTabs = () =>
  globalThis.BroadcastChannel && (channel ??= new BroadcastChannel("microgpt-runs"));

/** Call `action` whenever another tab has changed what is kept. @param {() => void} action */
export function whenOthersChange(action) {
  otherTabs()?.addEventListener("message", action);
}

/**
 * Run one transaction; resolves with what the work found, once all of it is on disk.
 * @template Found
 * @param {IDBTransactionMode} mode @param {(stores: Stores) => Promise<Found>} work
 */
async function transact(mode, work) {
  let database;
  try {
    database = await open();
    const transaction = database.transaction([RUNS, MODELS, TEXTS], mode);
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const [runs, models, texts] = [RUNS, MODELS, TEXTS].map((name) =>
      transaction.objectStore(name),
    );
    const [found] = await Promise.all([work({ runs, models, texts }), over]);
    if (mode === "readwrite") otherTabs()?.postMessage("changed");
    return found;
  } catch (error) {
    throw new Error(sentence(/** @type {Error} */ (error)), { cause: error });
  } finally {
    database?.close();
  }
}

/**
 * What a request found.
 * @template Found
 * @param {IDBRequest<Found>} request @returns {Promise<Found>}
 */
export const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    // Where storage is denied, this is missing, throws, or fails: all three happen.
    if (!globalThis.indexedDB) throw new DOMException("there is no storage", "SecurityError");
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () =>
      upgrade(request.result, /** @type {IDBTransaction} */ (request.transaction));
    request.onsuccess = () => {
      // Another tab may bring a newer version: it shall not wait for this one.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

/**
 * Make the stores; the one run that version 1 kept is taken over.
 * @param {IDBDatabase} database @param {IDBTransaction} transaction
 */
function upgrade(database, transaction) {
  for (const name of [RUNS, MODELS, TEXTS]) database.createObjectStore(name);
  if (!database.objectStoreNames.contains("autosave")) return;
  const old = transaction.objectStore("autosave");
  const keys = ["about", "checkpoint", "text"];
  Promise.all(keys.map((key) => asked(old.get(key)))).then(([about, checkpoint, text]) => {
    if (about && checkpoint) {
      const key = "of-before";
      transaction.objectStore(RUNS).put({ ...about, key }, key);
      transaction.objectStore(MODELS).put({ checkpoint, samples: [] }, key);
      if (text) transaction.objectStore(TEXTS).put(text.bytes, text.digest);
    }
    database.deleteObjectStore("autosave");
  });
}

/** @param {Error} error */
export function sentence(error) {
  if (error?.name === "QuotaExceededError") {
    return "The browser's storage is full: the run is not kept; save it to a file instead.";
  }
  if (error?.name === "VersionError") {
    return "A newer version of this page has been open here: reload this tab to keep its run.";
  }
  // In a worker where storage is switched off, Chromium knows only an UnknownError, and says why.
  const denied = /denied permission/.test(error?.message);
  if (denied || ["SecurityError", "InvalidStateError"].includes(error?.name)) {
    return "The browser allows no storage here: the run is not kept; save it to a file instead.";
  }
  return `The browser could not store the run (${error?.message || error}); save it to a file.`;
}
