/**
 * Python, numpy and our package, from the files that the site lists, with a word on each stage.
 *
 * Pyodide only logs what fails in its loading, and then waits for ever or goes on without. So we
 * fetch its files ourselves and hand them over; the first that fails ends the wait.
 */

/** @import {Count, Fail, FileSystem, Part, Parts, Post, Pyodide, Site, SiteFile, Stage, StageState} from "./types.js" */

import { GZIPPED, LoadError, checkScript, fetchBytes, fetchModule } from "./files.js";
import { laterOf } from "./later.js";
import { place } from "./unzip.js";

/** @type {Stage[]} */
const STAGES = ["python", "library", "numpy", "microgpt", "check"];
const WASM = "pyodide.asm.wasm";
const BASE = new URL("../", import.meta.url); // addresses of the site are relative to the page

/**
 * @param {Site} site
 * @param {Post} say  gets the "loading" messages
 * @param {WebAssembly.Module|null} [compiled]  Python's, where another worker has it
 */
export async function loadPython(site, say, compiled = null) {
  const stages = new Stages(site.files, say);
  const parts = fetchAll(site, stages, compiled);
  const checks = Promise.all([...parts.values()].map((part) => part.check));
  const { promise: failure, reject: fail } = withReject();
  checks.catch(fail);
  const restore = answerWith(parts, fail);
  const python = await Promise.race([start(site, parts, stages, fail), failure]);
  await checks;
  restore(); // not after a failure: Pyodide may go on, and shall not fetch by itself
  const module = (await [...parts.values()].find((part) => part.module)?.module) ?? null;
  return { ...python, module };
}

/** @param {Site} site @param {Parts} parts @param {Stages} stages @param {Fail} fail */
async function start(site, parts, stages, fail) {
  const runtime = new URL(site.runtime, BASE);
  const { loadPyodide } = await script(runtime, parts);
  let pyodide;
  try {
    pyodide = await loadPyodide({
      indexURL: runtime.href,
      packageBaseUrl: runtime.href,
      /** @param {FileSystem} FS @param {{sitePackages: string}} paths */
      fsInit: (FS, { sitePackages }) => placeLibrary(FS, sitePackages, parts, fail),
    });
  } catch (error) {
    const { stack, message } = /** @type {Error} */ (error ?? {});
    const detail = stack ?? message ?? String(error);
    throw new LoadError("python", "Python could not be started", detail);
  }
  stages.done("python", "library");
  for (const stage of /** @type {Stage[]} */ (["numpy", "microgpt"])) {
    await install(pyodide, parts, stage);
    stages.done(stage);
  }
  return check(pyodide, site, stages);
}

/**
 * The standard library as files; as a zip, where the build has not packed it, Pyodide takes it.
 * @param {FileSystem} FS @param {string} sitePackages @param {Parts} parts @param {Fail} fail
 */
async function placeLibrary(FS, sitePackages, parts, fail) {
  const { file, packed, check } = partOf(parts, "library");
  if (!packed) return;
  const bytes = await check.catch(forEver);
  try {
    place(FS, bytes, sitePackages.replace(/\/[^/]*$/, ""));
  } catch (error) {
    fail(new LoadError("library", `${file.name} could not be unpacked`, String(error)));
  }
}

/**
 * A wheel is a folder in a zip: unpacking it is installing it. Pyodide's own way with numpy would
 * also load each of its libraries, used or not.
 * @param {Pyodide} pyodide @param {Parts} parts @param {Stage} stage
 */
async function install(pyodide, parts, stage) {
  const { file, packed, check } = partOf(parts, stage);
  const bytes = /** @type {Uint8Array} */ (await check);
  try {
    const folder = sitePackages(pyodide);
    if (packed) place(pyodide.FS, bytes, folder);
    else pyodide.unpackArchive(bytes, "wheel", { extractDir: folder });
  } catch (error) {
    throw new LoadError(stage, `${file.name} could not be unpacked`, String(error));
  }
}

/** @param {Parts} parts @param {string} stage */
const partOf = (parts, stage) =>
  /** @type {Part} */ ([...parts.values()].find((part) => part.file.stage === stage));

/** @param {Pyodide} pyodide */
function sitePackages(pyodide) {
  const site = pyodide.pyimport("site");
  const folders = site.getsitepackages();
  try {
    return folders.get(0);
  } finally {
    folders.destroy();
    site.destroy();
  }
}

/** @param {Pyodide} pyodide @param {Site} site @param {Stages} stages */
function check(pyodide, site, stages) {
  try {
    const later = laterOf(pyodide, site, BASE, sitePackages(pyodide));
    const module = pyodide.pyimport("microgpt.page");
    const session = module.Session();
    module.destroy();
    stages.done("check");
    return { pyodide, session, later };
  } catch (error) {
    throw new LoadError("check", "microgpt's own code does not start", String(error));
  }
}

/**
 * All files at once: {address Pyodide asks for -> {file, packed, check, module?}}. `check` is a
 * promise, of the bytes where Python wants them.
 * @param {Site} site @param {Stages} stages @param {WebAssembly.Module|null} compiled
 * @returns {Parts}
 */
function fetchAll(site, stages, compiled) {
  /** @type {Parts} */
  const parts = new Map();
  for (const file of site.files) {
    if (!STAGES.includes(file.stage)) continue; // regex comes when it is first needed
    const url = new URL(file.url, BASE);
    /** @param {number} bytes */
    const count = (bytes) => stages.count(file.stage, bytes);
    const packed = file.url.endsWith(GZIPPED);
    parts.set(url.href.replace(GZIPPED, ""), {
      file,
      packed,
      ...fetchPart(url, file, count, compiled),
    });
  }
  return parts;
}

/** @param {URL} url @param {SiteFile} file @param {Count} count @param {WebAssembly.Module|null} compiled */
function fetchPart(url, file, count, compiled) {
  if (file.name === WASM && compiled)
    return { check: Promise.resolve(), module: Promise.resolve(compiled) };
  if (file.name === WASM) return fetchModule(url, file, count);
  const get = isScript(file) ? checkScript : fetchBytes;
  return { check: get(url, file, count) };
}

/** @param {SiteFile} given */
const isScript = ({ name }) => name.endsWith(".mjs");

/**
 * Pyodide's own scripts. They are imported by address, which a policy can allow, and so cannot be
 * handed over: they are fetched and checked first, and then come from the browser's cache.
 * @param {URL} runtime @param {Parts} parts
 */
async function script(runtime, parts) {
  const scripts = [...parts.values()].filter((part) => isScript(part.file));
  await Promise.all(scripts.map((part) => part.check));
  try {
    // Both at once, though the first would import the second when it needs it.
    const run = scripts.map(({ file }) => import(new URL(file.name, runtime).href));
    const modules = await Promise.all(run);
    return modules.find((module) => module.loadPyodide);
  } catch (error) {
    throw new LoadError("python", "pyodide.mjs could not be run", String(error));
  }
}

/** A part that fails has ended the wait already; Pyodide would only complain as well. */
const forEver = () => new Promise(() => {});

function withReject() {
  /** @type {Fail} */
  let reject = () => {};
  /** @type {Promise<never>} */
  const promise = new Promise((_, no) => (reject = no));
  promise.catch(() => {}); // it may fail when nobody waits any more
  return { promise, reject };
}

/**
 * Answer Pyodide's own fetches with what we have. Returns a function that undoes it.
 * @param {Parts} parts @param {Fail} fail
 */
function answerWith(parts, fail) {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  const module = [...parts.values()].find((part) => part.module)?.module;
  module?.catch(fail);
  globalThis.fetch = async (resource, options) => {
    const part = parts.get(
      new URL(resource instanceof Request ? resource.url : resource, BASE).href,
    );
    if (!part) return fetch(resource, options);
    if (part.module || part.packed) return new Response(null); // it comes in another way
    return new Response(/** @type {Uint8Array<ArrayBuffer>} */ (await part.check.catch(forEver)));
  };
  WebAssembly.instantiateStreaming = async (response, imports) => {
    if (!module) return instantiateStreaming.call(WebAssembly, response, imports);
    try {
      const compiled = await module;
      return { module: compiled, instance: await WebAssembly.instantiate(compiled, imports) };
    } catch (error) {
      // Pyodide would print this and wait for ever.
      fail(new LoadError("python", "the browser could not start Python", String(error)));
      throw error;
    }
  };
  return () => {
    globalThis.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}

/** Counts what has come of each stage, and says so, but not for every packet. */
class Stages {
  /** @param {SiteFile[]} files @param {Post} say */
  constructor(files, say) {
    this.say = say;
    /** @type {Map<Stage, StageState>} */
    this.of = new Map(STAGES.map((stage) => [stage, { received: 0, total: 0, done: false }]));
    for (const { stage, bytes } of files) {
      const state = this.of.get(stage);
      if (state) state.total += bytes;
    }
    /** @type {Map<Stage, number>} */
    this.told = new Map();
    this.tell("python");
  }

  /** @param {Stage} stage */
  state(stage) {
    return /** @type {StageState} */ (this.of.get(stage));
  }

  /** @param {Stage} stage @param {number} bytes */
  count(stage, bytes) {
    const state = this.state(stage);
    state.received += bytes;
    if (performance.now() - (this.told.get(stage) ?? 0) > 50 || state.received >= state.total) {
      this.tell(stage);
    }
  }

  /** @param {Stage[]} stages */
  done(...stages) {
    for (const stage of stages) {
      this.state(stage).done = true;
      this.tell(stage);
    }
  }

  /** @param {Stage} stage */
  tell(stage) {
    this.told.set(stage, performance.now());
    this.say({ type: "loading", stage, ...this.state(stage) });
  }
}
