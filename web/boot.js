/**
 * The first script of the page: starts the worker, which begins to load Python at once, while the
 * page's other modules are still on their way. client.js takes the worker over.
 */

const ADDRESS = new URL("./worker.js", import.meta.url);

export const startWorker = () => new Worker(ADDRESS, { type: "module", name: "microgpt" });

let first = typeof Worker === "function" ? startWorker() : null;

/** The worker that has a head start, for whoever asks first; then new ones. */
export function takeWorker() {
  const worker = first ?? startWorker();
  first = null;
  return worker;
}
