// The settings around their groups: two folds, whose lines say what in them is not as usual; and,
// where there is no room beside the run, all of them as a sheet over the page.
import { canReset } from "../../select/shown-run.js";
import {
  FIELDS,
  PARTS,
  TOKENIZER,
  TRAINING,
  changes,
  worded,
} from "../../settings/fields.js";
import { setText } from "../dom.js";

const SHOWN = ["lr", "batch_size", "steps"]; // outside the folds
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

/** A fold is a part of the form, and the form is the sheet. */
export const mount = (element, send) =>
  element.dataset.fold ? mountFold(element) : mountSheet(element, send);

function mountFold(element) {
  const sum = element.querySelector("[data-sum]");
  const fold = FOLDS[element.dataset.fold];
  return (state) => {
    const words = about(state, fold);
    // What Python refuses must be seen where it is.
    if (words === REFUSED && !element.open) element.open = true;
    setText(sum, words);
  };
}

const REFUSED = "one of them does not fit";

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

/** A popover: the button in the transport opens it, Escape closes it, and the focus goes back there. */
function mountSheet(element, send) {
  const reset = element.querySelector("[data-reset]");
  const narrow = matchMedia(NARROW);
  const covered = [...document.querySelectorAll(".shell, .plan, .record, .foot")];

  function adapt() {
    if (narrow.matches) element.setAttribute("popover", "auto");
    else element.removeAttribute("popover");
  }
  adapt();
  narrow.addEventListener("change", adapt);
  // Before, not after: what is inert when the sheet closes could not take the focus back.
  element.addEventListener("beforetoggle", ({ newState, target }) => {
    if (target !== element) return; // a fold within
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
