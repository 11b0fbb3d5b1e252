// The two folds of the settings: closed, its line says what in it is not as usual.
import { setText } from "../dom.js";
import {
  FIELDS,
  PARTS,
  TOKENIZER,
  TRAINING,
  changes,
  worded,
} from "../../settings/fields.js";

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

export function mount(element) {
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
