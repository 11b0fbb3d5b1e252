// How the model was made: a ladder of stages, each to be opened, used, compared and downloaded.
/** @import {Mount} from "../../state/types.js" */
/** @import {Stage, WithStages} from "../../state/stages-types.js" */
import { estimateOf, rungs } from "../../state/stages/words.js";
import { STAGES } from "../../state/stages/stages.js";
import { make, onPress, setAttribute, setText, setVisible } from "../dom.js";

/** @type {[name: string, title: string][]} */
const RUNGS = [
  ["tokens", "Tokens"],
  ["base", "Pre-trained"],
  ["chat", "Fine-tuned"],
  ["tool", "Tool"],
];
/** @type {{[stage in Stage]: string}} */
const DOWNLOADS = { tokens: "the tokenizer", base: "the base", chat: "the chat model" };

/** @type {Mount} */
export function mount(element, send) {
  let mine = false; // whether the reader's own model is shown
  let talksToMine = false;
  const facts = Object.fromEntries(RUNGS.map(([name]) => [name, make("span")]));
  const whose = make("p", { class: "prose" });
  const open = act("Open", "Open the tokens", () => {
    send({ type: "stage-tokens" });
    send({ type: "view", view: "tokens" });
  });
  const use = act("Use", "Use the pre-trained base", () => goTo("compare"));
  const compare = act("Compare", "Compare with and without the tool", () => goTo("compare"));
  const other = act("", "", () =>
    send({ type: "stage-use", stage: talksToMine ? "shipped" : "chat" }),
  );
  /** @param {Stage} stage */
  const file = (stage) =>
    act("Download", `Download ${DOWNLOADS[stage]}`, () => send({ type: "stage-file", stage }));
  const files = { tokens: file("tokens"), base: file("base"), chat: file("chat") };
  /** @type {{[name: string]: HTMLElement[]}} */
  const buttons = {
    tokens: [open, files.tokens],
    base: [use, files.base],
    chat: [other, files.chat],
    tool: [compare],
  };
  const begin = make("button", { class: "button", type: "button", "aria-controls": "stages-make" });
  onPress(begin, () => send({ type: "stages-open" }));

  element.append(
    make("h2", {}, "How it was made"),
    make(
      "ol",
      { class: "path" },
      ...RUNGS.map(([name, title]) =>
        make(
          "li",
          name === "chat" ? { "aria-current": "true" } : {},
          make("b", {}, title),
          facts[name],
          ...buttons[name],
        ),
      ),
    ),
    whose,
    make("p", { class: "row" }, begin),
  );

  return (state) => {
    const { stages } = /** @type {WithStages} */ (state);
    const { made, half, work } = stages;
    talksToMine = Boolean(made.chat) && !stages.shippedWanted;
    mine = talksToMine || (!made.chat && Boolean(made.tokens));
    for (const [name, text] of Object.entries(rungs(stages, mine))) setText(facts[name], text);
    setVisible(use, mine && Boolean(made.base));
    for (const stage of STAGES) setVisible(files[stage], mine && Boolean(made[stage]));
    setVisible(other, Boolean(made.chat));
    setText(other, talksToMine ? "Talk to story-chat" : "Talk to mine");
    setVisible(compare, !mine || Boolean(made.chat));
    const time = estimateOf(stages, [...STAGES]);
    setText(
      whose,
      mine
        ? "These are yours, made in this tab and kept in this browser."
        : `Make your own the same way, in this tab: on your text and your conversations. ${time.startsWith("about") ? `All of it takes ${time}.` : ""}`,
    );
    const waits = half && !work ? "Go on with mine" : mine ? "Make it again" : "Make my own";
    setText(begin, stages.open ? "Close" : waits);
    setAttribute(begin, "aria-expanded", stages.open);
  };
}

/** A small button. @param {string} words @param {string} label @param {() => void} press */
function act(words, label, press) {
  const button = make("button", { class: "act", type: "button" }, words);
  if (label) button.setAttribute("aria-label", label);
  onPress(button, press);
  return button;
}

/** To the part of the page below, and the focus with it. @param {string} name */
function goTo(name) {
  const part = document.querySelector(`[data-stages="${name}"]`);
  part?.scrollIntoView({ block: "nearest" });
  /** @type {HTMLElement|null} */ (part?.querySelector("input"))?.focus();
}
