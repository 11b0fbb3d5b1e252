/**
 * Calls into `microgpt.page`. Its answers are JSON text; a mistake of the reader's comes back
 * as {refused}, and is thrown here as a Refusal.
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

  /** Call a method of the session. Bytes go as a Python buffer, the rest as it is. */
  ask(method, ...args) {
    const proxies = [];
    const given = args.map((value) => {
      if (!(value instanceof Uint8Array)) return value;
      proxies.push(this.pyodide.toPy(value));
      return proxies.at(-1);
    });
    try {
      const answer = JSON.parse(this.session[method](...given));
      if (answer.refused !== undefined) throw new Refusal(answer.refused, answer.needs);
      return answer;
    } finally {
      proxies.forEach((proxy) => proxy.destroy());
    }
  }

  /** @returns {Float64Array} */
  takeLosses() {
    return this.take("take_losses", "f64");
  }

  /** The losses of the current run up to here. @returns {Float64Array} */
  pastLosses() {
    return this.take("past_losses", "f64");
  }

  /** What belongs to the last answer about the inside: "f32" or "f64". */
  takeNumbers(type) {
    return this.take("take_numbers", type);
  }

  /** @returns {Uint8Array} */
  takeFile() {
    return this.take("take_file", "u8");
  }

  take(method, type) {
    const proxy = this.session[method]();
    const buffer = proxy.getBuffer(type);
    try {
      return buffer.data.slice(); // a copy: the original moves when Python's memory grows
    } finally {
      buffer.release();
      proxy.destroy();
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

/** What Python said last: the name of the error and its sentence. */
export function lastLine(error) {
  return String(error?.message ?? error).trim().split("\n").at(-1);
}
