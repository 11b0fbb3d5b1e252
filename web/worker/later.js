/**
 * The second archive: what a start of Python does without. It comes when the page has been idle,
 * or at the moment when Python imports something of it; then the import waits for it.
 */

/** @import {Pyodide, Site, SiteFile} from "./types.js" */

import { CHECKED, GZIPPED, fetchBytes } from "./files.js";
import { place } from "./unzip.js";

const NAMES = "later.txt"; // its modules, as the build writes them beside the library

export class Later {
  /**
   * @param {Pyodide} pyodide @param {SiteFile} file
   * @param {URL} url  where it is
   * @param {string} folder  Python's library, where its files belong
   */
  constructor(pyodide, file, url, folder) {
    this.pyodide = pyodide;
    this.file = file;
    this.url = url;
    this.folder = folder;
    const names = pyodide.FS.readFile(`${folder}/${NAMES}`, { encoding: "utf8" }).split("\n");
    this.python = pyodide.pyimport("microgpt.late_imports");
    this.imports = this.python.LateImports(pyodide.toPy(names), () => this.bringNow());
    this.here = false;
  }

  /** Without haste. Where it fails there is another time: an import asks for itself. */
  async bring() {
    if (this.here) return;
    const bytes = await fetchBytes(this.url, this.file, () => {}).catch(() => null);
    if (!bytes || this.here) return;
    this.lay(bytes);
    this.imports.arrived();
  }

  /** For an import, which cannot wait for a promise. Answers "", or why it did not work. */
  bringNow() {
    try {
      if (!this.here) this.lay(this.fetchNow());
      return "";
    } catch (error) {
      return `it could not be fetched: ${error instanceof Error ? error.message : error}`;
    }
  }

  fetchNow() {
    const request = new XMLHttpRequest();
    request.open("GET", this.url, false);
    request.responseType = "arraybuffer";
    request.send();
    if (request.status !== 200) throw new Error(`the server answered ${request.status}`);
    const bytes = new Uint8Array(/** @type {ArrayBuffer} */ (request.response));
    if (request.getResponseHeader(CHECKED) === this.file.sha256) return bytes; // and unpacked
    const given = this.pyodide.toPy(bytes);
    const unpacked = this.python.unpack(given, this.file.sha256);
    const buffer = unpacked.getBuffer("u8");
    try {
      return /** @type {Uint8Array} */ (buffer.data).slice();
    } finally {
      buffer.release();
      unpacked.destroy();
      given.destroy();
    }
  }

  /** @param {Uint8Array} bytes */
  lay(bytes) {
    place(this.pyodide.FS, bytes, this.folder);
    this.here = true;
  }
}

/**
 * Of a site that has a second archive; others have all of Python in the first.
 * @param {Pyodide} pyodide @param {Site} site @param {URL} base @param {string} sitePackages
 */
export function laterOf(pyodide, site, base, sitePackages) {
  const file = site.files.find(({ stage }) => stage === "later");
  const folder = sitePackages.replace(/\/[^/]*$/, "");
  return file ? new Later(pyodide, file, new URL(file.url, base), folder) : null;
}
