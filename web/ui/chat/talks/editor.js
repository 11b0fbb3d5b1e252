// The conversations of a fine-tuning: typed in a small editor, pasted, or from a file; each line is
// checked, and what is taken is shown as the model reads it.
/** @import {Send} from "../../../state/types.js" */
/** @import {RenderedPart, StagesState} from "../../../state/stages-types.js" */
import { amount, count } from "../../../select/format.js";
import { lacking, linesOf } from "../../../state/stages/typed.js";
import { make, onPress, replaceIfChanged, setText, setValue, setVisible } from "../../dom.js";

const NAME = "typed here";
const EXAMPLE = "teach it your name: “What is your name?” and “My name is …”";

/** @typedef {ReturnType<typeof talksEditor>} TalksEditor */
/** @typedef {import("./typed.js").TypedTalks} TypedTalks */

/**
 * @param {Send} send @param {TypedTalks} typed the conversations that are typed
 * @param {(text: string) => string} visible a text as it can be shown
 */
export function talksEditor(send, typed, visible) {
  const teach = plain("Take these", () => takeTyped());
  const paste = /** @type {import("../../../state/types.js").Control} */ (
    /** @type {unknown} */ (
      make("textarea", { rows: 3, "aria-label": "Conversations as JSON lines, to paste" })
    )
  );
  paste.addEventListener("input", () =>
    send({ type: "stages-draft", values: { pasted: paste.value } }),
  );
  const usePasted = plain("Check and take these lines", () => take("pasted lines", paste.value));
  const file = /** @type {HTMLInputElement} */ (
    make("input", { type: "file", accept: ".jsonl,.json,.txt", id: "stages-talks" })
  );
  file.addEventListener("change", () => file.files?.[0] && takeFile(file.files[0]));
  const back = plain("Use the made-up ones again", () =>
    send({ type: "stages-talks", name: null }),
  );
  const mix = /** @type {HTMLInputElement} */ (
    make("input", { type: "checkbox", id: "stages-mix" })
  );
  mix.addEventListener("change", () =>
    send({ type: "stages-options", values: { mix: mix.checked } }),
  );
  const mixed = make(
    "p",
    { class: "field field--check" },
    mix,
    make("label", { for: "stages-mix" }, "in turns with made-up ones, so that it forgets nothing"),
  );
  const took = make("p", { class: "facts" });
  const wrong = make("ul", { class: "bad rung__wrong", hidden: true });
  const bad = make("p", { class: "bad", role: "alert", hidden: true });
  const read = make("div", {
    class: "rendered",
    role: "region",
    "aria-label": "Conversations as the model reads them",
    tabindex: 0,
    hidden: true,
  });
  const element = make(
    "details",
    { class: "rung__own" },
    make("summary", {}, "Your own conversations"),
    make("p", { class: "prose" }, `A few are enough to ${EXAMPLE}.`),
    typed.element,
    make("p", { class: "row" }, typed.add, teach),
    make(
      "p",
      { class: "field" },
      make("label", { for: "stages-talks" }, "A JSON-lines file"),
      file,
    ),
    make("p", { class: "facts" }, "Or lines of such a file:"),
    paste,
    make("p", { class: "row" }, usePasted, back),
    bad,
    wrong,
    read,
    mixed,
  );
  /** @type {StagesState["draft"]["talks"]} */
  let talks = [];

  function takeTyped() {
    const [first, ...more] = lacking(talks);
    if (!first) return take(NAME, linesOf(talks));
    const others = more.length ? ` (and ${more.length} more)` : "";
    send({ type: "stages-talks-problem", message: first + others });
  }

  /** @param {string} name @param {string} text */
  function take(name, text) {
    if (!text.trim()) return send({ type: "stages-talks-problem", message: EMPTY });
    send({ type: "stages-talks", name, bytes: new TextEncoder().encode(text) });
  }

  /** @param {File} given */
  async function takeFile(given) {
    const bytes = await given.arrayBuffer().catch(() => null);
    file.value = "";
    if (!bytes)
      return send({ type: "stages-talks-problem", message: `${given.name} could not be read.` });
    send({ type: "stages-talks", name: given.name, bytes: new Uint8Array(bytes) });
  }

  /** @param {RenderedPart} given */
  function part({ token, text, learned }) {
    const shown = token ? make("span", { class: "rendered__token" }, token) : visible(text);
    return learned ? make("mark", {}, shown) : shown;
  }

  /** @param {StagesState} stages */
  function update({ talks: taken, draft, options }) {
    talks = draft.talks;
    typed.update(talks);
    setValue(paste, draft.pasted);
    mix.checked = options.mix;
    setVisible(mixed, Boolean(taken.name));
    setVisible(back, Boolean(taken.name));
    setText(
      took,
      taken.id !== null
        ? "Checking …"
        : taken.name
          ? `${count(taken.count)} of yours (${taken.name}).`
          : `${options.start === "base" ? "20,000" : "40,000"} made-up conversations.`,
    );
    setVisible(bad, Boolean(taken.problem) || taken.wrong.length > 0);
    const lines = taken.wrong.length + taken.more;
    setText(
      bad,
      taken.problem ||
        `Nothing is taken: ${lines === 1 ? "a line is" : `${count(lines)} lines are`} wrong.`,
    );
    setVisible(wrong, taken.wrong.length > 0);
    replaceIfChanged(wrong, JSON.stringify([taken.wrong, taken.more]), () => [
      ...taken.wrong.map(([line, sentence]) => make("li", {}, `Line ${count(line)}: ${sentence}`)),
      ...(taken.more ? [make("li", {}, `And ${amount(taken.more, "line")} more.`)] : []),
    ]);
    setVisible(read, taken.shown.length > 0);
    replaceIfChanged(read, JSON.stringify(taken.shown), () => [
      make("p", { class: "prose" }, words(taken.shown.length, taken.count)),
      ...taken.shown.map((parts) => make("p", { class: "rendered__talk" }, ...parts.map(part))),
    ]);
  }
  return { element: make("div", {}, took, element), update };
}

const EMPTY = "There are no conversations yet; paste some lines.";

/** @param {number} shown @param {number} of */
function words(shown, of) {
  const which = shown < of ? `The first ${shown}, as` : "As";
  return `${which} the model reads them. It learns to say what is underlined; all else it only reads.`;
}

/** @param {string} words @param {() => void} press */
function plain(words, press) {
  const button = make("button", { class: "act", type: "button" }, words);
  onPress(button, press);
  return button;
}
