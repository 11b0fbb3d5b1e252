// A file dropped anywhere on the page is a text to learn from or a model to open; on Tokens, a
// tokenizer or a text to look at; on Chat, a model to talk to, a talk, or a text for one's own.
/** @import {Mount} from "../../state/types.js" */
import { setVisible } from "../dom.js";

/** @type {Mount} */
export function mount(element, send) {
  let depth = 0; // dragenter and dragleave come for every element on the way
  /** @param {DragEvent} event */
  const files = (event) => event.dataTransfer?.types?.includes("Files");
  /** @param {number} change */
  const over = (change) => {
    depth = Math.max(0, depth + change);
    setVisible(element, depth > 0);
  };
  addEventListener("dragenter", (event) => files(event) && over(1));
  addEventListener("dragleave", (event) => files(event) && over(-1));
  addEventListener("dragover", (event) => files(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(-depth);
    const [file, ...more] = event.dataTransfer?.files ?? [];
    if (file) send({ type: "file-chosen", file, more });
  });
  return () => {};
}
