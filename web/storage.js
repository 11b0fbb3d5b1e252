/**
 * The run that is kept between visits, in IndexedDB: written by the worker, looked at and deleted
 * by the page. Whatever the browser objects to becomes an Error with one clear sentence.
 */

const DATABASE = "microgpt";
const STORE = "autosave";

/**
 * @typedef {Object} Kept
 * @property {number} saved  when, in milliseconds
 * @property {number} step @property {number} steps @property {number} parameters
 * @property {Settings} settings
 * @property {{kind: string, name: string, split: string, digest: string}} data
 * @property {Uint8Array} [checkpoint]  only from `read()`
 * @property {Uint8Array|null} [text]  the reader's own text, only from `read()`
 */

/** What is kept, without its bytes, or null. @returns {Promise<Kept|null>} */
export async function latest() {
  return (await transact("readonly", (store) => store.get("about"))) ?? null;
}

/** What is kept, whole, or null. @returns {Promise<Kept|null>} */
export async function read() {
  const keys = ["about", "checkpoint", "text"];
  const found = await transact("readonly", (store) => keys.map((key) => store.get(key)));
  const [about, checkpoint, text] = found;
  if (!about || !checkpoint) return null;
  return { ...about, checkpoint, text: text?.digest === about.data.digest ? text.bytes : null };
}

/**
 * Keep a run in place of the last one. The text of the data is only written when it is given:
 * it may be large and does not change during a run.
 * @param {Kept} about @param {Uint8Array} checkpoint
 * @param {Uint8Array|null} [text]
 */
export async function put(about, checkpoint, text = null) {
  await transact("readwrite", (store) => {
    store.put(checkpoint, "checkpoint");
    if (text) store.put({ digest: about.data.digest, bytes: text }, "text");
    return store.put(about, "about");
  });
}

/** Forget what is kept. */
export async function remove() {
  await transact("readwrite", (store) => store.clear());
}

/** Run one transaction; resolves with what its request or requests found, once it is on disk. */
async function transact(mode, work) {
  let database;
  try {
    database = await open();
    return await settled(database, mode, work);
  } catch (error) {
    throw new Error(sentence(error), { cause: error });
  } finally {
    database?.close();
  }
}

function settled(database, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const made = work(transaction.objectStore(STORE));
    transaction.oncomplete = () =>
      resolve(Array.isArray(made) ? made.map((request) => request.result) : made.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    // Where storage is denied, this is missing, throws, or fails: all three happen.
    if (!globalThis.indexedDB) throw new DOMException("there is no storage", "SecurityError");
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new DOMException("another tab is in the way", "AbortError"));
  });
}

function sentence(error) {
  if (error?.name === "QuotaExceededError") {
    return "The browser's storage is full: the run is not kept; save it to a file instead.";
  }
  // In a worker where storage is switched off, Chromium knows only an UnknownError, and says why.
  const denied = /denied permission/.test(error?.message);
  if (denied || ["SecurityError", "InvalidStateError"].includes(error?.name)) {
    return "The browser allows no storage here: the run is not kept; save it to a file instead.";
  }
  return `The browser could not store the run (${error?.message || error}); save it to a file.`;
}
