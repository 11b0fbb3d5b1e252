// Views, and folds, whose code is loaded when they are first opened, or all when the page is idle.
/** @import {CreateEffects, Mount, Part} from "../../state/types.js" */
import { make, one } from "../dom.js";

/**
 * What a view brings: its components, and maybe parts of the state and what it does besides.
 * @typedef {{components: {[name: string]: {mount: Mount}}, parts?: Part[],
 *   createEffects?: CreateEffects}} Found
 */

/**
 * @param {{[view: string]: {address: URL, load: () => Promise<Found>, styles?: string[]}}} views
 * @param {(found: Found) => void} place  gets what has come of a view
 */
export function laterViews(views, place) {
  const loaded = new Set();

  /** @param {string} name */
  async function load(name) {
    const { address, load: imports, styles = [] } = views[name];
    // A module that failed to come is never asked for again by the browser; a file is.
    const there = await fetch(address);
    if (!there.ok) throw new Error(`${address}: ${there.status}`);
    const [found] = await Promise.all([imports(), ...styles.map(dressed)]);
    if (loaded.has(name)) return; // it was asked for twice
    loaded.add(name);
    place(found);
  }

  /** @param {string} name */
  async function open(name) {
    if (!views[name] || loaded.has(name)) return;
    const places = `[data-view="${name}"], [data-later="${name}"] > [data-component]`;
    const place = one(document.documentElement, places);
    place.querySelector(":scope > .notice")?.remove();
    await load(name).catch(() => place.prepend(failed(() => open(name))));
  }

  /** All that is not there yet; what does not come now is asked for again when it is opened. */
  const all = () => Promise.allSettled(Object.keys(views).map(load));

  return { open, all };
}

/**
 * A view's own stylesheet.
 * @param {string} href
 */
function dressed(href) {
  const found = document.querySelector(`link[href="${href}"]`);
  if (found) return;
  return new Promise((resolve, reject) => {
    const link = make("link", { rel: "stylesheet", href, onload: resolve });
    link.onerror = () => {
      link.remove();
      reject(new Error(href));
    };
    document.head.append(link);
  });
}

/** @param {() => void} again */
function failed(again) {
  return make(
    "div",
    { class: "notice", role: "alert" },
    make("h2", {}, "This part could not be loaded"),
    make(
      "p",
      {},
      "There may be no connection; or there is a newer version, and loading the page again helps.",
    ),
    make("button", { class: "button", type: "button", onclick: again }, "Try again"),
  );
}
