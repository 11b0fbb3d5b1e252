/**
 * Loading Python needs nothing from the page, so it begins as soon as there is a worker; what it
 * has to tell waits until the page asks.
 */

import { loadPython } from "./load.js";

const SITE = new URL("../site.json", import.meta.url);

export class HeadStart {
  constructor() {
    this.said = [];
    this.post = (message) => this.said.push(message);
    this.loading = this.begin();
    this.loading.catch(() => {}); // told when the page asks
  }

  async begin() {
    const site = await fetch(SITE).then(
      (response) => (response.ok ? response.json() : null),
      () => null, // the page asks for this file too, and says what is wrong with it
    );
    return site && loadPython(site, (message) => this.post(message));
  }

  /** What `loadPython(site, post)` gives, sooner. */
  async finish(site, post) {
    this.said.forEach((message) => post(message));
    this.post = post;
    return (await this.loading) ?? loadPython(site, post);
  }
}
