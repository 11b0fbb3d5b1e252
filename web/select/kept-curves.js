// Curves of other runs, kept to compare: what they are called, beside the run that is shown.
/** @import {Run, Settings, State} from "../state/types.js" */
import { FIELDS, calledOf, changes, modelName, worded } from "../settings/fields.js";
import { shownRun } from "./shown-run.js";

const QUIET = ["eval_every", "eval_tokens"];
const MOST = 3; // settings that are named
const LETTERS = "ABC";

/**
 * [{key, letter, label, run}] of the kept curves, the oldest first.
 * @param {State} state
 */
export function compared(state) {
  return state.keptCurves.map(({ key, run }, i) => ({
    key,
    letter: LETTERS[i],
    label: labelOf(run, state),
    run,
  }));
}

/**
 * What the run that is shown is called beside the curves that are kept.
 * @param {State} state
 */
export function ownLabel(state) {
  const { run, keptCurves } = state;
  const other = keptCurves.findLast((curve) => curve.run.id !== run?.id);
  return other && run?.ready ? words(run.settings, other.run.settings) : "";
}

/**
 * What sets a kept run apart from the one that is shown, or, where that is the same, from the next.
 * @param {Run} kept @param {State} state
 */
function labelOf(kept, state) {
  const shown = shownRun(state);
  const own = !shown || shown.recorded || shown.id === kept.id;
  const other = own
    ? { settings: state.settings, digest: state.data.digest }
    : { settings: shown.settings, digest: shown.digest };
  const data = kept.digest && other.digest && kept.digest !== other.digest;
  const on = data ? `, on ${kept.dataName}` : "";
  return `${words(kept.settings, other.settings)}${on}`;
}

/** @param {Settings} settings @param {Settings} other */
function words(settings, other) {
  const family = modelName(settings) || settings.preset;
  const names = Object.keys(FIELDS).filter((name) => !QUIET.includes(name));
  const same = settings.preset === other.preset && family === (modelName(other) || other.preset);
  const apart =
    same || settings.preset === other.preset
      ? names.filter((name) => settings[name] !== other[name])
      : [];
  if (!apart.length) return calledOf(settings) === family ? family : changed(settings, names);
  if (apart.length > 2 * MOST) return calledOf(settings);
  return `${family}, ${list(apart, settings)}`;
}

/** @param {Settings} settings @param {string[]} names */
function changed(settings, names) {
  return `${settings.preset}, ${list(changes(settings, names), settings)}`;
}

/** @param {string[]} names @param {Settings} settings */
function list(names, settings) {
  const told = names.slice(0, MOST).map((name) => worded(name, settings[name]));
  return told.join(", ") + (names.length > MOST ? ` and ${names.length - MOST} more` : "");
}
