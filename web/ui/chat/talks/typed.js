// Conversations that are typed: turns with a question, a tool where one is called, and an answer.
/** @import {Control, Send} from "../../../state/types.js" */
/** @import {TypedTalk, TypedTurn} from "../../../state/stages-types.js" */
import { NO_TALK, NO_TOOL, NO_TURN } from "../../../state/stages/typed.js";
import { make, onPress, replaceIfChanged, setValue } from "../../dom.js";

/** @typedef {ReturnType<typeof typedTalks>} TypedTalks */

/** @param {Send} send */
export function typedTalks(send) {
  const list = make("ol", { class: "told" });
  const add = act("One more conversation", "", () => {
    wanted = `You say, conversation ${talks.length + 1}`;
    change([...talks, NO_TALK]);
  });
  /** @type {TypedTalk[]} */
  let talks = [];
  /** @type {(() => void)[]} */
  let updates = []; // of the fields: the reader may be typing in one of them
  let wanted = ""; // the label of what shall have the focus when the fields are made anew

  /** @param {TypedTalk[]} now */
  const change = (now) => send({ type: "stages-draft", values: { talks: now } });
  /** @param {number} at @param {(talk: TypedTalk) => TypedTalk} by */
  const changeTalk = (at, by) => change(talks.map((talk, i) => (i === at ? by(talk) : talk)));
  /** @param {number} at @param {number} turn @param {Partial<TypedTurn>} values */
  const changeTurn = (at, turn, values) =>
    changeTalk(at, (talk) => ({
      ...talk,
      turns: talk.turns.map((each, i) => (i === turn ? { ...each, ...values } : each)),
    }));

  /** What had the focus has it again or, if it is gone, the field that takes its place. */
  function focusAgain() {
    const fields = [
      .../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("input, button")),
    ];
    const found = fields.find((each) => each.getAttribute("aria-label") === wanted);
    (found ?? fields.find(({ tagName }) => tagName === "INPUT"))?.focus();
  }

  /**
   * @param {string} words @param {string} where
   * @param {() => string} read @param {(value: string) => void} write
   */
  function field(words, where, read, write) {
    const input = /** @type {Control} */ (
      /** @type {unknown} */ (make("input", { class: "value", "aria-label": `${words}, ${where}` }))
    );
    input.addEventListener("input", () => write(input.value));
    updates.push(() => setValue(input, read()));
    return make("label", {}, make("span", { class: "facts" }, words), input);
  }

  /** @param {TypedTalk} talk @param {number} at */
  function drawn({ system, turns }, at) {
    const where = `conversation ${at + 1}`;
    const rows = turns.map((turn, i) =>
      row(turn, at, i, turns.length > 1 ? `${where}, turn ${i + 1}` : where),
    );
    const line = system !== null && [
      field(
        "System line",
        where,
        () => talks[at]?.system ?? "",
        (value) => changeTalk(at, (talk) => ({ ...talk, system: value })),
      ),
      act("Without the system line", `Without the system line, ${where}`, () =>
        changeTalk(at, (talk) => ({ ...talk, system: null })),
      ),
    ];
    const buttons = [
      act("One more turn", `One more turn, ${where}`, () => {
        wanted = `You say, ${where}, turn ${turns.length + 1}`;
        changeTalk(at, (talk) => ({ ...talk, turns: [...talk.turns, NO_TURN] }));
      }),
      ...(line
        ? []
        : [
            act("A system line", `A system line, ${where}`, () => {
              wanted = `System line, ${where}`;
              changeTalk(at, (talk) => ({ ...talk, system: "" }));
            }),
          ]),
      act("Remove", `Remove ${where}`, () => change(talks.filter((_, i) => i !== at))),
    ];
    return make(
      "li",
      {},
      ...(line ? [make("div", { class: "told__system" }, ...line)] : []),
      ...rows,
      make("p", { class: "row" }, ...buttons),
    );
  }

  /** @param {TypedTurn} turn @param {number} at @param {number} i @param {string} where */
  function row({ tool }, at, i, where) {
    const now = () => talks[at]?.turns[i];
    /** @param {"you"|"model"} name @param {string} words */
    const text = (name, words) =>
      field(
        words,
        where,
        () => now()?.[name] ?? "",
        (value) => changeTurn(at, i, { [name]: value }),
      );
    /** @param {"call"|"result"} name @param {string} words */
    const ofTool = (name, words) =>
      field(
        words,
        where,
        () => now()?.tool?.[name] ?? "",
        (value) => changeTurn(at, i, { tool: { ...NO_TOOL, ...now()?.tool, [name]: value } }),
      );
    const buttons = [
      act(
        tool ? "Without the tool" : "With the tool",
        `${tool ? "Without" : "With"} the tool, ${where}`,
        () => {
          wanted = tool ? `With the tool, ${where}` : `It asks the tool, ${where}`;
          changeTurn(at, i, { tool: tool ? null : NO_TOOL });
        },
      ),
    ];
    if (i)
      buttons.push(
        act("Remove this turn", `Remove this turn, ${where}`, () =>
          changeTalk(at, (talk) => ({ ...talk, turns: talk.turns.filter((_, k) => k !== i) })),
        ),
      );
    return make(
      "div",
      { class: "told__turn" },
      text("you", "You say"),
      ...(tool ? [ofTool("call", "It asks the tool"), ofTool("result", "The tool gives")] : []),
      text("model", "It answers"),
      make("span", {}, ...buttons),
    );
  }

  /** @param {TypedTalk[]} now */
  function update(now) {
    talks = now;
    const shape = talks.map(({ system, turns }) => [
      system !== null,
      ...turns.map(({ tool }) => Boolean(tool)),
    ]);
    const had = list.contains(document.activeElement);
    wanted ||= (had && document.activeElement?.getAttribute("aria-label")) || "";
    replaceIfChanged(list, JSON.stringify(shape), () => {
      updates = [];
      return talks.map(drawn);
    });
    if (wanted && !list.contains(document.activeElement)) focusAgain();
    wanted = "";
    for (const bring of updates) bring();
  }
  return { element: list, add, update };
}

/** @param {string} words @param {string} label @param {() => void} press */
function act(words, label, press) {
  const button = make("button", { class: "act", type: "button" }, words);
  if (label) button.setAttribute("aria-label", label);
  onPress(button, press);
  return button;
}
