/**
 * The stages of the reader's own chat model between visits, in a database of their own: what each is
 * made of, how far it is, and its bytes.
 */
/** @import {KeptPart, PartName} from "../../state/stages-types.js" */

import { asked, sentence } from "../../storage.js";

const DATABASE = "microgpt-stages";
const PARTS = "parts";

/** All that is kept, by its name. @returns {Promise<{[name: string]: KeptPart}>} */
export function readAll() {
  return transact("readonly", async (store) => {
    const [names, parts] = await Promise.all([asked(store.getAllKeys()), asked(store.getAll())]);
    return Object.fromEntries(names.map((name, i) => [String(name), parts[i]]));
  });
}

/** @param {PartName} name @param {KeptPart|null} part  null: it is kept no longer */
export function put(name, part) {
  return transact("readwrite", (store) =>
    asked(/** @type {IDBRequest} */ (part ? store.put(part, name) : store.delete(name))),
  );
}

/**
 * The right to make a model, which one tab has: a function that gives it back, or null where another
 * tab has it.
 * @returns {Promise<(() => void)|null>}
 */
export function lock() {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    navigator.locks
      .request("microgpt-stages", { ifAvailable: true }, (free) => {
        if (!free) return resolve(null);
        return new Promise((release) => resolve(() => release(null)));
      })
      .catch(() => resolve(() => {}));
  });
}

/**
 * Run one transaction; resolves with what the work found, once all of it is on disk.
 * @template Found
 * @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => Promise<Found>} work
 */
async function transact(mode, work) {
  let database;
  try {
    database = await open();
    const transaction = database.transaction(PARTS, mode);
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const [found] = await Promise.all([work(transaction.objectStore(PARTS)), over]);
    return found;
  } catch (error) {
    throw new Error(sentence(/** @type {Error} */ (error)), { cause: error });
  } finally {
    database?.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    if (!globalThis.indexedDB) throw new DOMException("there is no storage", "SecurityError");
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(PARTS);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
