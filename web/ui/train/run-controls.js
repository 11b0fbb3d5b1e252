// Start, Pause, Step, Stop, Reset; and under them, during a run, that it is slowed down and how to
// change that, and what has been changed for the next one.
/** @import {Mount, Run, Send, Settings, State, Update, Wish} from "../../state/types.js" */
import { bytes, count, duration, stepsPerSecond } from "../../select/format.js";
import { canReset, pending } from "../../select/shown-run.js";
import { FIELDS, modelName } from "../../settings/fields.js";
import { canGoOn } from "../../state/run.js";
import {
  byName,
  make,
  onPress,
  one,
  replaceIfChanged,
  setAttribute,
  setDisabled,
  setVisible,
} from "../dom.js";
import { svgShape } from "../svg.js";

/** @type {{[name: string]: string}} */
const GLYPHS = { start: "M2 1l9 5-9 5z", pause: "M2 1h3v10H2zM7 1h3v10H7z" };

/** @type {Mount} */
export function mount(element, send) {
  const buttons = mountButtons(one(element, ".transport"), send);
  const pace = mountPace(one(element, "[data-pace]"), send);
  return (state) => {
    setAttribute(element.parentElement ?? element, "data-run", state.run?.status ?? "none"); // for the phone's layout
    buttons(state);
    pace(state);
  };
}

/** @param {HTMLElement} element @param {Send} send @returns {Update} */
function mountButtons(element, send) {
  const find = byName(element);
  const [main, step, stop, reset] = ["main", "step", "stop", "reset"].map(find);
  /** @type {Face["action"]} */
  let action = "start";
  onPress(main, () => send({ type: action }));
  onPress(step, () => send({ type: "step" }));
  onPress(stop, () => send({ type: "finish" }));
  onPress(reset, () => send({ type: "reset" }));

  return (state) => {
    const face = mainButton(state);
    action = face.action;
    replaceIfChanged(main, `${face.glyph} ${face.words}`, () =>
      face.glyph === "retry"
        ? [make("span", {}, face.words)]
        : [glyph(GLYPHS[face.glyph]), make("span", {}, face.words)],
    );
    const { run, python, data } = state;
    const broken = ["failed", "unsupported", "crashed"].includes(python.status);
    const running = run?.status === "running" || run?.status === "starting";
    const nothing = data.status === "refused"; // to learn from
    setDisabled(
      main,
      python.status === "unsupported" || (nothing && face.glyph === "start" && !face.onward),
    );
    setDisabled(step, broken || running || (nothing && !run?.canTrain));
    setDisabled(stop, broken || !(run?.canTrain && ["running", "paused"].includes(run.status)));
    setDisabled(reset, !canReset(state));
  };
}

/** @typedef {{action: "start"|"again"|"pause"|"unqueue"|"retry", glyph: string, words: string, onward?: boolean}} Face */

/** @param {State} state @returns {Face} */
function mainButton(state) {
  const { python, run, settings, queuedAction } = state;
  if (["failed", "crashed"].includes(python.status))
    return {
      action: "retry",
      glyph: "retry",
      words: python.status === "failed" ? "Retry" : "Start again",
    };
  if (queuedAction && python.status === "loading")
    return { action: "unqueue", glyph: "pause", words: "Wait, not yet" };
  if (run?.status === "running") return { action: "pause", glyph: "pause", words: "Pause" };
  /** @type {Face} */
  const start = { action: "start", glyph: "start", words: "Start training" };
  if (!run || run.status === "idle" || run.status === "starting") return start;
  const left =
    run.canTrain &&
    !["diverged", "refused", "lost"].includes(run.status) &&
    run.step < Math.max(settings.steps, run.steps);
  // What is on the screen is what runs: with changes for another run, that is a new one.
  /** @type {Pick<Face, "action"|"glyph">} */
  const again = { action: "again", glyph: "start" };
  if (run.step && pending(state, FIELDS).length) return { ...again, words: "Start a new run" };
  if (left && run.status === "done")
    return { ...start, onward: true, words: `Go on to ${count(settings.steps)}` };
  if (left) return { ...start, onward: true, words: run.step ? "Go on" : "Start training" };
  return { ...again, words: run.origin === "new" ? "Train again" : "Start a new run" };
}

/** @param {string} path */
const glyph = (path) =>
  svgShape(
    "svg",
    { class: "glyph", viewBox: "0 0 12 12", "aria-hidden": "true" },
    svgShape("path", { d: path }),
  );

/**
 * Where the rest of the time of a run went: the readout has that of its steps.
 * @param {Run} run
 */
const beside = ({ status, watching = 0 }) =>
  status !== "running" && watching > 0.05
    ? `Its samples and held-out losses took ${duration(watching).join(" ")} more. `
    : "";

/**
 * What can be done where settings are changed, but by the main button.
 * @param {State} state @returns {[words?: string, action?: Wish]}
 */
function wayOn(state) {
  if (state.run?.status === "running") return ["Start a new run", { type: "again" }];
  return canGoOn(state) ? ["Go on as before", { type: "start" }] : [];
}

/**
 * Who worked out a part of the last step, and how long this one waited for the others.
 * @param {{seconds: number[], waited: number, exchanged: number, bytes: number}} exchange
 */
const shared = ({ seconds, waited, exchanged, bytes }) =>
  `${seconds.length} workers share each step: ${seconds.map(milliseconds).join(", ")} ms of work, then ${milliseconds(waited)} ms of waiting. The exchange, ${megabytes(bytes)} MB with each, took ${milliseconds(exchanged)} ms of the step.`;

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);

/** @param {number} seconds */
const milliseconds = (seconds) => count(Math.round(1000 * seconds));

const MOST = 4; // changed settings that are named one by one

/**
 * The changed settings in a few words: a model by its name, and never a wall of them.
 * @param {string[]} labels @param {Settings} settings
 */
function named(labels, settings) {
  if (labels.length <= MOST) return labels.map(lower);
  const others = labels.length - (labels[0] === "Data" ? 1 : 0);
  const data = labels[0] === "Data" ? ["data"] : [];
  return [...data, modelName(settings) ? `the model ${modelName(settings)}` : `${others} settings`];
}

/** @param {string} label */
const lower = (label) =>
  /^[A-Z][a-z]/.test(label) ? label[0].toLowerCase() + label.slice(1) : label;

/** @param {HTMLElement} element @param {Send} send @returns {Update} */
function mountPace(element, send) {
  /** @param {string} words @param {Wish} action */
  const act = (words, action) =>
    make("button", { class: "act", type: "button", onclick: () => send(action) }, words);

  return (state) => {
    const { run, page, python, settings } = state;
    /** @type {[words: string, label?: string, action?: Wish][]} */
    const rows = [];
    if (run && python.status === "ready" && !run.opening) {
      const pace = stepsPerSecond(page.pace, run.steps);
      const slowed = run.status === "running" && pace && (run.goal ?? 0) > run.step + 1;
      if (slowed)
        rows.push([
          page.pace === "slow"
            ? "Slow, to read every step."
            : "Slowed down, so that you can follow.",
          "Full speed",
          { type: "page", values: { pace: "full" } },
        ]);
      else if (run.status === "running" && page.pace === "full")
        rows.push(["At full speed.", "Slow down", { type: "page", values: { pace: "watch" } }]);
      if (run.status === "running" && run.exchange) rows.push([shared(run.exchange)]);
      const changed = run.step ? named(pending(state, FIELDS), settings) : [];
      if (changed.length)
        rows.push([`Changed, for a new run: ${changed.join(", ")}.`, ...wayOn(state)]);
      else if (!rows.length)
        rows.push([
          `${beside(run)}Python ${python.version}, numpy ${python.numpy}, ${bytes(run.memory ?? python.memory ?? 0)} of memory`,
        ]);
    }
    setVisible(element, rows.length > 0);
    replaceIfChanged(element, JSON.stringify(rows) + settings.steps, () =>
      rows.map(([words, label, action]) =>
        make(
          "p",
          { class: "pacing" },
          make("span", {}, words),
          ...(label && action ? [act(label, action)] : []),
        ),
      ),
    );
  };
}
