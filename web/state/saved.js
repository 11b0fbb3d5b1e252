// Models and settings outside the page: files, links, the command, and what this browser keeps.
import { forWorker } from "../settings/address.js";
import { ask, isFor, on, reducer, say, send } from "./helpers.js";
import { openRun } from "./run.js";

export const initial = () => ({
  saved: {
    about: null, // the run that is kept from an earlier visit
    step: null, // of this run, when it was last kept
    storage: "", // why nothing can be kept
    panel: null, // what is shown to be copied: {kind, text, bytes, copied}
    id: null,
    problem: "",
  },
});

export const reduce = reducer({
  kept: (s, { type, ...about }) => on(s, "saved", { about: about.step === null ? null : about }),
  storage: (s, { reason }) => on(s, "saved", { storage: reason }),
  autosaved: (s, { run, step }) =>
    run === s.run?.id ? on(s, "saved", { step, about: null, storage: "" }) : s,
  continue: (s) => openRun(on(s, "saved", { problem: "" }), { origin: "autosave" }),
  open: (s, { name, bytes }) =>
    openRun(on(s, "saved", { problem: "" }), { origin: "file", name, bytes }),
  forget: (s) => send(s, { type: "forget" }),
  forgotten: (s) => say(on(s, "saved", { about: null, step: null }), "The kept run is deleted."),
  save: (s) => wish(s, { type: "save" }),
  "model-link": (s) => wish(s, { type: "link" }),
  "as-command": (s) =>
    wish(on(s, "saved", { panel: null }), { type: "command", settings: forWorker(s.settings) }),
  panel: (s, { panel }) => on(s, "saved", { panel, problem: "" }),
  file: (s, { name }) => say(s, `Saved as ${name}.`),
  linked: (s, { id, text, bytes }) =>
    isFor({ id }, s.saved) ? on(s, "saved", { panel: { kind: "model", text, bytes } }) : s,
  command: (s, { id, text }) =>
    isFor({ id }, s.saved) ? on(s, "saved", { panel: { kind: "command", text } }) : s,
  copied: (s, { what, ok }) => {
    const panel = s.saved.panel && { ...s.saved.panel, copied: ok };
    return say(on(s, "saved", { panel }), ok ? `${what} copied.` : "");
  },
  refused: (s, { id, message }) =>
    isFor({ id }, s.saved) ? say(on(s, "saved", { problem: message }), message) : s,
});

const wish = (state, request) =>
  ask(state, request, (s, id) => on(s, "saved", { id, problem: "" }));
