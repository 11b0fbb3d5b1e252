/**
 * Gets the text to learn from: what comes with the page, the full names file, or the reader's own.
 */

/** @import {DataRequest, Site, Told} from "./types.js" */
/** @import {Python} from "./python.js" */
import { Refusal } from "./python.js";

const PATIENCE = 15_000; // milliseconds
const BASE = new URL("../", import.meta.url);

export class Data {
  /** @param {Python} python @param {Site} site */
  constructor(python, site) {
    this.python = python;
    this.site = site;
    /** @type {import("../storage.js").Kept["data"]|null} */
    this.current = null; // {kind, name, split, digest, encoding}
    /** @type {Uint8Array|null} */
    this.text = null; // the bytes, where they are the reader's own
    /** @type {DataRequest|null} */
    this.asked = null; // the request that brought it
  }

  /**
   * Make a text the data at hand.
   * @param {DataRequest} request @returns {Promise<Told>} what is in it
   */
  async take(request) {
    const found = await this.find(request);
    this.asked = request;
    return found;
  }

  /** @param {DataRequest} request @returns {Promise<Told>} */
  async find({ kind, name, split, bytes, digest, encoding }) {
    if (kind === "full-names") return this.takeFullNames(split);
    if (kind.startsWith("task:")) return this.hand(kind, kind, "line", new Uint8Array());
    if (kind === "names" && digest) return this.takeNamesOf(digest, split);
    if (kind !== "text") return this.hand(kind, name, split, await this.builtIn(kind));
    if (!bytes) throw new Refusal("There is no text; paste some or choose a file.");
    return this.hand(kind, name, split, bytes, encoding);
  }

  /**
   * The full names, or, when they cannot be had, the fewer that come with the page, and why.
   * @param {string|undefined} split
   */
  async takeFullNames(split) {
    const { url, bytes: size } = this.python.ask("names_address");
    try {
      return this.hand("full-names", "names", split, await fetched(url, size));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const found = this.hand("names", "names", split, await this.builtIn("names"));
      const count = found.documents.toLocaleString("en");
      const note = `The full names file could not be had, so these are the ${count} names that come
        with the page. ${error.message}`;
      return { ...found, note: note.replace(/\s+/g, " ") };
    }
  }

  /**
   * The names that a run learned from: those of now, or those that came with the page before.
   * @param {string} digest @param {string|undefined} split
   */
  async takeNamesOf(digest, split) {
    const found = this.hand("names", "names", split, await this.builtIn("names"));
    if (found.digest === digest) return found;
    const earlier = this.hand("names-1800", "names", split, await this.builtIn("names-1800"));
    return earlier.digest === digest ? earlier : this.find({ kind: "names", split });
  }

  /** @param {string} kind */
  async builtIn(kind) {
    const address = this.site.data[kind];
    if (!address) throw new Refusal(`There is no built-in data called ${kind}.`);
    return fetched(new URL(address, BASE));
  }

  /**
   * @param {string} kind @param {string|undefined} name @param {string|undefined} split
   * @param {Uint8Array} bytes @param {string} [encoding]
   */
  hand(kind, name, split, bytes, encoding) {
    const found = this.python.ask("open_data", { kind, name, split, encoding }, bytes);
    const { digest } = found;
    this.current = { kind, name: found.name, split: found.split, digest, encoding };
    this.text = kind === "text" ? bytes : null;
    return found;
  }
}

/** @param {string|URL} url @param {number} [size] */
async function fetched(url, size) {
  let response;
  let bytes;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Refusal("There was no connection to fetch it.");
  }
  if (!response.ok) throw new Refusal(`The server answered ${response.status} for it.`);
  if (size && bytes.length !== size) throw new Refusal("Another file came in its place.");
  return bytes;
}
