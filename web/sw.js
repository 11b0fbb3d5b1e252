// Offline after one visit: every file of the site is kept under its hash, so that an update
// fetches only what changed. The page registers this script after it has loaded, and may offer
// an update when `registration.waiting` appears: `waiting.postMessage({type: "skipWaiting"})`
// makes it take over, and the page hears "controllerchange". Nothing depends on any of it.

// address → SHA-256 of every file; the build writes this line.
/** @type {{[path: string]: string}} */
const FILES = {};
// Those of them that are kept only when the page has loaded them, or says that it is idle.
/** @type {string[]} */
const LATER = [];

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SCOPE = worker.registration.scope;
const CACHE = `microgpt ${SCOPE}`; // caches belong to the origin: a neighbour's are not ours
const WANTED = new Map(
  Object.entries(FILES).map(([path, hash]) => [new URL(path, SCOPE).href, hash]),
);
const LATE = new Set(LATER.map((path) => new URL(path, SCOPE).href));
const INDEX = new URL("./index.html", SCOPE).href;
const AT_ONCE = 4;

/** @param {string} url */
const keyOf = (url) => `${url}?sha256=${WANTED.get(url)}`;

/** @param {string} url */
async function fetchChecked(url) {
  // The browser's own cache first: the page has just fetched most of these.
  for (const cache of /** @type {RequestCache[]} */ (["default", "reload"])) {
    const response = await fetch(url, { cache, credentials: "omit" });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const body = await response.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hash === WANTED.get(url)) {
      // A new response: one that was redirected may not answer a navigation. What the build has
      // packed is put by unpacked, and the worker sees that there is nothing left to check.
      const type = response.headers.get("Content-Type") || "application/octet-stream";
      const headers = { "Content-Type": type, "X-Checked": hash };
      return new Response(url.endsWith(".gzipped") ? unpacked(body) : body, { headers });
    }
  }
  throw new Error(`${url} is not the file this version wants`);
}

/** @param {ArrayBuffer} body */
const unpacked = (body) => new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));

/** @param {string[]} urls */
async function keep(urls) {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map((request) => request.url));
  const missing = urls.filter((url) => !kept.has(keyOf(url)));
  const keepNext = async () => {
    for (let url = missing.pop(); url; url = missing.pop()) {
      await cache.put(keyOf(url), await fetchChecked(url));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, keepNext));
}

/** All that a start needs; of the rest what this browser has kept of the version before. */
async function keepFirst() {
  const cache = await caches.open(CACHE);
  const before = new Set((await cache.keys()).map((request) => request.url.split("?")[0]));
  await keep([...WANTED.keys()].filter((url) => !LATE.has(url) || before.has(url)));
}

/**
 * What comes later: `files` of it, or all. Without a network there is another time.
 * @param {string[]|null} files
 */
async function keepLater(files) {
  await keep([...LATE].filter((url) => !files || files.includes(url))).catch(() => {});
}

async function dropOthers() {
  const cache = await caches.open(CACHE);
  const current = new Set([...WANTED.keys()].map(keyOf));
  const old = (await cache.keys()).filter((request) => !current.has(request.url));
  await Promise.all(old.map((request) => cache.delete(request)));
}

/** @param {Request} request @param {string} url */
async function answer(request, url) {
  const cache = await caches.open(CACHE);
  const find = () => cache.match(keyOf(url));
  const found = await find();
  if (found || !LATE.has(url)) return found ?? fetch(request);
  await keepLater([url]);
  return (await find()) ?? fetch(request);
}

worker.addEventListener("install", (event) => event.waitUntil(keepFirst()));

worker.addEventListener("activate", (event) => event.waitUntil(dropOthers()));

worker.addEventListener("message", (event) => {
  if (event.data?.type === "skipWaiting") worker.skipWaiting();
  if (event.data?.type === "keep") event.waitUntil(keepLater(event.data.files));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || request.headers.has("Range")) return;
  const url = new URL(request.url);
  url.hash = "";
  // Settings may stand behind a question mark; only a navigation has such.
  if (request.mode === "navigate") url.search = "";
  const href = url.href === SCOPE ? INDEX : url.href;
  // The browser keeps what it compiled only of a response that did not come from here; the page
  // finds this file in the cache by itself (see fetchWasm).
  if (href.endsWith(".wasm")) return;
  if (WANTED.has(href)) event.respondWith(answer(request, href));
});
