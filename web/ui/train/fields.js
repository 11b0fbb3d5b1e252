// A group of settings from the table in fields.js: label, control, and the words that explain it.
/** @import {Control, Field, Mount, Send, Settings, State, Table, Value} from "../../state/types.js" */
import {
  fit,
  make,
  one,
  replaceIfChanged,
  setAttribute,
  setText,
  setValue,
  setVisible,
} from "../dom.js";
import {
  FIELDS,
  MODEL,
  MODELS,
  PACE,
  PARTS,
  SAMPLING,
  TOKENIZER,
  TRAINING,
  calledOf,
  isReference,
  modelName,
  read,
  settingsOf,
} from "../../settings/fields.js";
import { bytes, count, documents, duration, stepsPerSecond } from "../../select/format.js";
import { plannedParameters, secondsPerStep } from "../../select/shown-run.js";

/** @typedef {"family"|"settings"|"page"|"sampling"} Place  where in the state a setting lives */

/** @satisfies {Field} */
const FAMILY = {
  kind: /** @type {const} */ ("choice"),
  choices: Object.keys(MODELS),
  label: "Family",
  shown: /** @type {{[name: string]: string}} */ ({
    small: "microgpt, small",
    medium: "microgpt, medium",
  }),
  words:
    "is a choice of parts that go well together, and how it is trained. microgpt repeats Karpathy's small program of that name (the reference), number for number; classic is the GPT of the textbooks; llama is LLaMA 3 made small; nanochat is his chat model. Every part of each can be exchanged below.",
};
/** @param {Table} table @param {string[]} names @returns {Table} */
const pick = (table, names) => Object.fromEntries(names.map((name) => [name, table[name]]));

// What stands in a group, and where in the state it lives.
/** @type {{[group: string]: {[place in Place]?: Table}}} */
const GROUPS = {
  // The six that most readers turn; the rest is folded.
  setup: {
    settings: {
      ...pick(MODEL, ["n_layer", "n_embd", "block_size"]),
      ...pick(TRAINING, ["lr", "batch_size"]),
    },
    page: pick(PACE, ["pace"]),
  },
  model: { family: { family: FAMILY }, settings: pick(MODEL, ["n_head", "dtype"]) },
  run: {
    settings: pick(TRAINING, [
      "steps",
      "seed",
      "optimizer",
      "schedule",
      "warmup",
      "clip",
      "weight_decay",
      "val_fraction",
    ]),
    page: pick(PACE, ["workers", "hidden"]),
  },
  tokens: { settings: TOKENIZER },
  sampling: { sampling: pick(SAMPLING, ["temperature", "top_k", "top_p"]) },
  "more-sampling": { sampling: pick(SAMPLING, ["min_p", "seed", "greedy"]) },
  ...Object.fromEntries(Object.entries(PARTS).map(([name, table]) => [name, { settings: table }])),
};

/** @type {{[group: string]: (state: State) => string}} */
const FACTS = { setup: sizeAndTime, tokens: vocabulary };

/** @type {Mount} */
export function mount(element, send) {
  const { group = "" } = element.dataset;
  const body = one(element, ".group__body") ?? element;
  const note = make("p", { class: "note", id: `${group}-words`, hidden: true });
  const bad = make("p", { class: "bad", id: `${group}-bad`, role: "alert", hidden: true });
  const facts = make("p", { class: "facts", hidden: true });
  const exact = make(
    "button",
    {
      class: "act",
      type: "button",
      hidden: true,
      onclick: () => send({ type: "settings", values: settingsOf("microgpt") }),
    },
    "The exact reference run",
  );
  const rows = Object.entries(GROUPS[group]).flatMap(([place, table]) =>
    Object.entries(table).map(([name, field]) =>
      row(group, /** @type {Place} */ (place), name, field, send),
    ),
  );
  body.replaceChildren(
    make("div", { class: "fields" }, ...rows.map(({ element: line }) => line)),
    note,
    bad,
    facts,
    exact,
  );

  let explained = ""; // the one whose words are open
  element.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && explained) send({ type: "explain", group, name: explained });
  });

  return (state) => {
    const refused = refusal(state, group, rows);
    for (const line of rows) line.update(state, refused);
    explained = state.explained[group] ?? "";
    const open = rows.find(({ name, place }) => explained === `${place}.${name}`);
    setVisible(note, Boolean(open));
    const words = open ? [make("b", {}, open.field.label), ` ${open.field.words}`] : [];
    if (note.dataset.open !== (open?.name ?? "")) {
      note.dataset.open = open?.name ?? "";
      note.replaceChildren(...words);
    }
    const typed = rows.map(({ name, place }) => state.mistyped[`${place}.${name}`]).filter(Boolean);
    const problem = typed.join(" ") || (refused ? state.described.problem : "");
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
    const told = FACTS[group]?.(state) ?? "";
    setVisible(facts, Boolean(told) && !problem);
    setText(facts, told);
    const reference = settingsOf("microgpt");
    const other = Object.keys(reference).some((name) => state.settings[name] !== reference[name]);
    setVisible(exact, group === "setup" && other);
  };
}

/**
 * Which setting Python refuses, if it is one of this group: the last that was changed.
 * @param {State} state @param {string} group @param {{name: string}[]} rows
 */
function refusal({ described, touched }, group, rows) {
  if (!described.problem) return "";
  if (!touched) return group === "setup" ? "n_layer" : "";
  return rows.some(({ name }) => name === touched) ? touched : "";
}

/**
 * A setting as a line of the form.
 * @param {string} group @param {Place} place @param {string} name @param {Field} field
 * @param {Send} send
 */
function row(group, place, name, field, send) {
  /** @type {Settings|undefined} */
  let settings;
  const id = `${group}-${place}-${name}`;
  const term = make(
    "button",
    {
      type: "button",
      class: "term",
      id,
      "aria-expanded": "false",
      "aria-controls": `${group}-words`,
    },
    field.label,
  );
  term.addEventListener("click", () => send({ type: "explain", group, name: `${place}.${name}` }));
  const [tag, attributes] = tagOf(field);
  const control = /** @type {Control} */ (/** @type {HTMLElement} */ (make(tag, attributes)));
  control.setAttribute("aria-labelledby", id);
  control.setAttribute("aria-describedby", `${group}-bad`);
  control.setAttribute("name", id);
  if (field.kind === "choice") {
    control.append(
      ...field.choices.map((choice) =>
        make("option", { value: choice }, field.shown?.[choice] ?? choice),
      ),
    );
  }
  control.addEventListener("input", () => fit(control));
  control.addEventListener("change", () => {
    const { value: wanted, problem } = read(
      field,
      field.kind === "toggle" ? control.checked : control.value,
    );
    if (wanted === undefined) {
      send({ type: "mistyped", place, name, problem: `${field.label} must be ${problem}.` });
      return;
    }
    if (place === "family") {
      const model = String(wanted);
      if (MODELS[model]) send({ type: "settings", values: settingsOf(model, settings) });
    } else send({ type: place, values: { [name]: wanted } });
    if (control.tagName === "INPUT" && field.kind !== "toggle") {
      control.value = printed(field, wanted);
      fit(control);
    }
  });
  const slider = field.slider && make("input", { type: "range", ...field.slider });
  slider?.setAttribute("aria-labelledby", id);
  slider?.setAttribute("tabindex", "-1"); // by keyboard the number beside it does the same
  if (slider) {
    control.addEventListener("keydown", (event) => {
      if (!nudged(event, slider)) return;
      control.value = printed(field, slider.valueAsNumber);
      fit(control);
    });
  }
  slider?.addEventListener("input", () => {
    if (place !== "family") send({ type: place, values: { [name]: slider.valueAsNumber } });
  });
  const look = place === "family" || slider ? "field field--wide" : "field";
  const element = make("p", { class: look }, term, ...(slider ? [slider] : []), control);
  return {
    name,
    place,
    field,
    element,
    /** @param {State} state @param {string} refused */
    update(state, refused) {
      const current = state.settings;
      settings = current;
      /** @type {{[name: string]: Value}} */
      const values = place === "family" ? { family: calledOf(current) } : state[place];
      const now = values[name] ?? null;
      if (place === "family") replaceIfChanged(control, String(now), () => families(current));
      const wrong = Boolean(state.mistyped[`${place}.${name}`]);
      if (!wrong) {
        setValue(control, field.kind === "toggle" ? Boolean(now) : printed(field, now));
      }
      if (slider && slider.valueAsNumber !== now) slider.value = String(now);
      setAttribute(control, "aria-invalid", wrong || refused === name ? "true" : null);
      setAttribute(term, "aria-expanded", state.explained[group] === `${place}.${name}`);
      // What has nothing to act on is left out, unless it was changed.
      const idle = field.when && !field.when(current) && now === settingsOf(current.preset)[name];
      setVisible(element, !idle);
    },
  };
}

/**
 * The arrow keys move a slider from the number beside it.
 * @param {Event} event @param {HTMLInputElement} slider
 */
function nudged(event, slider) {
  const { key } = /** @type {KeyboardEvent} */ (event);
  if (key !== "ArrowUp" && key !== "ArrowDown") return false;
  event.preventDefault();
  if (key === "ArrowUp") slider.stepUp();
  else slider.stepDown();
  return slider.dispatchEvent(new Event("input"));
}

/**
 * The families, and this model where it is none of them.
 * @param {Settings} settings
 */
function families(settings) {
  const own = modelName(settings) ? [] : [calledOf(settings)];
  return [...FAMILY.choices, ...own].map((name) =>
    make("option", { value: name }, FAMILY.shown?.[name] ?? name),
  );
}

/**
 * The control for a setting, as `make` wants it.
 * @param {Field} field @returns {["select"|"input", {[name: string]: string}]}
 */
function tagOf({ kind }) {
  if (kind === "choice") return ["select", { class: "value" }];
  if (kind === "toggle") return ["input", { type: "checkbox" }];
  return [
    "input",
    {
      class: "value",
      type: "text",
      inputmode: { whole: "numeric", number: "decimal", word: "text" }[kind],
      autocomplete: "off",
      spellcheck: "false",
      size: "3",
    },
  ];
}

/** @param {Field} field @param {Value} now */
function printed(field, now) {
  if (typeof now !== "number") return String(now);
  if (field.kind === "number" && now && Math.abs(now) < 1e-3) return now.toExponential();
  // A seed is a name, not an amount: it has no thousands.
  return field.kind === "whole" && now >= 1000 && field.label !== "Seed" ? count(now) : String(now);
}

/** @param {State} state */
function parameters(state) {
  const { described, settings, data } = state;
  const { answer } = described;
  const same = isReference(settings) && documents(data) === "names";
  const exact = same ? "; the reference run, digit for digit" : "";
  const planned = answer?.parameters ?? plannedParameters(state);
  if (planned === null) return "";
  if (!answer)
    return `${count(planned)} parameters on names, ${bytes(planned * (exact ? 8 : 4))}${exact}`;
  return `${count(answer.parameters)} parameters, ${bytes(answer.bytes)}${exact}`;
}

/** @param {State} state */
function sizeAndTime(state) {
  return [parameters(state), estimate(state)].filter(Boolean).join(". ");
}

/**
 * What is left to say of the tokenizer: for characters the data says it.
 * @param {State} state
 */
function vocabulary({ described: { answer }, settings }) {
  const size = settings.tokenizer !== "chars" && answer?.vocabSize;
  return size ? `${count(size)} tokens` : "";
}

/**
 * How long it will take, from the speed that was measured here.
 * @param {State} state
 */
function estimate(state) {
  const { settings, page } = state;
  const each = secondsPerStep(state, FIELDS);
  if (!each) return "";
  const full = duration(each * settings.steps).join(" ");
  const pace = stepsPerSecond(page.pace, settings.steps);
  const slow =
    pace && pace * each < 0.8 ? `${duration(settings.steps / pace).join(" ")} at this pace, ` : "";
  return `About ${slow}${slow ? `${full} at full speed` : full}; measured here`;
}
