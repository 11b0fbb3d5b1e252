// What stands in the section of the machine.
/** @import {Control} from "../../../state/types.js" */
import { make, one } from "../../dom.js";

/** @param {HTMLElement} element */
export function frame(element) {
  const about = make("span", { class: "prose" });
  const view = /** @type {HTMLElement} */ (element.closest("[data-view]"));
  const verdict = one(view, "[data-verdict]"); // under the question, in the head of the view
  const bad = make("p", { class: "bad", role: "alert", hidden: true, "data-problem": true });
  const canvas = make("canvas", { class: "machine__canvas", "aria-hidden": "true" });
  const letters = make("div", {
    ...{ class: "machine__letters", role: "toolbar", "data-letters": true },
    ...{ "aria-label": "What is followed", "aria-orientation": "vertical" },
  });
  const blocks = make("div", {
    ...{ class: "machine__blocks", role: "group", "aria-label": "Blocks", "data-blocks": true },
  });
  const picture = make("div", { class: "machine__picture", "data-picture": true });
  picture.append(canvas, letters, blocks);
  const hollow = make("p", { class: "facts machine__hollow" });
  const toggle = make(
    "button",
    { class: "act", type: "button", "data-toggle": true },
    "As a table",
  );
  const slider = /** @type {Control} */ (
    /** @type {unknown} */ (
      make("input", {
        type: "range",
        min: 0.1,
        max: 2,
        step: 0.1,
        value: 1,
        "data-temperature": true,
      })
    )
  );
  const shown = make("output", {}, "1.0");
  const dice = make("button", { class: "button button--main", type: "button", "data-draw": true });
  const play = make(
    "div",
    { class: "machine__play" },
    make("label", { class: "machine__slide" }, "Temperature ", slider, shown),
    dice,
  );
  const under = make("div", { class: "machine__under" }, hollow, toggle, play);
  const bench = make("section", {
    ...{ class: "bench", "aria-labelledby": "bench-title", "data-bench": true, hidden: true },
  });
  const home = make("div", {}, bench);
  const table = make("div", {
    ...{ class: "table", tabindex: 0, role: "region", "aria-label": "The machine as a table" },
    hidden: true,
  });
  const voice = make("p", { class: "vh", "aria-live": "polite", "data-voice": true });
  element.append(
    make("h2", { id: "machine-title" }, "The machine ", about),
    ...[bad, picture, under, table, home, voice],
  );
  return {
    ...{ about, verdict, bad, canvas, letters, blocks, picture, hollow, toggle, slider, shown },
    ...{ dice, bench, home, table, voice },
  };
}
/** @typedef {ReturnType<typeof frame>} Frame */
