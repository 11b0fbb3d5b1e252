// The run as a sentence, and what it means in another.
/** @import {DataKind, Mount, Run, Settings, State} from "../../state/types.js" */
import {
  bySelector,
  fit,
  make,
  replaceIfChanged,
  setAttribute,
  setText,
  setValue,
  setVisible,
} from "../dom.js";
import { plannedParameters, secondsPerStep } from "../../select/shown-run.js";
import {
  FIELDS,
  MODELS,
  TRAINING,
  calledOf,
  modelName,
  read,
  settingsOf,
} from "../../settings/fields.js";
import { CALLED, TASKS, kindOf, taskOf } from "../../settings/tasks.js";
import {
  capital,
  count,
  documents,
  roughly,
  short,
  steps as inSteps,
  stepsPerSecond,
} from "../../select/format.js";

/** @type {{[kind: string]: string}} */
const DATA = {
  names: "names",
  "full-names": "all the names",
  stories: "stories",
  ...Object.fromEntries(
    Object.entries(CALLED).map(([name, words]) => [kindOf(name, TASKS[name].size), words]),
  ),
  text: "your text",
};

/** @type {Mount} */
export function mount(element, send) {
  const find = bySelector(element);
  const [size, data, steps, story] = [
    "[data-size]",
    "[data-data]",
    "[data-steps]",
    "[data-story]",
  ].map(find);
  const word = find("[data-word]");
  const verb = /** @type {Text} */ (size.previousSibling);
  const bad = make("p", { class: "bad", id: "steps-bad", role: "alert", hidden: true });
  steps.setAttribute("aria-describedby", bad.id);
  story.before(bad);

  /** @type {Settings|undefined} */
  let settings; // the last ones, for what stays when the model changes
  size.addEventListener("change", () => {
    if (MODELS[size.value]) send({ type: "settings", values: settingsOf(size.value, settings) });
  });
  data.addEventListener("change", () =>
    send(
      data.value === "text"
        ? { type: "want-text" }
        : { type: "choose-data", kind: /** @type {DataKind} */ (data.value) },
    ),
  );
  steps.addEventListener("input", () => fit(steps));
  steps.addEventListener("change", () => {
    const { value, problem } = read(TRAINING.steps, steps.value);
    const wanted = Number(value);
    const words = `The number of steps must be ${problem}.`;
    if (problem) send({ type: "mistyped", place: "settings", name: "steps", problem: words });
    else {
      send({ type: "settings", values: { steps: wanted } });
      steps.value = count(wanted);
    }
  });

  return (state) => {
    settings = state.settings;
    const own = modelName(settings) ? [] : [calledOf(settings)];
    replaceIfChanged(size, own.join(), () =>
      [...Object.keys(MODELS), ...own].map((name) => make("option", {}, name)),
    );
    setValue(size, calledOf(settings));
    const kinds = { ...DATA, ...ownKind(state.data) };
    replaceIfChanged(data, JSON.stringify(kinds), () =>
      Object.entries(kinds).map(([kind, words]) => make("option", { value: kind }, words)),
    );
    setValue(data, state.data.kind);
    const wrong = state.mistyped["settings.steps"] ?? "";
    setAttribute(steps, "aria-invalid", wrong ? "true" : null);
    setVisible(bad, Boolean(wrong));
    setText(bad, wrong);
    if (!wrong) setValue(steps, count(state.settings.steps));
    setText(word, state.settings.steps === 1 ? "step" : "steps");
    setText(verb, state.run?.status === "running" ? "Training " : "Train ");
    // The page is delivered with the first of these; drawn anew it would be there later.
    const told = tale(state);
    const text = told.map((part) => wordsOf(part)).join("");
    if (plain(story.textContent ?? "") !== plain(text))
      story.replaceChildren(...told.map(shownPart));
  };
}

/**
 * Data that the list has not, or calls otherwise.
 * @param {State["data"]} data @returns {{[kind: string]: string}}
 */
function ownKind({ kind, name }) {
  const task = taskOf(kind);
  if (task)
    return {
      [kind]: kind in DATA ? DATA[kind] : `${CALLED[task.name]}, ${task.size} ${task.unit}`,
    };
  if (kind === "names-1800") return { [kind]: "the earlier names" };
  return kind === "text" && name !== "text" ? { text: short(name) } : {};
}

/** @typedef {(string|string[]|{term: string, mark: string})[]} Tale */

/** @param {Tale[number]} part */
const wordsOf = (part) =>
  typeof part === "string" ? part : Array.isArray(part) ? part[0] : part.term + part.mark;

/** @param {string} text */
const plain = (text) => text.replace(/\s+/g, " ").trim();

/**
 * Words as they are, weighty ones in bold, and a term that explains itself when it is pressed.
 * @param {Tale[number]} part
 */
function shownPart(part) {
  if (typeof part === "string") return part;
  if (Array.isArray(part)) return make("b", {}, part[0]);
  const target = `word-${part.term}`;
  const term = make("button", { class: "term", type: "button", popovertarget: target }, part.term);
  return make("span", { class: "together" }, term, part.mark); // no line begins with the mark
}

/**
 * The second sentence, its weighty parts in lists of their own, its terms as {term}.
 * @param {State} state @returns {Tale}
 */
export function tale(state) {
  const { run, settings, data, page } = state;
  const kind = documents(data);
  const one = kind === "stories" ? "story" : kind.slice(0, -1);
  const pieces = data.rows === "crops" ? "stretch of text" : one;
  /** @param {number} n */
  const shown = (n) =>
    n === 1
      ? `one ${pieces}`
      : `${count(n)} ${pieces === "story" ? "stories" : pieces === "stretch of text" ? "stretches of text" : `${pieces}s`}`;
  if (run && !run.opening && run.origin !== "new" && run.status !== "running")
    return openedTale(run);
  const unit = settings.tokenizer === "chars" ? "letter" : "token";
  if (run?.status === "running") {
    return [
      `Each step shows it ${shown(run.settings.batch_size * Number(run.settings.accumulate))} and moves every one of its `,
      [count(run.parameters ?? 0)],
      " numbers a little, against its ",
      { term: "gradient", mark: "," },
      ` so that the next ${unit} surprises it less. Stop keeps what it has learned.`,
    ];
  }
  const numbers = plannedParameters(state);
  const each = secondsPerStep(state, FIELDS);
  const full = each ? each * settings.steps : null;
  const paced = stepsPerSecond(page.pace, settings.steps)
    ? settings.steps / stepsPerSecond(page.pace, settings.steps)
    : 0;
  const refused = Boolean(state.described.problem); // too large, for one: it takes no time at all
  const time = (!refused && Math.max(full ?? 0, paced)) || null;
  const own = kind === "names" || kind === "stories" ? kind : "text";
  const does =
    kind === "questions"
      ? "it is asked questions it has never seen"
      : `it makes up ${own} of its own`;
  const later = time ? [[capital(roughly(time))], ` later ${does}`] : ["At the end ", does];
  const slowed =
    full && paced > full * 1.3 ? `; at full speed it would take ${roughly(full)}.` : ".";
  return [
    ...(numbers ? ["Its ", [count(numbers)], " numbers"] : ["Its numbers"]),
    ` start out random. Each step shows it ${shown(settings.batch_size * Number(settings.accumulate))} and moves every
    number a little, against its `,
    { term: "gradient", mark: "," },
    ` so that the next ${unit} surprises it less. `,
    ...later,
    slowed,
  ];
}

/** @param {Run} run */
function openedTale(run) {
  const from = {
    new: "",
    link: "came in the link",
    file: `came from ${run.name ?? "a file"}`,
    autosave: "is where you left off",
  }[run.origin];
  const what = run.origin === "autosave" ? "This run" : "This model";
  const trained = run.step ? `, trained for ${inSteps(run.step)}` : "";
  const on = run.dataName ? ` on ${run.dataName}` : "";
  const next = run.canTrain
    ? " You can go on training it."
    : ` It can write. To train it further, choose the data it learned from first. “Start a new run” trains another.`;
  return [
    `${what} ${from}: `,
    [count(run.parameters ?? 0)],
    ` numbers${trained}${on}.${run.origin === "link" ? " It can write; “Start a new run” trains another." : next}`,
  ];
}
