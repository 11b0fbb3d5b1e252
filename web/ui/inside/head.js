// The head of Inside: what the model reads, and which model it is; or what to do where there is none.
/** @import {Mount, State} from "../../state/types.js" */
import { byName, fit, replaceIfChanged, setAttribute, setValue, setVisible } from "../dom.js";
import { calledOf } from "../../settings/fields.js";
import { count } from "../../select/format.js";
import { hasModel, textOf } from "../../state/inside.js";
import { unitOf } from "../../select/shown-run.js";

const WAIT = 150; // milliseconds of quiet before the model reads what is typed
const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/** @param {number} n */
const inWords = (n) => NUMBERS[n] ?? count(n);

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [input, about, again, start] = ["text", "about", "again", "start"].map(find);
  let timer = 0;
  input.addEventListener("input", () => {
    fit(input);
    clearTimeout(timer);
    timer = setTimeout(() => send({ type: "inside-text", text: input.value }), WAIT);
  });
  again.addEventListener("click", () => send({ type: "look-again" }));
  start.addEventListener("click", () => send({ type: "start" }));

  return (state) => {
    const there = hasModel(state);
    setValue(input, textOf(state));
    setAttribute(input, "aria-invalid", state.inside.attention.problem ? "true" : null);
    setVisible(again, there);
    setVisible(start, !there && !state.run && !state.queuedAction);
    start.disabled = ["failed", "unsupported", "crashed"].includes(state.python.status);
    const words = there ? aboutModel(state) : aboutNone(state);
    replaceIfChanged(about, words, () => [words]);
  };
}

/** @param {State} state */
function aboutModel({ run, inside: { attention } }) {
  if (!run) return "";
  const { answer } = attention;
  const unit = unitOf(run);
  const heads = answer ? inWords(answer.heads) : "Its";
  const layers =
    answer && answer.layers > 1 ? `each of ${inWords(answer.layers)} layers` : "its one layer";
  const look = `${heads[0].toUpperCase()}${heads.slice(1)} ${heads === "one" ? "head looks back" : "heads look back, each for something of its own,"} in ${layers}.`;
  const from =
    run.origin === "link"
      ? "From the model that came in the link"
      : run.origin === "file"
        ? "From the model in the file"
        : "From the run in this tab";
  const live = run.status === "running" ? "; the pictures are refreshed while it learns" : "";
  const step = run.step
    ? `, step ${count(run.step)}`
    : run.origin === "new"
      ? ", before its first step"
      : "";
  return `Before it guesses, every ${unit} may look back at the ${unit}s before it. ${look} ${from}: ${calledOf(run.settings)}${step}${live}.`;
}

/** @param {State} state */
function aboutNone({ python, run, queuedAction }) {
  if (["failed", "crashed", "unsupported"].includes(python.status))
    return "There is nothing to look into: Python did not load. The view Train says why.";
  if (run || queuedAction)
    return "The model is being made; what is inside it will show here at once.";
  return "There is no model yet. Start training, here or in Train, or open one there; this view then follows it while it learns.";
}
