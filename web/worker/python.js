/**
 * Calls into `microgpt.page`. An answer is facts as JSON text, and arrays; a mistake of the
 * reader's comes back as {refused}, and is thrown here as a Refusal.
 */

export class Refusal extends Error {
  /** `needs` names what would make the same question work. */
  constructor(message, needs = "") {
    super(message);
    this.needs = needs;
  }
}

export class Python {
  /** @param {{pyodide: object, session: object}} loaded */
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
   */
  ask(name, request = {}, ...files) {
    const given = files.map((bytes) => this.pyodide.toPy(bytes));
    let answer;
    try {
      answer = this.session.call(name, JSON.stringify(request), ...given);
      const { arrays, ...facts } = JSON.parse(answer.get(0));
      if (facts.refused !== undefined) throw new Refusal(facts.refused, facts.needs);
      arrays.forEach((array, i) => (facts[array] = copied(answer.get(i + 1))));
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

  /** One of the packages that come with the site; whether it is there. */
  async load(name) {
    await this.pyodide.loadPackage(name);
    return Boolean(this.pyodide.loadedPackages[name]);
  }
}

/** A typed array of what stands in a Python array, or in bytes. */
function copied(proxy) {
  const buffer = proxy.getBuffer();
  try {
    return buffer.data.slice(); // a copy: the original moves when Python's memory grows
  } finally {
    buffer.release();
    proxy.destroy();
  }
}

/** What Python said last: the name of the error and its sentence. */
export function lastLine(error) {
  return String(error?.message ?? error).trim().split("\n").at(-1);
}
