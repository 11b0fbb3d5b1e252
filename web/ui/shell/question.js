// The question that is asked, if one is, and after a run what to try next.
/** @import {Mount} from "../../state/types.js" */
import { make, replaceIfChanged, setVisible } from "../dom.js";
import { QUESTIONS, questionIn } from "../../select/questions.js";

/** @type {Mount} */
export function mount(element, send) {
  const view = element.closest("[data-view]")?.getAttribute("data-view") ?? "train";
  const close = () => send({ type: "question", name: "" });
  const about = (/** @type {{number: number, ask: string}} */ { number, ask }) =>
    make(
      "p",
      { class: "prose" },
      make("b", {}, `Question ${number} of ${QUESTIONS.length}. `),
      ask,
      " ",
      make("button", { class: "act", type: "button", onclick: close }, "Close"),
    );

  return (state) => {
    const { asked, next } = questionIn(view, state);
    setVisible(element, Boolean(asked || next));
    replaceIfChanged(element, `${asked?.ask} ${next?.name}`, () => [
      ...(asked ? [about(asked)] : []),
      ...(next ? [make("p", {}, "Try next: ", make("a", { href: next.address }, next.title))] : []),
    ]);
  };
}
