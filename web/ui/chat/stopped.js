// Python has stopped or did not load: what is kept, and the way on.
/** @import {Mount} from "../../state/types.js" */
import { make, onPress, setText, setVisible } from "../dom.js";

/** @type {{[status: string]: [title: string, words: string, button: string]}} */
const WORDS = {
  crashed: [
    "Python has stopped",
    "What was said is still there, and so is every stage, as it was kept last.",
    "Start Python again",
  ],
  failed: ["Python did not load", "The view Train says why.", "Try again"],
};

/** @type {Mount} */
export function mount(element, send) {
  const title = make("h2", { class: "notice__title" });
  const words = make("p");
  const again = make("button", { class: "button", type: "button" });
  onPress(again, () => send({ type: "retry" }));
  element.append(make("div", { class: "notice", role: "alert" }, title, words, again));
  return ({ python }) => {
    const found = WORDS[python.status];
    setVisible(element, Boolean(found));
    if (!found) return;
    setText(title, found[0]);
    setText(words, found[1]);
    setText(again, found[2]);
  };
}
