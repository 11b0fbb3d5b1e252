// The prompt, what the model makes of it, letter by letter, and how fast, with the cache and without.
/** @import {Mount, Send, State, Update} from "../../state/types.js" */
import { count, rate, readable } from "../../select/format.js";
import { aboutShipped, modelAtHand, unitOf } from "../../select/shown-run.js";
import {
  byName,
  bySelector,
  fit,
  make,
  onPress,
  replaceIfChanged,
  setAttribute,
  setDisabled,
  setText,
  setValue,
  setVisible,
} from "../dom.js";

const WAIT = 120; // milliseconds of quiet before the bars follow what is typed
const CACHE =
  "The cache remembers the keys and values of what was read, so that each new letter is one step; without it everything is read again for every letter. The text is the same.";

/** @type {Mount} */
export function mount(element, send) {
  const find = bySelector(element);
  const [prompt, out, bad, write, letter, onward] = [
    ".typed__prompt",
    ".typed__out",
    "[data-problem]",
    "[data-write]",
    "[data-letter]",
    "[data-go-on]",
  ].map(find);
  const [hint, stamp, note, typed] = ["hint", "shipped", "note", "typed"].map(byName(element));
  const updateSpeed = mountSpeed(find(".speed"), send);
  let timer = 0;
  let busy = false;
  let written = "";

  /** A long text scrolls by itself while it is written, and by keys then. */
  function scroll() {
    if (busy) typed.scrollTop = typed.scrollHeight;
    setAttribute(typed, "tabindex", typed.scrollHeight > typed.clientHeight ? 0 : null);
  }
  prompt.addEventListener("input", () => {
    fit(prompt);
    send({ type: "prompt", text: prompt.value });
    clearTimeout(timer);
    timer = setTimeout(() => send({ type: "next-tokens" }), WAIT);
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || write.disabled) return;
    event.preventDefault();
    send({ type: "write" });
  });
  write.addEventListener("click", () => send({ type: busy ? "halt" : "write" }));
  onPress(letter, () => send({ type: "letter" }));
  onPress(onward, () => send({ type: "go-on" }));

  return (state) => {
    const { writing, run, nextTokens, prompt: before } = state;
    const model = modelAtHand(state);
    busy = writing.busy && !writing.one;
    setValue(prompt, before);
    const example = state.recorded?.write;
    const recorded =
      example && !run && before === example.prompt ? example.text.slice(before.length) : "";
    const text = readable(model || run ? writing.text : recorded);
    const forgotten = model ? Math.max(0, (writing.unseen ?? 0) - before.length) : 0;
    replaceIfChanged(out, `${forgotten} ${text}`, () =>
      forgotten ? [text.slice(0, forgotten), make("u", {}, text.slice(forgotten))] : [text],
    );
    if (writing.busy) requestAnimationFrame(scroll);
    else if (written !== text) requestAnimationFrame(() => setTimeout(scroll)); // it is laid out by then
    written = text;
    const end = model && writing.ended && !writing.busy ? " typed__out--end" : "";
    setAttribute(out, "class", `typed__out${writing.busy ? " typed__out--live" : end}`);
    const unit = unitOf(model);
    setText(note, `Underlined: the ${unit}s that the model still sees. It has forgotten the rest.`);
    setVisible(note, forgotten > 0);
    setVisible(stamp, model?.origin === "shipped");
    if (model?.origin === "shipped") setText(stamp.lastElementChild, aboutShipped(model));
    const problem = writing.problem || nextTokens.problem;
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
    setText(write, busy ? "Stop writing" : "Write");
    // Nothing is written with another value than the one on the screen.
    const unread = Object.keys(state.mistyped).some((at) => at.startsWith("sampling."));
    write.disabled = !model || (unread && !busy);
    setDisabled(letter, !model || writing.busy || unread);
    setAttribute(out, "aria-busy", writing.busy); // read when it is whole, not letter by letter
    setVisible(onward, Boolean(model && text && !writing.one));
    setDisabled(onward, writing.busy || Boolean(writing.ended) || unread);
    setText(
      hint,
      model
        ? nextTokens.note || "and see what it would say next"
        : "as soon as there is a model; here is the recorded one",
    );
    updateSpeed(state);
  };
}

/** @param {HTMLElement} element @param {Send} send @returns {Update} */
function mountSpeed(element, send) {
  const find = byName(element);
  const [cache, term, speed, words] = ["cache", "term", "speed", "words"].map(find);
  let open = false;
  cache.addEventListener("change", () => send({ type: "cache", on: cache.checked }));
  term.addEventListener("click", () => {
    open = !open;
    setAttribute(term, "aria-expanded", open);
    setVisible(words, open);
  });
  setText(words, CACHE);

  return (state) => {
    const { cache: on, speeds } = state.writing;
    cache.checked = on;
    setText(speed, speeds.run === modelAtHand(state)?.id ? measured(speeds) : "");
  };
}

/** @param {State["writing"]["speeds"]} state */
function measured({ on, off }) {
  const { context } = on ?? off ?? { context: 0 };
  const told = [
    on && `${rate(on.tokensPerSecond)} tokens/s with the cache`,
    off && `${rate(off.tokensPerSecond)}${on ? "" : " tokens/s"} without`,
  ];
  return `${told.filter(Boolean).join(", ")}, at the end of its context of ${count(context)}`;
}
