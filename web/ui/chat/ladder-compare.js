// The same question side by side: before and after fine-tuning, with the tool and without.
/** @import {Mount} from "../../state/types.js" */
/** @import {Answered, Side, WithStages} from "../../state/stages-types.js" */
import { sidesOf } from "../../state/stages/words.js";
import { pieces, visible } from "./text.js";
import { tool } from "./turn.js";
import { make, replaceIfChanged, setText, setVisible } from "../dom.js";

const QUESTION = "What is 127 times 36?";

/** @type {Mount} */
export function mount(element, send) {
  const input = /** @type {HTMLInputElement} */ (
    make("input", { class: "value", id: "stages-question", value: QUESTION })
  );
  const button = make("button", { class: "button", type: "submit" });
  const form = make(
    "form",
    { class: "row" },
    make("label", { for: "stages-question" }, "The same question to each"),
    input,
    button,
  );
  const bad = make("p", { class: "bad", role: "alert", hidden: true });
  const columns = make("div", { class: "sides" });
  element.append(make("h2", {}, "Side by side"), form, bad, columns);
  /** @type {Side[]} */
  let sides = [];
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return send({ type: "stages-compare-stop" });
    const question = input.value.trim();
    if (question) send({ type: "stages-compare", question, sides });
  });

  return (state) => {
    const { stages, python } = /** @type {WithStages} */ (state);
    const { compare, made, shippedWanted, work } = stages;
    sides = sidesOf(stages, Boolean(made.chat) && !shippedWanted);
    busy = compare.id !== null;
    setVisible(element, python.status === "ready" && !work);
    setText(button, busy ? "Stop" : "Ask");
    setVisible(bad, Boolean(compare.problem));
    setText(bad, compare.problem);
    const shown = compare.sides.length ? compare.sides : [];
    replaceIfChanged(columns, JSON.stringify([shown, compare.answers, busy]), () =>
      shown.map(({ name }, i) => {
        const said = answer(compare.answers[i], busy);
        return make("section", { class: "side" }, make("h3", {}, name), ...said);
      }),
    );
  };
}

/**
 * What was said: text as text, a call and its result as what they are.
 * @param {Answered} said @param {boolean} going whether more may come
 */
function answer(said, going) {
  const parts = pieces(said.map(({ kind, text }) => ({ type: kind, text })));
  if (!parts.length) return [make("p", {}, going ? "…" : "(nothing)")];
  return parts.map((piece, i) =>
    piece.kind === "tool"
      ? tool(piece.call, piece.result, going && i === parts.length - 1)
      : make("p", { class: "side__said", dir: "auto" }, visible(piece.text)),
  );
}
