// What the page does besides drawing: fetch, read files, the clipboard, the address, the visibility.
/** @import {Action, Boot, Of, Site, State} from "./state/types.js" */
import { preferences } from "./preferences.js";
import { isDownloading } from "./select/notices.js";
import { fromFragment, toFragment } from "./settings/address.js";

const CHECKPOINT = /\.safetensors$/i;
const TEXT = /(?<!merges)\.(txt|md|csv|log|py|js|html)$/i;
const QUIET = 8000; // milliseconds without a byte after which a download is said to have stalled
const IDLE = 2000; // milliseconds after Python is ready
const FOR_CHAT = /^#(chat\?(.*&)?(talk|model)|model)=/; // Chat has yet to read it
const LARGEST_LOOK = 1e6; // bytes of a text to look at
const LARGEST = 200e6; // bytes of a text; Python needs several times as much

/** @type {(keyof State)[]} */
const IN_ADDRESS = ["settings", "sampling", "prompt", "data", "view", "inside", "question"];

/**
 * `watch()` follows the address, `begin()` starts the page; called as a function it sees every
 * action, after the state has changed.
 * @param {{send: (action: Action) => void, hear: (action: Action) => void, start: () => void,
 *   later: {all: () => Promise<unknown>}, now: () => State, boot: Boot}} given
 */
export function createEffects({ send, hear, start, later, now, boot }) {
  let paused = false; // by us, because the tab is hidden
  /** @type {string|null} */
  let address = null;
  let watching = false; // for a new version of the page
  let quiet = 0; // a timer: nothing has arrived
  /** @type {ServiceWorker|null} */
  let waiting = null; // the service worker of the new version

  /** @type {{[Type in Action["type"]]?: (action: Of<Action, Type>, state: State) => unknown}} */
  const does = {
    retry: () => load(),
    reload,
    ready: () => {
      watchForUpdates();
      whenIdle(complete);
    },
    "file-chosen": ({ file, model, more }, { view }) => {
      if (view === "chat") return; // its own effects take it
      if (view === "tokens" && !CHECKPOINT.test(file.name)) takeTokens([file, ...(more ?? [])]);
      else takeFile(file, model);
    },
    "tokenizer-files": ({ files }) => takeTokenizer(files),
    "text-pasted": async ({ text }) => {
      // Through a Blob, because encoding a long text here would hold the page up.
      const bytes = new Uint8Array(await new Blob([text]).arrayBuffer());
      send({ type: "choose-data", kind: "text", name: "your text", bytes });
    },
    "want-text": () => send({ type: "paste", open: true }),
    "choose-data": ({ kind }) => kind === "full-names" && preferences.askedForNames(),
    page: (_, state) => preferences.write(state.page),
    "copy-link": (_, state) => {
      const text = here(toFragment({ ...state, model: null }));
      send({ type: "panel", panel: { kind: "settings", text } });
      copy(text, "Link");
    },
    linked: (_, state) => {
      if (state.saved.panel?.kind !== "model") return;
      const text = here(toFragment({ ...state, model: state.saved.panel.text }));
      send({ type: "panel", panel: { ...state.saved.panel, text } });
      copy(text, "Link");
    },
    command: ({ text }) => copy(text, "Command"),
    copy: ({ text, what }) => copy(text, what),
    file: ({ name, bytes }) => download(name, bytes),
  };

  /** @param {State} before @param {State} state @param {Action} action */
  const effects = (before, state, action) => {
    const act = /** @type {((action: Action, state: State) => unknown)|undefined} */ (
      does[action.type]
    );
    act?.(action, state);
    const changed = IN_ADDRESS.some((part) => before[part] !== state[part]);
    if (changed && address !== null) keepAddress(state);
    if (before.python !== state.python) awaitBytes(state);
  };

  /** @param {State} given */
  function awaitBytes({ python }) {
    clearTimeout(quiet);
    if (isDownloading(python) && !python.stalled)
      quiet = setTimeout(() => send({ type: "stalled" }), QUIET);
  }

  effects.watch = () => {
    address = toFragment({ ...now(), model: null });
    addEventListener("hashchange", () => {
      if (location.hash === address || location.hash === "#main") return;
      const opening = fromFragment(location.hash);
      /** @param {string} fragment */
      const query = (fragment) => fragment.split(/\?(.*)/s)[1] ?? "";
      // Only another view, or a bare name of one: the settings stay.
      const same = !query(location.hash) || query(location.hash) === query(address ?? "");
      address = location.hash;
      send(same ? { type: "view", view: opening.view } : { type: "address", opening });
    });
    document.addEventListener("visibilitychange", visibility);
  };

  effects.begin = async () => {
    load();
    const response = await fetch("recorded.json").catch(() => null);
    const recorded = response?.ok && (await response.json().catch(() => null));
    if (recorded) hear({ type: "recorded", recorded });
  };

  function load() {
    if (!boot.canRun()) return send({ type: "unsupported", reason: lacking() });
    hear({ type: "site", site: /** @type {Site} */ (boot.SITE) });
    start();
  }

  /** @param {File} file @param {boolean} [model] */
  async function takeFile(file, model = CHECKPOINT.test(file.name)) {
    if (!model && file.size > LARGEST) {
      return send({
        type: "data-problem",
        name: file.name,
        message: `This file has ${Math.round(file.size / 1e6)} MB; a tab can take texts of up to 200 MB.`,
      });
    }
    let bytes;
    try {
      bytes = new Uint8Array(await file.arrayBuffer());
    } catch {
      return send({
        type: "data-problem",
        name: file.name,
        message: `${file.name} could not be read.`,
      });
    }
    send(
      model
        ? { type: "open", name: file.name, bytes }
        : { type: "choose-data", kind: "text", name: file.name, bytes },
    );
  }

  /**
   * On Tokens a file is a tokenizer or, if its name says so, a text to look at.
   * @param {File[]} files
   */
  async function takeTokens(files) {
    if (!TEXT.test(files[0].name)) return takeTokenizer(files);
    try {
      send({ type: "token-text", text: await files[0].slice(0, LARGEST_LOOK).text() });
    } catch {
      send({ type: "tokenizer-problem", message: `${files[0].name} could not be read.` });
    }
  }

  /** @param {File[]} files */
  async function takeTokenizer(files) {
    const large = files.find((file) => file.size > LARGEST);
    if (large)
      return send({
        type: "tokenizer-problem",
        message: `${large.name} has ${Math.round(large.size / 1e6)} MB; no tokenizer is so large.`,
      });
    /** @param {File} file */
    const read = async (file) => ({
      name: file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
    });
    const found = await Promise.all(files.slice(0, 2).map(read)).catch(() => null);
    if (found) return send({ type: "tokenizer-chosen", files: found });
    send({ type: "tokenizer-problem", message: `${files[0].name} could not be read.` });
  }

  /** @param {string} text @param {string} what */
  async function copy(text, what) {
    const ok = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    send({ type: "copied", what, ok: Boolean(ok) });
  }

  /** @param {State} state */
  function keepAddress(state) {
    const fragment = toFragment({ ...state, model: null });
    if (fragment === address || (state.view === "chat" && FOR_CHAT.test(location.hash))) return;
    address = fragment;
    history.replaceState(null, "", fragment);
  }

  function visibility() {
    const { run, page } = now();
    if (document.hidden && page.hidden === "pause" && run?.status === "running") {
      paused = true;
      send({ type: "pause" });
    } else if (!document.hidden && paused) {
      paused = false;
      if (now().run?.status === "paused") send({ type: "start" });
    }
  }

  /** Keeps the site for the next visit, once this one has what it needs. */
  async function watchForUpdates() {
    if (watching || !navigator.serviceWorker || !isSecureContext) return;
    if ("served" in document.documentElement.dataset) return; // its server is needed, anyhow
    watching = true;
    const registration = await navigator.serviceWorker.register("sw.js").catch(() => null);
    if (!registration) return;
    const offer = () => {
      if (!registration.waiting || !navigator.serviceWorker.controller) return;
      waiting = registration.waiting;
      send({ type: "update" });
    };
    offer();
    registration.addEventListener("updatefound", () =>
      registration.installing?.addEventListener("statechange", offer),
    );
  }

  /** What a start does without, for whatever comes next, and for a visit without a network. */
  async function complete() {
    send({ type: "idle" });
    await later.all();
    keep("everything");
  }

  /** Have the service worker keep what has come later than it, or all that can still come. */
  async function keep(what = "loaded") {
    if (!navigator.serviceWorker || !isSecureContext) return;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ type: "keep", files: what === "loaded" ? loaded : null });
  }

  /** The new version takes over, and then the page is loaded from it. */
  function reload() {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), {
      once: true,
    });
    waiting?.postMessage({ type: "skipWaiting" });
  }

  effects.keep = () => keep();
  return effects;
}

/**
 * When nothing has been going on for a while; never where the reader saves data.
 * @param {() => void} task
 */
function whenIdle(task) {
  const { connection } = /** @type {{connection?: {saveData: boolean}}} */ (navigator);
  if (connection?.saveData) return;
  // Safari has no such callback.
  setTimeout(
    () => ("requestIdleCallback" in window ? requestIdleCallback(() => task()) : task()),
    IDLE,
  );
}

/** @param {string} fragment */
const here = (fragment) => new URL(fragment, location.href).href;

function lacking() {
  const what =
    typeof WebAssembly === "object"
      ? "web workers, which this browser lacks"
      : "WebAssembly, which this browser lacks or has switched off";
  return `It needs ${what}. Reading and the recorded example need none.`;
}

/** @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
function download(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
