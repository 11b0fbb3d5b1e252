// What it learns from: built in, pasted, or from a file; what is in it, or what is wrong with it.
/** @import {DataKind, Mount, Send, State} from "../../state/types.js" */
import {
  make,
  one,
  replaceIfChanged,
  setAttribute,
  setText,
  setVisible,
  targetOf,
} from "../dom.js";
import { CALLED, TASKS, kindOf, taskOf } from "../../settings/tasks.js";
import { factsOf, readAs, verdictOf } from "../../select/data-facts.js";
import { bytes } from "../../select/format.js";

const KINDS = { names: "Names", stories: "Stories", "task:add": "Task", text: "Your text" };
const SPLITS = { line: "one a line", blank: "paragraphs", none: "one running text" };
const LARGE = 200_000; // characters: a text box becomes slow long before the model does

/** @type {Mount} */
export function mount(element, send) {
  const body = one(element, ".group__body");
  const radios = Object.entries(KINDS).map(([name, words]) => {
    const kind = /** @type {DataKind} */ (name);
    const input = make("input", { type: "radio", name: "data", value: kind });
    input.addEventListener("change", () =>
      send(kind === "text" ? { type: "want-text" } : { type: "choose-data", kind }),
    );
    return { input, label: make("label", {}, input, words) };
  });
  const choice = make(
    "div",
    { class: "choice", role: "radiogroup", "aria-label": "Data set" },
    ...radios.map(({ label }) => label),
  );
  const facts = make("p", { class: "facts" });
  const bad = make("p", { class: "bad", role: "alert", hidden: true });
  const asOther = act("", () => send({ type: "read-as", encoding: offered }));
  const reading = make("p", { class: "row", hidden: true }, asOther);
  let offered = "";
  const advice = make("p", { class: "note", hidden: true });
  const verdict = make("div", { class: "verdict", hidden: true });
  const judge = act("Check these data", () => send({ type: "judge" }));
  const all = make(
    "p",
    { class: "row" },
    act("All 32,033 names, from GitHub (228 kB)", () =>
      send({ type: "choose-data", kind: "full-names" }),
    ),
  );
  const own = make(
    "p",
    { class: "row" },
    act("Paste text", () => send({ type: "paste", open: true })),
    act("Choose a file", choose),
  );
  const split = make(
    "select",
    {
      class: "value",
      "aria-label": "A document is",
      onchange: (event) => send({ type: "split", split: targetOf(event).value }),
    },
    ...Object.entries(SPLITS).map(([value, words]) => make("option", { value }, words)),
  );
  const splitting = make("p", { class: "field" }, make("span", {}, "Documents"), split);
  const task = make("select", {
    class: "value",
    "aria-label": "Task",
    onchange: () => send({ type: "choose-data", kind: kindOf(task.value, TASKS[task.value].size) }),
  });
  const size = make("select", {
    class: "value",
    "aria-label": "Size of the task",
    onchange: () => send({ type: "choose-data", kind: kindOf(task.value, Number(size.value)) }),
  });
  task.append(...Object.entries(CALLED).map(([value, words]) => make("option", { value }, words)));
  const tasks = make("p", { class: "field" }, make("span", {}, "Questions of"), task, size);
  const file = make("input", {
    type: "file",
    hidden: true,
    "aria-label": "A text file",
    tabindex: "-1",
  });
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) send({ type: "file-chosen", file: chosen });
    file.value = "";
  });
  const paste = pasteBox(send, choose, () =>
    radios.find(({ input }) => input.checked)?.input.focus(),
  );
  body.replaceChildren(
    choice,
    facts,
    bad,
    reading,
    splitting,
    tasks,
    advice,
    verdict,
    judge,
    all,
    own,
    paste.element,
    file,
  );

  function choose() {
    file.click();
  }

  return (state) => {
    const { data, pasting } = state;
    const chosen = pasting ? null : taskOf(data.kind);
    const shown = pasting
      ? "text"
      : chosen
        ? "task:add"
        : data.kind === "full-names"
          ? "names"
          : data.kind;
    for (const { input } of radios) input.checked = input.value === shown;
    const words = data.status === "refused" ? `${data.refused ?? ""}` : factsOf(state);
    setText(facts, words);
    setAttribute(facts, "class", data.status === "refused" ? "file" : "facts");
    const problem = data.status === "refused" ? data.message : "";
    setVisible(bad, Boolean(problem));
    setText(bad, problem ?? "");
    offered = (data.status === "refused" && data.encoding) || "";
    setVisible(reading, Boolean(offered));
    setText(asOther, readAs(offered));
    // Beside the box it would be of other data, and move the box whenever it comes and goes.
    const known = data.status === "ready" && !pasting;
    const hint = (known && (data.message || data.advice)) || "";
    setVisible(advice, Boolean(hint));
    setText(advice, hint);
    const said = known ? verdictOf(state) : null;
    setVisible(verdict, Boolean(said));
    replaceIfChanged(verdict, JSON.stringify(said), () =>
      said
        ? [
            make("p", { class: "facts" }, said.sum),
            ...said.advice
              .filter((sentence) => sentence !== data.advice)
              .map((sentence) => make("p", { class: "note" }, sentence)),
          ]
        : [],
    );
    const { id, current } = state.verdict;
    setVisible(judge, known && !current && id === null && described(state));
    setVisible(all, shown === "names" && data.kind !== "full-names" && !pasting);
    setVisible(own, shown === "text" && !pasting);
    setVisible(
      splitting,
      data.kind === "text" && data.bytes !== null && data.status !== "refused" && !pasting,
    );
    if (split.value !== data.split) split.value = data.split;
    setVisible(tasks, Boolean(chosen));
    if (chosen) {
      const { name, least, most, unit } = chosen;
      task.value = name;
      replaceIfChanged(size, name, () =>
        Array.from({ length: most - least + 1 }, (_, i) =>
          make(
            "option",
            { value: least + i },
            `up to ${least + i} ${unit.slice(0, -1)}${least + i > 1 ? "s" : ""}`,
          ),
        ),
      );
      size.value = String(chosen.size);
    }
    paste.update(pasting);
  };
}

/** @param {State} state */
const described = ({ described: { current, answer } }) => current && answer !== null;

/** @param {string} words @param {() => void} onclick */
function act(words, onclick) {
  return make("button", { class: "act", type: "button", onclick }, words);
}

/**
 * `back` is where the focus goes when the box closes around it.
 * @param {Send} send @param {() => void} choose @param {() => void} back
 */
function pasteBox(send, choose, back) {
  const area = make("textarea", {
    id: "paste",
    rows: "6",
    spellcheck: "false",
    placeholder: "One document a line: names, words, verses, code …",
  });
  const note = make("p", { class: "facts", "aria-live": "polite" });
  /** @type {string|null} */
  let large = null; // a text too long for the box, kept beside it
  const use = make(
    "button",
    {
      class: "button button--short",
      type: "button",
      onclick: () => {
        const pasted = large ?? area.value;
        if (pasted.trim()) send({ type: "text-pasted", text: pasted });
        else setText(note, "There is no text yet.");
      },
    },
    "Use this text",
  );
  area.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (pasted.length < LARGE) return;
    event.preventDefault();
    large = pasted;
    area.value = `${pasted.slice(0, 500)}…`;
    setText(note, `${bytes(pasted.length)} pasted; only its beginning is shown here.`);
  });
  area.addEventListener("input", () => {
    large = null;
    setText(note, "");
  });
  const cancel = act("Close", () => send({ type: "paste", open: false }));
  const element = make(
    "div",
    { class: "paste", hidden: true },
    make("label", { for: "paste" }, "Your text. It stays in this tab."),
    area,
    note,
    make("p", { class: "row" }, use, act("Choose a file", choose), cancel),
  );
  element.addEventListener(
    "keydown",
    (event) => event.key === "Escape" && send({ type: "paste", open: false }),
  );

  return {
    element,
    /** @param {boolean} open */
    update(open) {
      if (element.hidden === !open) return;
      const inside = element.contains(document.activeElement);
      setVisible(element, open);
      if (inside && !open) back();
      if (open) {
        area.focus();
        element.scrollIntoView({ block: "nearest" });
      }
    },
  };
}
