// A command that helps, with a button that copies it.
/** @import {Send} from "../state/types.js" */
import { make, setText, setVisible } from "./dom.js";

/** @param {Send} send */
export function commandLine(send) {
  const code = make("code");
  const copy = () => send({ type: "copy", text: code.textContent ?? "", what: "Command" });
  const button = make("button", { class: "act", type: "button", onclick: copy }, "Copy it");
  const element = make("p", { class: "command", hidden: true }, code, " ", button);
  /** @param {string} command */
  const show = (command) => {
    setVisible(element, Boolean(command));
    setText(code, command);
  };
  return { element, show };
}
