// The folded parts: closed, its line says whether they are the family's own.
import { setText } from "../dom.js";
import { FIELDS, PARTS, changes, worded } from "../../settings/fields.js";

const NAMES = Object.values(PARTS).flatMap((table) => Object.keys(table));
const MOST = 4;

export function mount(element) {
  const sum = element.querySelector("[data-sum]");
  return (state) => setText(sum, about(state));
}

function about({ settings, described, touched }) {
  if (described.problem && NAMES.includes(touched)) return "one of them does not fit";
  const changed = changes(settings, NAMES).filter((name) => FIELDS[name]);
  if (!changed.length) return `as ${settings.preset} has them`;
  const words = changed.slice(0, MOST).map((name) => worded(name, settings[name]));
  const more = changed.length > MOST ? ` and ${changed.length - MOST} more` : "";
  return `${settings.preset} with ${words.join(", ").replace(/^with /, "")}${more}`;
}
