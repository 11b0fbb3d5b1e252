// The head of Inside: what the model reads, and which model it is; or what to do where there is none.
/** @import {ModelAtHand, Mount, State} from "../../state/types.js" */
import { byName, fit, replaceIfChanged, setAttribute, setValue, setVisible } from "../dom.js";
import { calledOf } from "../../settings/fields.js";
import { capital, count } from "../../select/format.js";
import { textOf } from "../../state/inside.js";
import { aboutShipped, isLive, lookedInto, modelAtHand, unitOf } from "../../select/shown-run.js";

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
    const model = lookedInto(state);
    const { run } = state;
    const begun = run && (isLive(run) || run.opening || run.step);
    setValue(input, textOf(state));
    setAttribute(input, "aria-invalid", state.inside.attention.problem ? "true" : null);
    setVisible(again, Boolean(modelAtHand(state)));
    setVisible(start, model?.origin !== "link" && !begun && !state.queuedAction);
    start.disabled = ["failed", "unsupported", "crashed"].includes(state.python.status);
    const words = model ? aboutModel(model, state.python.status) : aboutNone(state);
    replaceIfChanged(about, words, () => [words]);
  };
}

/** @param {ModelAtHand} model @param {State["python"]["status"]} python */
function aboutModel(model, python) {
  const unit = unitOf(model);
  const [layers, heads] = [Number(model.settings.n_layer), Number(model.settings.n_head)];
  const look = `${capital(inWords(heads))} ${heads === 1 ? "head looks back" : "heads look back, each for something of its own,"} in ${layers > 1 ? `each of ${inWords(layers)} layers` : "the one layer"}.`;
  const back = `Before the model guesses, every ${unit} may look back at those before it. ${look}`;
  if (model.origin === "shipped")
    return `${back} This small model comes with the page: ${aboutShipped(model)}`;
  if (model.origin === "recorded") {
    const lost = "Python did not load; the view Train says why.";
    const then = python === "loading" ? "It can be asked as soon as Python is there." : lost;
    return `${back} This is a recorded example: ${calledOf(model.settings)} after ${count(model.step)} steps. ${python === "ready" ? "" : then}`.trim();
  }
  const from =
    model.origin === "link"
      ? "From the model that came in the link"
      : model.origin === "file"
        ? "From the model in the file"
        : "From the run in this tab";
  const running = model.status === "running"; // which step it is stands above, and would never rest
  const live = running ? "; the pictures are refreshed while it learns" : "";
  const step = running
    ? ""
    : model.step
      ? `, step ${count(model.step)}`
      : model.origin === "new"
        ? ", before its first step"
        : "";
  return `${back} ${from}: ${calledOf(model.settings)}${step}${live}.`;
}

/** @param {State} state */
function aboutNone({ python, run, queuedAction }) {
  if (["failed", "crashed", "unsupported"].includes(python.status))
    return "There is nothing to look into: Python did not load. The view Train says why.";
  if (run || queuedAction)
    return "The model is being made; what is inside it will show here at once.";
  return "There is no model yet. Start training, here or in Train, or open one there; this view then follows it while it learns.";
}
