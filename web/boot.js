/**
 * The first script of the page; the build writes it into index.html itself. It starts the worker,
 * which begins to load Python at once, while the rest of the page is still on its way. client.js
 * takes the worker over. The page's own script, main.js, comes when there is something to see.
 */
/** @import {Site} from "./state/types.js" */

const boot = (() => {
  // What Python is made of and where it lies; the build writes this line.
  /** @type {Site|{}} */
  const SITE = {};
  const MOST_WAIT = 1000; // milliseconds for the first paint

  // A theme of the reader's own, as preferences.js keeps it: before anything is painted in another.
  try {
    const { theme } = JSON.parse(localStorage.getItem("microgpt.page") ?? "{}");
    if (["light", "dark"].includes(theme)) document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is denied, or holds something else: the system's theme, then.
  }

  const canRun = () => typeof WebAssembly === "object" && typeof Worker === "function";

  /** A worker that has been told to load Python; what it says before anybody listens is kept. */
  function start() {
    const worker = new Worker("worker.js", { type: "module", name: "microgpt" });
    /** @type {Event[]} */
    const said = [];
    /** @param {Event} event */
    const keep = (event) => {
      event.preventDefault(); // whoever takes the worker over hears of an error
      said.push(event);
    };
    worker.onmessage = worker.onerror = keep;
    worker.postMessage({ type: "load", site: SITE });
    return { worker, said };
  }

  let first = canRun() ? start() : null;

  /** The worker that has a head start, for whoever asks first; then new ones. */
  function takeWorker() {
    const { worker, said } = first ?? start();
    first = null;
    queueMicrotask(() => said.forEach((event) => worker.dispatchEvent(event)));
    return worker;
  }

  /** After the first paint; a tab in the background, or a covered one, paints nothing. */
  function whenSeen() {
    let begun = false;
    const begin = () => {
      if (!begun) import("./main.js");
      begun = true;
    };
    requestAnimationFrame(() => setTimeout(begin));
    setTimeout(begin, document.hidden ? 0 : MOST_WAIT);
  }
  document.addEventListener("DOMContentLoaded", whenSeen);

  return { SITE, canRun, takeWorker };
})();
