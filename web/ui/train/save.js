// Save, open, links, the command, and what this browser keeps.
/** @import {Mount, Panel, Run, Send, State, Wish} from "../../state/types.js" */
import { make, one, replaceIfChanged, setText, setVisible, targetOf } from "../dom.js";
import { bytes, count } from "../../select/format.js";

/** @type {Mount} */
export function mount(element, send) {
  const body = one(element, ".group__body");
  /** @param {string} words @param {Wish} action */
  const act = (words, action) =>
    make("button", { class: "act", type: "button", onclick: () => send(action) }, words);
  const save = act("Save model", { type: "save" });
  const file = make("input", {
    type: "file",
    accept: ".safetensors",
    hidden: true,
    "aria-label": "A model file",
    tabindex: "-1",
  });
  const open = make(
    "button",
    { class: "act", type: "button", onclick: () => file.click() },
    "Open…",
  );
  const link = act("Copy link", { type: "copy-link" });
  const command = act("Copy as command", { type: "as-command" });
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) send({ type: "file-chosen", file: chosen, model: true });
    file.value = "";
  });
  const facts = make("p", { class: "facts" });
  const bad = make("p", { class: "bad", role: "alert", hidden: true });
  const panel = make("div", { class: "panel", hidden: true });
  let opener = link; // of the panel; there the focus goes back to
  panel.addEventListener(
    "keydown",
    ({ key }) => key === "Escape" && send({ type: "panel", panel: null }),
  );
  body.replaceChildren(
    make(
      "div",
      { class: "row", role: "toolbar", "aria-label": "Save, open and share" },
      save,
      open,
      link,
      command,
    ),
    facts,
    bad,
    panel,
    file,
  );

  return (state) => {
    const { saved, run, python } = state;
    const there = python.status === "ready";
    save.disabled = !(there && run?.canTrain && run.ready);
    open.disabled = !there;
    command.disabled = !there;
    setText(facts, keeping(saved, run));
    setVisible(bad, Boolean(saved.problem));
    setText(bad, saved.problem);
    const { activeElement: at } = document;
    const inside = panel.contains(at);
    setVisible(panel, Boolean(saved.panel));
    const model = there && Boolean(run?.ready);
    replaceIfChanged(panel, JSON.stringify([saved.panel, model]), () =>
      saved.panel ? contents(saved.panel, model, send) : [],
    );
    if (saved.panel) opener = saved.panel.kind === "command" ? command : link;
    if (inside && !panel.contains(document.activeElement)) {
      const same = [...panel.querySelectorAll("button")].find(
        (b) => b.textContent === at?.textContent,
      );
      (same ?? one(panel, "textarea") ?? opener).focus();
    }
  };
}

/** @param {State["saved"]} state @param {Run|null} run */
function keeping({ step, full, storage }, run) {
  if (storage) return storage;
  if (full && run) return "This run is not kept: there is no room for one more.";
  if (step !== null && run) return `Kept in this browser, at step ${count(step)}.`;
  return "Runs are kept in this browser, so a reload loses nothing.";
}

/** @type {{[kind: string]: string}} */
const TITLES = {
  settings: "A link to these settings",
  model: "A link with the model inside",
  command: "The same run in a terminal",
};

/** @param {Panel} given @param {boolean} model @param {Send} send */
function contents({ kind, text: content, bytes: size, copied }, model, send) {
  const copy = make(
    "button",
    {
      class: "button button--short",
      type: "button",
      onclick: () => send({ type: "copy", text: content, what: "Link" }),
    },
    "Copy",
  );
  const close = make(
    "button",
    { class: "act", type: "button", onclick: () => send({ type: "panel", panel: null }) },
    "Close",
  );
  const box = make("textarea", {
    readonly: true,
    "aria-label": TITLES[kind],
    spellcheck: "false",
    onfocus: (event) => targetOf(event).select(),
  });
  box.value = content;
  const state = make(
    "span",
    { class: "facts" },
    copied === true
      ? "Copied."
      : copied === false
        ? "Select it and copy it yourself; the browser did not let the page."
        : "",
  );
  const more =
    kind === "settings" && model
      ? [
          make("p", { class: "prose" }, "The model itself fits in a link too, if it is small."),
          make(
            "p",
            { class: "row" },
            make(
              "button",
              {
                class: "button button--short",
                type: "button",
                onclick: () => send({ type: "model-link" }),
              },
              "Make a link with the model",
            ),
          ),
        ]
      : [];
  return [
    make("h3", {}, make("b", {}, TITLES[kind])),
    make("p", { class: "prose" }, explanation(kind, size)),
    box,
    make("p", { class: "row" }, copy, close, state),
    ...more,
  ];
}

/** @param {string} kind @param {number|undefined} size */
function explanation(kind, size) {
  if (kind === "command")
    return "It gives the same losses, digit for digit. Your own text file must be in the same folder.";
  if (kind === "settings")
    return "It holds the settings and what to train on, and no model. A text of your own is not in it.";
  return `${bytes(size ?? 0)}: every number of the model, rounded to one byte, its alphabet and its settings. It is not uploaded; it is in the
    address, and whoever has the link has the model. A model can remember parts of what it was trained on.`.replace(
    /\s+/g,
    " ",
  );
}
