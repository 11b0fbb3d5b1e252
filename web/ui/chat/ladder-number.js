// A number that the reader may change, read as people write them; what cannot be meant is said.
/** @import {Control, Whole} from "../../state/types.js" */
import { read } from "../../settings/field-types.js";
import { count } from "../../select/format.js";
import { make, setAttribute, setText, setValue, setVisible } from "../dom.js";

let fields = 0; // that were made; no two share a name

/**
 * @param {string} label @param {Whole} limits @param {(value: number) => void} change
 */
export function numberField(label, limits, change) {
  const id = `stages-number-${(fields += 1)}`;
  const bad = make("p", { class: "bad", id: `${id}-bad`, role: "alert", hidden: true });
  const input = /** @type {Control} */ (
    /** @type {unknown} */ (
      make("input", {
        class: "value",
        ...{ id, inputmode: "numeric", autocomplete: "off", size: 5, "aria-describedby": bad.id },
      })
    )
  );
  let wrong = false;
  input.addEventListener("change", () => {
    const { value, problem } = read(limits, input.value);
    wrong = Boolean(problem);
    setAttribute(input, "aria-invalid", wrong ? "true" : null);
    setText(bad, wrong ? `${label} must be ${problem}.` : "");
    setVisible(bad, wrong);
    if (wrong) return;
    input.value = count(Number(value)); // as it was understood
    change(Number(value));
  });
  return {
    element: make(
      "div",
      {},
      make("p", { class: "field" }, make("label", { for: id }, label), input),
      bad,
    ),
    input,
    isWrong: () => wrong,
    /** @param {number} value */
    update(value) {
      if (!wrong) setValue(input, count(value));
    },
  };
}
