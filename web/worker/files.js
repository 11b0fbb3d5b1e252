/**
 * The files Python is made of: fetched all at once, counted as they come, and checked.
 */

export const GZIPPED = ".gzipped"; // how the address of a file ends that the build has packed

/** Loading went wrong: at which stage, and why in words for the reader. */
export class LoadError extends Error {
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
  const response = await ask(url, file);
  const bytes = await checked(response, file, count);
  return file.url.endsWith(GZIPPED) ? unpacked(bytes) : bytes;
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Fetch a WebAssembly file and compile it as it comes. The browser keeps what it compiled beside
 * the file in its cache, but only of a response it made itself (a second visit is 0.6 s faster):
 * so that one is compiled, and a copy of it counted and checked.
 * @returns {{module: Promise<WebAssembly.Module>, check: Promise<Uint8Array>}}
 */
export function fetchModule(url, file, count) {
  const response = ask(url, file);
  const copy = response.then((original) => original.clone());
  const check = copy.then((clone) => checked(clone, file, count));
  const module = copy.then(() => response).then((original) => compile(original, file));
  // A wrong file may fail in both ways: that it is the wrong one says more.
  return { check, module: module.catch((error) => check.then(() => Promise.reject(error))) };
}

async function compile(response, file) {
  try {
    const type = response.headers.get("Content-Type") || "";
    if (type.startsWith("application/wasm")) return await WebAssembly.compileStreaming(response);
    return await WebAssembly.compile(await response.arrayBuffer()); // a server without the type
  } catch (error) {
    throw new LoadError(file.stage, `${file.name} could not be compiled`, String(error));
  }
}

async function ask(url, file) {
  let response;
  try {
    response = await fetch(url).catch(async (error) => {
      // What the service worker has put by, but does not answer with.
      const kept = await globalThis.caches?.match(url, { ignoreSearch: true }).catch(() => null);
      if (!kept) throw error;
      return kept;
    });
  } catch (error) {
    const reason = `${file.name} could not be fetched: no connection, or something blocks it`;
    throw new LoadError(file.stage, reason, `${url}: ${error}`);
  }
  if (response.ok) return response;
  const answer = [response.status, response.statusText].filter(Boolean).join(", ").toLowerCase();
  throw new LoadError(file.stage, `the server answered “${answer}” for ${file.name}`, `${url}`);
}

async function checked(response, file, count) {
  const bytes = await collect(response, file, count);
  if (file.sha256 && (await differs(bytes, file.sha256))) {
    const reason = `${file.name} is not the file it should be: its checksum differs`;
    throw new LoadError(file.stage, reason, `${response.url}, ${bytes.length} bytes`);
  }
  return bytes;
}

async function collect(response, file, count) {
  const parts = [];
  let size = 0;
  try {
    const reader = response.body.getReader();
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

async function differs(bytes, sha256) {
  // Outside https and localhost browsers offer no checksums; the lock still guards numpy.
  if (!globalThis.crypto?.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex !== sha256;
}
