// The conversations of a fine-tuning: typed in a small editor, pasted, or from a file; each line is
// checked.
/** @import {Send} from "../../state/types.js" */
/** @import {Pair, StagesState} from "../../state/stages-types.js" */
import { count } from "../../select/format.js";
import { make, onPress, replaceIfChanged, setText, setVisible } from "../dom.js";

const NAME = "typed here";
const EXAMPLE = "teach it your name: “What is your name?” and “My name is …”";

/** @typedef {ReturnType<typeof talksEditor>} TalksEditor */

/** @param {Send} send */
export function talksEditor(send) {
  const list = make("ol", { class: "pairs" });
  const add = plain("One more", () =>
    send({ type: "stages-pairs", pairs: [...pairs, { you: "", model: "" }] }),
  );
  const teach = plain("Take these", () => take(NAME, linesOf(pairs)));
  const paste = /** @type {HTMLTextAreaElement} */ (
    make("textarea", { rows: 3, "aria-label": "Conversations as JSON lines, to paste" })
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
  const element = make(
    "details",
    { class: "rung__own" },
    make("summary", {}, "Your own conversations"),
    make("p", { class: "prose" }, `A few are enough to ${EXAMPLE}.`),
    list,
    make("p", { class: "row" }, add, teach),
    make(
      "p",
      { class: "field" },
      make("label", { for: "stages-talks" }, "A JSON-lines file"),
      file,
    ),
    paste,
    make("p", { class: "row" }, usePasted, back),
    bad,
    wrong,
    mixed,
  );
  /** @type {Pair[]} */
  let pairs = [];

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

  /** @param {number} at @param {Partial<Pair>} values */
  function change(at, values) {
    send({
      type: "stages-pairs",
      pairs: pairs.map((pair, i) => (i === at ? { ...pair, ...values } : pair)),
    });
  }

  /** @param {Pair} pair @param {number} at */
  function row({ you, model }, at) {
    /** @param {"you"|"model"} who @param {string} label @param {string} value */
    const field = (who, label, value) => {
      const input = /** @type {HTMLInputElement} */ (
        make("input", {
          class: "value",
          "aria-label": `${label}, conversation ${at + 1}`,
          placeholder: label,
          value,
        })
      );
      input.addEventListener("change", () => change(at, { [who]: input.value }));
      return input;
    };
    const drop = plain("Remove", () =>
      send({ type: "stages-pairs", pairs: pairs.filter((_, i) => i !== at) }),
    );
    drop.setAttribute("aria-label", `Remove conversation ${at + 1}`);
    return make("li", {}, field("you", "You say", you), field("model", "It answers", model), drop);
  }

  /** @param {StagesState} stages */
  function update({ talks, pairs: now, options }) {
    pairs = now;
    replaceIfChanged(list, JSON.stringify(pairs), () => pairs.map(row));
    mix.checked = options.mix;
    setVisible(mixed, Boolean(talks.name));
    setVisible(back, Boolean(talks.name));
    setText(
      took,
      talks.id !== null
        ? "Checking …"
        : talks.name
          ? `${count(talks.count)} of yours (${talks.name}).`
          : "40,000 made-up conversations.",
    );
    setVisible(bad, Boolean(talks.problem) || talks.wrong.length > 0);
    const lines = talks.wrong.length + talks.more;
    setText(
      bad,
      talks.problem ||
        `Nothing is taken: ${lines === 1 ? "a line is" : `${count(lines)} lines are`} wrong.`,
    );
    setVisible(wrong, talks.wrong.length > 0);
    replaceIfChanged(wrong, JSON.stringify(talks.wrong), () =>
      talks.wrong.map(([line, sentence]) => make("li", {}, `Line ${count(line)}: ${sentence}`)),
    );
  }
  return { element: make("div", {}, took, element), update };
}

const EMPTY = "There are no conversations yet; type a question and its answer.";

/** The pairs that are filled in, as JSON lines. @param {Pair[]} pairs */
export const linesOf = (pairs) =>
  pairs
    .filter(({ you, model }) => you.trim() && model.trim())
    .map(({ you, model }) =>
      JSON.stringify({
        messages: [
          { role: "user", content: you.trim() },
          { role: "assistant", content: model.trim() },
        ],
      }),
    )
    .join("\n");

/** @param {string} words @param {() => void} press */
function plain(words, press) {
  const button = make("button", { class: "act", type: "button" }, words);
  onPress(button, press);
  return button;
}
