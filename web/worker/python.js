/**
 * Calls into `microgpt.page`. An answer is facts as JSON text, and arrays; a mistake of the
 * reader's comes back as {refused}, and is thrown here as a Refusal.
 */

/** @import {PyProxy, Pyodide, Told} from "./types.js" */
export class Refusal extends Error {
  /**
   * `needs` names what would make the same question work, `encoding` what a text may be read as.
   * @param {string} message @param {string} [needs] @param {string} [encoding]
   */
  constructor(message, needs = "", encoding = undefined) {
    super(message);
    this.needs = needs;
    this.encoding = encoding;
  }
}

export class Python {
  /** @param {{pyodide: Pyodide, session: PyProxy}} loaded */
  constructor({ pyodide, session }) {
    this.pyodide = pyodide;
    this.session = session;
    this.versions = this.ask("versions");
  }

  /**
   * Ask the session. The files go as Python buffers; arrays of the answer stand among its facts.
   * @param {string} name
   * @param {object} [request]
   * @param {...Uint8Array} files
   * @returns {Told}
   */
  ask(name, request = {}, ...files) {
    const given = files.map((bytes) => this.pyodide.toPy(bytes));
    /** @type {PyProxy|undefined} */
    let answer;
    try {
      const told = this.session.call(name, JSON.stringify(request), ...given);
      answer = told;
      const { arrays, ...facts } = JSON.parse(told.get(0));
      if (facts.refused !== undefined)
        throw new Refusal(facts.refused, facts.needs, facts.encoding);
      for (const [i, array] of arrays.entries()) facts[array] = copied(told.get(i + 1));
      return facts;
    } finally {
      answer?.destroy();
      given.forEach((proxy) => proxy.destroy());
    }
  }

  /** Bytes of memory Python has taken from the browser; it never gives any back. */
  get memory() {
    return this.pyodide._module.HEAPU8.length;
  }

  /** One of the packages that come with the site; whether it is there. @param {string} name */
  async load(name) {
    await this.pyodide.loadPackage(name);
    return Boolean(this.pyodide.loadedPackages[name]);
  }
}

/** A typed array of what stands in a Python array, or in bytes. @param {PyProxy} proxy @returns {Told} */
function copied(proxy) {
  const buffer = proxy.getBuffer();
  try {
    return buffer.data.slice(); // a copy: the original moves when Python's memory grows
  } finally {
    buffer.release();
    proxy.destroy();
  }
}

/**
 * What Python said last: the name of the error and its sentence.
 * @param {unknown} error
 */
export function lastLine(error) {
  const { message } = /** @type {Error} */ (error ?? {});
  return (
    String(message ?? error)
      .trim()
      .split("\n")
      .at(-1) ?? ""
  );
}
