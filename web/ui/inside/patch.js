// A part patched: it gives what it gives for another text, and the next token's bars show what came.
/** @import {Control, Send, State, WithIntervene} from "../../state/types.js" */
import { allParts, partWords } from "../../select/inside/intervene.js";
import { otherTextOf } from "../../state/inside/intervene.js";
import { fit, make, replaceIfChanged, setText, setValue, setVisible } from "../dom.js";
import { nextBars } from "./next-bars.js";
import { radios } from "./pieces.js";

const WAIT = 150; // milliseconds of quiet before the model reads what is typed

/** @param {Send} send */
export function patchedPart(send) {
  const part = /** @type {Control} */ (
    /** @type {unknown} */ (make("select", { class: "blank", "aria-label": "Part" }))
  );
  const other = /** @type {Control} */ (
    /** @type {unknown} */ (
      make("input", {
        ...{ class: "blank", "aria-label": "Another text", maxlength: 63, autocomplete: "off" },
        ...{ autocapitalize: "off", spellcheck: "false" },
      })
    )
  );
  const text = make("b");
  const where = radios("patch-where", "Where", { end: "at its end", all: "at every letter" });
  const why = make("p", { class: "prose" });
  const bars = nextBars();
  const right = make("div", { class: "intervene__next", hidden: true }, ...bars.all);
  const left = make(
    "div",
    {},
    make("h3", {}, "A part that reads another text"),
    make(
      "p",
      { class: "patch__recipe" },
      ...["The model reads ", text, ", but "],
      ...[part, " gives what it gives for ", other, "."],
    ),
    where.element,
    why,
  );
  let timer = 0;
  other.addEventListener("input", () => {
    fit(other);
    clearTimeout(timer);
    timer = setTimeout(() => send({ type: "patch", values: { other: other.value } }), WAIT);
  });
  part.addEventListener("change", () => send({ type: "patch", values: { part: part.value } }));
  where.onChange((value) => send({ type: "patch", values: { everywhere: value === "all" } }));

  /** @param {State} state @param {string} unit @param {number} layers @param {number} heads */
  function update(state, unit, layers, heads) {
    const { patch, looks } = /** @type {WithIntervene} */ (state).intervene;
    const { answer, id } = looks.patch;
    replaceIfChanged(part, `${layers} ${heads}`, () =>
      allParts(layers, heads).map((name) =>
        make("option", { value: name }, partWords(name, layers)),
      ),
    );
    setValue(part, patch.part);
    setValue(other, otherTextOf(state));
    where.set(patch.everywhere ? "all" : "end");
    setVisible(right, Boolean(answer));
    setText(
      why,
      patch.everywhere
        ? "At every place the part gives what it gives at that place of the other text; both texts need the same length."
        : "Only what follows the text can change: what it said before its end stays as it was.",
    );
    if (!answer || id !== null) return;
    setText(text, answer.text || "nothing yet");
    const name = partWords(patch.part, layers);
    bars.update(answer, `with ${name} as for ${otherTextOf(state)}`, unit);
  }
  return { element: make("div", { class: "intervene__both" }, left, right), update };
}
