// Models and settings outside the page: files, links, the command, and what this browser keeps.
/** @import {Kept, Question, Settings, State} from "./types.js" */
import { forWorker } from "../settings/address.js";
import { FIELDS } from "../settings/fields.js";
import { ask, isFor, isReady, on, reducer, say, send } from "./helpers.js";
import { openRun } from "./run.js";

/** @returns {Pick<State, "saved">} */
export const initial = () => ({
  saved: {
    runs: [], // the runs that this browser keeps, the newest first
    key: null, // under which the current run is kept
    step: null, // at which it was last kept
    replaced: null, // the run that Reset has put away, and under which key it is kept
    full: null, // the oldest kept run, where there is no room for this one
    looked: false, // whether the last run was there to be reopened
    storage: "", // why nothing can be kept
    panel: null, // what is shown to be copied: {kind, text, bytes, copied}
    id: null,
    problem: "",
  },
});

export const reduce = reducer({
  kept(s, { runs }) {
    const looked = s.saved.looked || !runs.length; // a run that another tab makes is not opened here
    return reopen(on(s, "saved", { runs, full: room(runs, s.saved.full), looked }));
  },
  ready: (s) => reopen(s),
  data: (s) => reopen(s),
  created: (s) => on(s, "saved", { key: null, step: null }),
  // One that is kept goes on under its key, unless another tab has it.
  opened: (s, { run, key = null, step }) =>
    run === s.run?.id ? on(s, "saved", { key, step: key ? step : null }) : s,
  storage: (s, { reason }) => on(s, "saved", { storage: reason }),
  autosaved: (s, { run, step, key }) => {
    if (run === s.saved.replaced?.run)
      return on(s, "saved", { replaced: { run, key }, full: null });
    return run === s.run?.id ? on(s, "saved", { step, key, full: null, storage: "" }) : s;
  },
  "storage-full": (s, { run, oldest }) =>
    [s.run?.id, s.saved.replaced?.run].includes(run) ? on(s, "saved", { full: oldest }) : s,
  continue: (s, { key }) => goOn(s, key),
  open: (s, { name, bytes }) =>
    openRun(on(s, "saved", { problem: "" }), { origin: "file", name, bytes }),
  forget: (s, { key }) => send(s, { type: "forget", key }),
  forgotten: (s, { key }) => {
    const gone = key === s.saved.key ? { key: null, step: null } : {};
    return say(on(s, "saved", gone), "The kept run is deleted.");
  },
  rename: (s, { key, label }) =>
    label.trim() ? send(s, { type: "rename", key, label: label.trim() }) : s,
  "kept-file": (s, { key, name }) => wish(s, { type: "kept-file", key, name }),
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

/** @param {State} state @param {string} key */
const goOn = (state, key) =>
  openRun(on(state, "saved", { problem: "" }), { origin: "autosave", key });

/**
 * After a reload a finished run is simply there again, unless the address asks for something else;
 * an older one, too, if it was the one that was open. A question brings none but the last.
 * @param {State} state @returns {State}
 */
function reopen(state) {
  const { saved, run, runs, link, queuedAction, data } = state;
  const [last] = saved.runs;
  if (saved.looked || !last || !isReady(state) || data.status !== "ready") return state;
  const looked = on(state, "saved", { looked: true });
  if (run || runs || queuedAction || link.text || last.step < last.steps) return looked;
  const shown = (state.question ? [last] : saved.runs).find(
    ({ step, steps, data: { kind }, settings }) =>
      step >= steps && kind === data.kind && sameSettings(settings, state.settings),
  );
  return shown ? goOn(looked, shown.key) : looked;
}

/**
 * Whether a run has the settings on the screen; how often it was measured is no matter.
 * @param {Settings} mine @param {Settings} shown
 */
function sameSettings(mine, shown) {
  const names = Object.keys(FIELDS).filter((name) => !name.startsWith("eval_") && name in mine);
  return names.every((name) => mine[name] === shown[name]);
}

/**
 * The oldest run, as long as it stands in the way of another.
 * @param {Kept[]} runs @param {Kept|null} full
 */
const room = (runs, full) => (full && runs.some(({ key }) => key === full.key) ? full : null);

/** @param {State} state @param {Question} request */
const wish = (state, request) =>
  ask(state, request, (s, id) => on(s, "saved", { id, problem: "" }));
