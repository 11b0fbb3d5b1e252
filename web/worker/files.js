/**
 * The files Python is made of: fetched all at once, counted as they come, and checked. What the
 * service worker has put by was checked and unpacked then, and is taken as it is.
 */

/** @import {Count, SiteFile, Stage} from "./types.js" */

export const CHECKED = "X-Checked"; // the service worker's mark, with the checksum
export const GZIPPED = ".gzipped"; // how the address of a file ends that the build has packed

const fetch = globalThis.fetch.bind(globalThis); // load.js gives Pyodide another one

/** Loading went wrong: at which stage, and why in words for the reader. */
export class LoadError extends Error {
  /** @param {Stage} stage @param {string} reason @param {string} [detail] */
  constructor(stage, reason, detail = "") {
    super(reason);
    this.stage = stage;
    this.detail = detail;
  }
}

/**
 * Fetch a file whole and check it; what the build has gzipped is unpacked.
 * @param {URL} url
 * @param {SiteFile} file
 * @param {(bytes: number) => void} count
 * @returns {Promise<Uint8Array>}
 */
export async function fetchBytes(url, file, count) {
  const { response, sure } = await ask(url, file);
  if (sure) {
    count(file.bytes);
    return whole(response, file);
  }
  const bytes = await checked(response, file, count);
  return file.url.endsWith(GZIPPED) ? unpacked(bytes) : bytes;
}

/**
 * See that a script is the right one; it is imported by its address afterwards.
 * @param {URL} url @param {SiteFile} file @param {Count} count
 */
export async function checkScript(url, file, count) {
  if (await kept(url, file)) count(file.bytes);
  else await checked((await ask(url, file)).response, file, count);
}

/** @param {Response} response @param {SiteFile} file */
async function whole(response, file) {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new LoadError(file.stage, `${file.name} could not be read`, String(error));
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Fetch a WebAssembly file and compile it as it comes. The browser keeps what it compiled beside
 * the file in its cache, but only of a response it made itself (a second visit is 0.6 s faster):
 * so that one is compiled, and a copy of it counted and checked.
 * @param {URL} url @param {SiteFile} file @param {Count} count
 * @returns {{module: Promise<WebAssembly.Module>, check: Promise<void>}}
 */
export function fetchModule(url, file, count) {
  const asked = ask(url, file);
  const copy = asked.then(({ response, sure }) => (sure ? null : response.clone()));
  const check = copy.then((clone) => {
    if (clone) return checked(clone, file, count).then(() => {});
    return count(file.bytes);
  });
  const module = copy.then(() => asked).then(({ response }) => compile(response, file));
  // A wrong file may fail in both ways: that it is the wrong one says more.
  return { check, module: module.catch((error) => check.then(() => Promise.reject(error))) };
}

/** @param {Response} response @param {SiteFile} file */
async function compile(response, file) {
  try {
    const type = response.headers.get("Content-Type") || "";
    if (type.startsWith("application/wasm")) return await WebAssembly.compileStreaming(response);
    return await WebAssembly.compile(await response.arrayBuffer()); // a server without the type
  } catch (error) {
    throw new LoadError(file.stage, `${file.name} could not be compiled`, String(error));
  }
}

/**
 * @param {URL} url @param {SiteFile} file
 * @returns {Promise<{response: Response, sure: boolean}>} sure: nothing is left to check
 */
async function ask(url, file) {
  let response, sure;
  try {
    [response, sure] = await (isWasm(file) ? fetchWasm(url, file) : fetchFile(url, file));
  } catch (error) {
    const reason = `${file.name} could not be fetched: no connection, or something blocks it`;
    throw new LoadError(file.stage, reason, `${url}: ${error}`);
  }
  if (response.ok) return { response, sure };
  const answer = [response.status, response.statusText].filter(Boolean).join(", ").toLowerCase();
  throw new LoadError(file.stage, `the server answered “${answer}” for ${file.name}`, `${url}`);
}

/** @param {SiteFile} given */
const isWasm = ({ name }) => name.endsWith(".wasm");

/** @param {Response} response @param {SiteFile} file */
const isChecked = (response, file) => response.headers.get(CHECKED) === file.sha256;

/**
 * What the service worker has put by, if it has.
 * @param {URL} url @param {SiteFile} file
 */
async function kept(url, file) {
  const found = await globalThis.caches?.match(url, { ignoreSearch: true }).catch(() => null);
  return found && isChecked(found, file) ? found : null;
}

/** @param {URL} url @param {SiteFile} file @returns {Promise<[Response, boolean]>} */
async function fetchFile(url, file) {
  const response = await fetch(url);
  return [response, isChecked(response, file)];
}

/**
 * The service worker leaves this file to us: what the browser has in its own cache comes with the
 * code it compiled, and what the service worker has put by does not.
 * @param {URL} url @param {SiteFile} file @returns {Promise<[Response, boolean]>} */
async function fetchWasm(url, file) {
  const found = await kept(url, file);
  if (!found) return [await fetch(url), false];
  // An address has one content: what was put by and checked is this.
  /** @type {RequestInit} */
  const options = { cache: "only-if-cached", mode: "same-origin" };
  const own = await fetch(url, options).catch(() => null);
  return [own?.ok ? own : found, true];
}

/** @param {Response} response @param {SiteFile} file @param {Count} count */
async function checked(response, file, count) {
  const bytes = await collect(response, file, count);
  if (file.sha256 && (await differs(bytes, file.sha256))) {
    const reason = `${file.name} is not the file it should be: its checksum differs`;
    throw new LoadError(file.stage, reason, `${response.url}, ${bytes.length} bytes`);
  }
  return bytes;
}

/** @param {Response} response @param {SiteFile} file @param {Count} count */
async function collect(response, file, count) {
  const parts = [];
  let size = 0;
  try {
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      size += part.value.length;
      count(part.value.length);
    }
  } catch (error) {
    throw new LoadError(file.stage, `the connection broke off in ${file.name}`, String(error));
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {string} sha256 */
async function differs(bytes, sha256) {
  // Outside https and localhost browsers offer no checksums; the lock still guards numpy.
  if (!globalThis.crypto?.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex !== sha256;
}
