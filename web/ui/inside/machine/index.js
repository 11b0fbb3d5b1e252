// The machine, alive: the whole model on the reader's own letters.
/** @import {Mount} from "../../../state/types.js" */
import { make } from "../../dom.js";

/** @type {Mount} */
export function mount(element) {
  element.append(make("h2", { id: "machine-title" }, "The machine"));
  return () => {};
}
