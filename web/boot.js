/**
 * The first script of the page: starts the worker, which begins to load Python at once, while the
 * page's other modules are still on their way. client.js takes the worker over.
 */

/** What Python is made of and where it lies (`Site` in protocol.js); the build writes this line. */
export const SITE = {};

const ADDRESS = new URL("./worker.js", import.meta.url);

let first = canRun() ? start() : null;

export function canRun() {
  return typeof WebAssembly === "object" && typeof Worker === "function";
}

/** A worker that has been told to load Python; what it says before anybody listens is kept. */
function start() {
  const worker = new Worker(ADDRESS, { type: "module", name: "microgpt" });
  const said = [];
  worker.onmessage = worker.onerror = (event) => {
    event.preventDefault(); // whoever takes the worker over hears of an error
    said.push(event);
  };
  worker.postMessage({ type: "load", site: SITE });
  return { worker, said };
}

/** The worker that has a head start, for whoever asks first; then new ones. */
export function takeWorker() {
  const { worker, said } = first ?? start();
  first = null;
  queueMicrotask(() => said.forEach((event) => worker.dispatchEvent(event)));
  return worker;
}
