// A group of settings from the table in fields.js: label, control, and the words that explain it.
import { attribute, fit, make, show, text, value } from "../dom.js";
import { MODEL, PACE, SAMPLING, SIZES, TRAINING, isReference, read, sizeOf } from "../fields.js";
import { bytes, count, duration, stepsPerSecond } from "../format.js";

const SIZE = {
  kind: "choice",
  choices: [...Object.keys(SIZES), "your own"],
  label: "Size",
  words:
    "is a set of numbers that go well together. microgpt is the reference, exactly; every one of them can be changed below.",
};
const pick = (table, names) => Object.fromEntries(names.map((name) => [name, table[name]]));

// What stands in a group, and where in the state it lives.
const GROUPS = {
  model: {
    size: { size: SIZE },
    settings: pick(MODEL, ["block_size", "n_layer", "n_embd", "n_head", "dtype"]),
  },
  run: {
    settings: pick(TRAINING, [
      "steps",
      "batch_size",
      "lr",
      "seed",
      "optimizer",
      "schedule",
      "warmup",
      "clip",
      "weight_decay",
      "val_fraction",
    ]),
    page: PACE,
  },
  sampling: { sampling: SAMPLING },
};

export function mount(element, send) {
  const { group } = element.dataset;
  const body = element.querySelector(".group__body") ?? element;
  const note = make("p", { class: "note", id: `${group}-words`, hidden: true });
  const bad = make("p", { class: "bad", role: "alert", hidden: true });
  const facts = make("p", { class: "facts", hidden: true });
  const rows = Object.entries(GROUPS[group]).flatMap(([place, table]) =>
    Object.entries(table).map(([name, field]) => row(group, place, name, field, send, complain)),
  );
  body.replaceChildren(
    make("div", { class: "fields" }, ...rows.map(({ element: line }) => line)),
    note,
    bad,
    facts,
  );

  let explained = ""; // the one whose words are open
  element.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && explained) send({ type: "explain", group, name: explained });
  });

  let typed = ""; // what is wrong with what was typed last
  function complain(name, words) {
    typed = words;
    show(bad, Boolean(words));
    text(bad, words);
  }

  return (state) => {
    for (const line of rows) line.update(state);
    explained = state.explained[group] ?? "";
    const open = rows.find(({ name, place }) => explained === `${place}.${name}`);
    show(note, Boolean(open));
    const words = open ? [make("b", {}, open.field.label), ` ${open.field.words}`] : [];
    if (note.dataset.open !== (open?.name ?? "")) {
      note.dataset.open = open?.name ?? "";
      note.replaceChildren(...words);
    }
    if (group === "model") {
      const problem = state.described.problem || typed;
      show(bad, Boolean(problem));
      text(bad, problem);
      const told = typed || problem ? "" : parameters(state);
      show(facts, Boolean(told));
      text(facts, told);
    }
    if (group === "run") {
      const told = estimate(state);
      show(facts, Boolean(told));
      text(facts, told);
    }
  };
}

function row(group, place, name, field, send, complain) {
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
  const control = make(...tagOf(field));
  control.setAttribute("aria-labelledby", id);
  control.name = id;
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
    attribute(control, "aria-invalid", problem ? "true" : null);
    complain(name, problem ? `${field.label} must be ${problem}.` : "");
    if (problem) return;
    if (place === "size") {
      if (SIZES[wanted]) send({ type: "settings", values: SIZES[wanted] });
    } else send({ type: place, values: { [name]: wanted } });
    if (control.tagName === "INPUT" && field.kind !== "toggle") {
      control.value = printed(field, wanted);
      fit(control);
    }
  });
  return {
    name,
    place,
    field,
    element: make("p", { class: "field" }, term, control),
    update(state) {
      const now = place === "size" ? sizeOf(state.settings) || "your own" : state[place][name];
      if (control.getAttribute("aria-invalid") !== "true" || control.dataset.now !== String(now)) {
        value(control, field.kind === "toggle" ? now : printed(field, now));
        attribute(control, "aria-invalid", null);
      }
      control.dataset.now = String(now);
      attribute(term, "aria-expanded", state.explained[group] === `${place}.${name}`);
    },
  };
}

function tagOf({ kind }) {
  if (kind === "choice") return ["select", { class: "value" }];
  if (kind === "toggle") return ["input", { type: "checkbox" }];
  return [
    "input",
    {
      class: "value",
      type: "text",
      inputmode: kind === "whole" ? "numeric" : "decimal",
      autocomplete: "off",
      size: "3",
    },
  ];
}

function printed(field, now) {
  // A seed is a name, not an amount: it has no thousands.
  return field.kind === "whole" && now >= 1000 && field.label !== "Seed" ? count(now) : String(now);
}

function parameters({ described, settings }) {
  const { answer } = described;
  const exact = isReference(settings) ? "; exact to the reference" : "";
  if (!answer) return exact ? "4,192 parameters on names, 33.5 kB; exact to the reference" : "";
  return `${count(answer.parameters)} parameters, ${bytes(answer.bytes)}${exact}`;
}

/** How long it will take, from the speed that was measured here. */
function estimate({ described, settings, page }) {
  const each = described.answer?.secondsPerStep;
  if (!each) return "";
  const full = duration(each * settings.steps).join(" ");
  const pace = stepsPerSecond(page.pace, settings.steps);
  const slow =
    pace && pace * each < 0.8 ? `${duration(settings.steps / pace).join(" ")} at this pace, ` : "";
  return `About ${slow}${slow ? `${full} at full speed` : full}; measured here`;
}
