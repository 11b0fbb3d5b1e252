// A sweep: the run of the settings on the screen, once for each value of one setting, or of two.
/** @import {Settings, State, SweepState, Trial, Value, WithSweep} from "../state/types.js" */
import { FIELDS, worded } from "./fields.js";
import { read } from "./field-types.js";
import { reducer } from "../state/helpers.js";
import { amount } from "../select/format.js";

const MOST = 24; // runs of a grid
// Which settings are compared by the held-out loss of a token; not those that decide what that is.
const UNFIT = ["val_fraction", "eval_every", "eval_tokens", "tokenizer", "vocab", "dtype"];
const FIRST = "lr";

/** @returns {{sweep: SweepState}} */
export const initial = () => ({
  sweep: {
    axes: [
      { name: FIRST, text: "" }, // without a text: what is suggested
      { name: "", text: "" },
    ],
    round: 0, // the number of the last sweep
    busy: false,
    problem: "",
    trials: [],
  },
});

export const reduce = reducer({
  "sweep-axis": (s, { at, name, text = "" }) => {
    const axes = ours(s).axes.map((axis, i) => (i === at ? { name, text } : axis));
    return on(s, { axes, problem: mistyped(axes) });
  },
  "sweep-start": (s) => {
    const { axes, round, busy } = ours(s);
    if (busy) return s;
    const { trials, problem } = planned(s, axes);
    if (problem) return { ...on(s, { problem }), said: problem };
    const said = `A sweep of ${amount(trials.length, "run")} has begun.`;
    return { ...on(s, { trials, round: round + 1, busy: true, problem: "" }), said };
  },
  "sweep-news": (s, { type, round, trial: at, ...news }) => {
    const { round: current, trials, busy } = ours(s);
    if (round !== current || !busy) return s;
    const next = trials.map((trial, i) => (i === at ? changed(trial, news) : trial));
    const over = next.every(({ how }) => !["waiting", "training"].includes(how));
    const winner = over ? best(next) : null;
    const said = winner ? `The sweep is done; the best is ${calledOf(winner)}.` : s.said;
    return { ...on(s, { trials: next, busy: !over }), said };
  },
  "sweep-stop": (s) => (ours(s).busy ? stopped(s) : s),
  retry: (s) => stopped(s), // Python is started again, and with it the page
});

/** @param {State} state */
const ours = (state) => /** @type {WithSweep} */ (state).sweep;

/** @param {State} state @param {Partial<SweepState>} values @returns {State} */
const on = (state, values) => Object.assign({}, state, { sweep: { ...ours(state), ...values } });

/** @param {State} state */
function stopped(state) {
  const trials = ours(state).trials.map((trial) =>
    ["waiting", "training"].includes(trial.how)
      ? { ...trial, how: /** @type {const} */ ("stopped") }
      : trial,
  );
  return on(state, { trials, busy: false });
}

/** @param {Trial} trial @param {{point?: Trial["curve"][0]} & Partial<Trial>} news @returns {Trial} */
function changed(trial, { point, ...values }) {
  const next = { ...trial, ...values };
  if (values.how === "waiting") next.curve = []; // its worker was lost: from the beginning
  if (point) next.curve = [...next.curve.filter(({ step }) => step !== point.step), point];
  if (next.how === "done") next.loss = next.curve.at(-1)?.loss ?? null;
  return next;
}

/**
 * The settings that a sweep can try, as they stand: [name, label].
 * @param {Settings} settings @returns {[string, string][]}
 */
export const choices = (settings) =>
  Object.entries(FIELDS)
    .filter(
      ([name, { kind, when }]) =>
        !UNFIT.includes(name) && kind !== "word" && (!when || when(settings)),
    )
    .map(([name, { label }]) => [name, label]);

/**
 * Values around that of now, to begin with.
 * @param {string} name @param {Settings} settings
 */
export function suggested(name, settings) {
  const field = FIELDS[name];
  if (!field || field.kind === "word") return "";
  if (field.kind === "toggle") return "on, off";
  if (field.kind === "choice") return field.choices.join(", ");
  const { low, high, kind } = field;
  const now = Number(settings[name]);
  /** @param {number} value */
  const round = (value) => Number((kind === "whole" ? Math.ceil(value) : value).toPrecision(1));
  let near = kind === "whole" ? [0, 10, 100] : [0, 0.1, 0.3];
  if (now) near = [round(now / 3), now, round(now * 3)];
  if (name === "seed") near = [now, now + 1, now + 2];
  const fits = near.filter((value) => value >= low && value <= high);
  return [...new Set(fits)].join(", ");
}

/**
 * The values in a text: with spaces between them, or with commas alone.
 * @param {string} name @param {string} text @returns {{values: Value[], problem?: string}}
 */
export function valuesOf(name, text) {
  const field = FIELDS[name];
  const spaced = /[\s;]/.test(text.trim());
  const words = text.split(spaced ? /[\s;]+/ : ",").map((word) => word.replace(/,$/, "").trim());
  // 0,1 is one number or two.
  const unclear = !spaced && words.length > 1 && words.every((word) => /^\d+$/.test(word));
  if (unclear && field.kind === "number")
    return {
      values: [],
      problem: `${field.label}: is ${text} one number or more? Put a space between two.`,
    };
  /** @type {Value[]} */
  const values = [];
  for (const word of words.filter(Boolean)) {
    if (field.kind === "toggle" && !["on", "off"].includes(word))
      return { values, problem: `${field.label}: ${word} is neither on nor off.` };
    const { value, problem, unclear } = read(field, field.kind === "toggle" ? word === "on" : word);
    if (problem !== undefined)
      return { values, problem: `${field.label}: ${unclear ?? `${word} is not ${problem}`}.` };
    if (!values.includes(value)) values.push(value);
  }
  return values.length ? { values } : { values, problem: `${field.label} has no values to try.` };
}

/**
 * What is wrong with values that were typed, told as soon as they are.
 * @param {SweepState["axes"]} axes
 */
const mistyped = (axes) =>
  axes
    .filter(({ name, text }) => name && text)
    .map(({ name, text }) => valuesOf(name, text).problem)
    .find(Boolean) ?? "";

/**
 * The runs of a grid, or why there is none.
 * @param {State} state @param {SweepState["axes"]} axes
 * @returns {{trials: Trial[], problem: string}}
 */
function planned({ settings, mistyped, data }, axes) {
  /** @param {string} problem */
  const refused = (problem) => ({ trials: [], problem });
  const bad = Object.entries(mistyped).find(([at]) => at.startsWith("settings."))?.[1];
  if (bad) return refused(bad);
  if (data.status !== "ready") return refused("There are no data to learn from yet.");
  if (!settings.val_fraction)
    return refused("Runs are compared on held-out data, and nothing is held out; see Held out.");
  if (["trained", "file"].includes(settings.tokenizer))
    return refused(
      "Each run has a Python of its own, without the tokenizer of Tokens; choose another.",
    );
  const chosen = axes.filter(({ name }) => name);
  if (!chosen.length) return refused("Choose a setting to try.");
  if (chosen.length > 1 && chosen[0].name === chosen[1].name)
    return refused("Both settings are the same; choose another, or none.");
  /** @type {Settings[]} */
  let grid = [settings];
  for (const { name, text } of chosen) {
    const { values, problem } = valuesOf(name, text || suggested(name, settings));
    if (problem) return refused(problem);
    grid = grid.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  }
  if (grid.length > MOST)
    return refused(
      `These are ${grid.length} runs, and ${MOST} are the most; leave some values out.`,
    );
  const trials = grid.map((each) => ({
    settings: each,
    names: chosen.map(({ name }) => name),
    how: /** @type {const} */ ("waiting"),
    step: 0,
    curve: [],
    loss: null,
    why: "",
  }));
  return { trials, problem: "" };
}

/** The run with the lowest loss at its end, or null. @param {Trial[]} trials */
export function best(trials) {
  /** @type {Trial|null} */
  let found = null;
  for (const trial of trials)
    if (trial.loss !== null && (found === null || trial.loss < (found.loss ?? Infinity)))
      found = trial;
  return found;
}

/** What sets a run apart, in words. @param {Trial} trial */
export const calledOf = ({ names, settings }) =>
  names.map((name) => worded(name, settings[name])).join(", ");

/** The same where there is little room: the values alone. @param {Trial} trial */
export const valuesIn = ({ names, settings }) =>
  names
    .map((name) => settings[name])
    .map((value) => (typeof value === "boolean" ? (value ? "on" : "off") : String(value)))
    .join(", ");

/**
 * The settings of a run that are not those on the screen.
 * @param {Trial} trial @param {Settings} settings
 */
export const apart = (trial, settings) =>
  Object.fromEntries(
    Object.entries(trial.settings).filter(([name, value]) => settings[name] !== value),
  );
