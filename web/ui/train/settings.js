// The settings around their groups: two folds, whose lines say what in them is not as usual; and,
// where there is no room beside the run, all of them as a sheet over the page.
/** @import {Mount, Send, Settings, State, Update} from "../../state/types.js" */
import { canReset } from "../../select/shown-run.js";
import { FIELDS, PARTS, TOKENIZER, TRAINING, changes, worded } from "../../settings/fields.js";
import { all, one, setText } from "../dom.js";

const SHOWN = ["lr", "batch_size", "steps"]; // outside the folds
/** @typedef {{names: string[], usual: (settings: Settings) => string}} Fold */

/** @type {{[fold: string]: Fold}} */
const FOLDS = {
  all: {
    names: [
      ...Object.keys(TOKENIZER),
      "n_head",
      "dtype",
      ...Object.keys(TRAINING).filter((name) => !SHOWN.includes(name)),
    ],
    usual: () => "tokens, optimizer, seed",
  },
  parts: {
    names: Object.values(PARTS).flatMap((table) => Object.keys(table)),
    usual: ({ preset }) => `as ${preset} has them`,
  },
};
const MOST = 4;

/**
 * A fold is a part of the form, and the form is the sheet.
 * @type {Mount}
 */
export const mount = (element, send) =>
  element.dataset.fold ? mountFold(element) : mountSheet(element, send);

/** @param {HTMLElement} element @returns {Update} */
function mountFold(element) {
  const sum = one(element, "[data-sum]");
  const fold = FOLDS[element.dataset.fold ?? "all"];
  const details = /** @type {HTMLDetailsElement} */ (element);
  return (state) => {
    const words = about(state, fold);
    // What Python refuses must be seen where it is.
    if (words === REFUSED && !details.open) details.open = true;
    setText(sum, words);
  };
}

const REFUSED = "one of them does not fit";

/** @param {State} state @param {Fold} fold */
function about({ settings, described, touched }, { names, usual }) {
  if (described.problem && names.includes(touched)) return REFUSED;
  const changed = changes(settings, names).filter((name) => FIELDS[name]);
  if (!changed.length) return usual(settings);
  const words = changed.slice(0, MOST).map((name) => worded(name, settings[name]));
  const more = changed.length > MOST ? ` and ${changed.length - MOST} more` : "";
  return `${settings.preset} with ${words.join(", ").replace(/^with /, "")}${more}`;
}

// ---- the sheet

const NARROW = "(max-width: 56rem)";

/**
 * A popover: the button in the transport opens it, Escape closes it, and the focus goes back there.
 * @param {HTMLElement} element @param {Send} send @returns {Update}
 */
function mountSheet(element, send) {
  const reset = one(element, "[data-reset]");
  const narrow = matchMedia(NARROW);
  const covered = all(document.documentElement, ".shell, .plan, .record, .foot");

  function adapt() {
    if (narrow.matches) element.setAttribute("popover", "auto");
    else element.removeAttribute("popover");
  }
  adapt();
  narrow.addEventListener("change", adapt);
  // Before, not after: what is inert when the sheet closes could not take the focus back.
  element.addEventListener("beforetoggle", (event) => {
    if (event.target !== element) return; // a fold within
    const { newState } = /** @type {ToggleEvent} */ (event);
    for (const other of covered) other.inert = newState === "open";
  });
  reset.addEventListener("click", () => {
    send({ type: "reset" });
    element.hidePopover?.();
  });

  return (state) => {
    reset.disabled = !canReset(state);
  };
}
