// What the right-hand side shows: the reader's run, or before there is one the recorded example,
// in the same shape.
/** @import {Evaluation, ModelAtHand, RecordedExample, Sample, ShownRun, State, Table} from "../state/types.js" */
import { calledOf } from "../settings/fields.js";
import { extend, newCurve } from "./curve.js";
import { count, documents, isTask, percent } from "./format.js";

/** @param {Pick<State, "run"|"recorded">} given @returns {ShownRun|null} */
export function shownRun({ run, recorded }) {
  if (run?.ready) return run;
  if (run?.before?.ready) return run.before; // it is on until the other has opened
  return recorded ? recorded.run : null;
}

/**
 * The model to write with and to look into: the reader's own, or, while that has learned nothing
 * yet, the small one that comes with the page. Python decides alike.
 * @param {Pick<State, "run"|"shipped"|"python">} given @returns {ModelAtHand|null}
 */
export function modelAtHand({ run, shipped, python }) {
  if (python.status !== "ready") return null;
  const begun = run?.opening ? run.before : run;
  const own = begun?.ready ? begun : null;
  const learned = own && (own.step > 0 || !own.canTrain);
  return learned || !shipped ? own : shipped;
}

/**
 * What Inside looks into: until Python has a model, that of the recorded example.
 * @param {Pick<State, "run"|"shipped"|"python"|"recorded">} state @returns {ModelAtHand|null}
 */
export const lookedInto = (state) =>
  modelAtHand(state) ?? (state.recorded?.inside ? state.recorded.run : null);

/**
 * What the model is that comes with the page.
 * @param {ModelAtHand} model
 */
export const aboutShipped = ({ settings, parameters, step, note }) =>
  `${calledOf(settings)}, ${count(parameters ?? 0)} numbers, made with this program’s own command “train”: ${count(step)} steps on ${note?.data}. Yours will replace it.`;

/**
 * The recorded example in the shape of a run.
 * @param {RecordedExample} recorded @returns {ShownRun}
 */
export function recordedRun(recorded) {
  const { steps } = recorded.settings;
  const evaluations = recorded.evaluations.map(([step, loss]) => ({ step, loss }));
  const columns = [];
  for (const column of recorded.samples) columns[Math.round((column.step / steps) * 5)] = column;
  return {
    recorded: true,
    id: 0,
    status: "done",
    origin: "recorded",
    step: steps,
    steps,
    settings: recorded.settings,
    dataName: recorded.data.name,
    vocabSize: recorded.data.vocabSize,
    heldOut: recorded.data.heldOut,
    parameters: recorded.parameters,
    uniformLoss: recorded.uniformLoss,
    bigramLoss: recorded.bigramLoss,
    evaluations,
    exact: [],
    columns,
    history: [],
    live: null,
    beat: aheadSince(evaluations, recorded.bigramLoss),
    curve: extend(newCurve(steps), recorded.losses),
    seconds: recorded.seconds,
    stepsPerSecond: recorded.stepsPerSecond,
    tokensPerSecond: recorded.tokensPerSecond ?? 0,
  };
}

/**
 * The step since which every held-out loss is below that of counting pairs, or null.
 * @param {Evaluation[]} evaluations @param {number|null} bigramLoss
 */
export function aheadSince(evaluations, bigramLoss) {
  /** @type {number|null} */
  let since = null;
  for (const { step, loss } of evaluations) {
    const ahead = step > 0 && bigramLoss !== null && loss < bigramLoss;
    since = ahead ? (since ?? step) : null;
  }
  return since;
}

/**
 * How many of some samples are new, or right, as a share: columns have eight of them or twenty.
 * @param {Sample[]} samples
 */
export function shareOf(samples) {
  /** @param {boolean[]} all @param {string} word */
  const share = (all, word) =>
    all.length ? `${percent(all.filter(Boolean).length / all.length)}% ${word}` : "";
  const right = samples.flatMap((sample) => sample.right ?? []);
  const fresh = samples.flatMap((sample) => sample.new ?? []);
  return share(right, "right") || share(fresh, "new");
}

const LONG = 24; // letters beyond which a document is no word that fits into a column

/**
 * Whether a run writes texts, which want one wide column; names stand in several.
 * @param {ShownRun} run @param {string[]} [coming]  what is being written of an opened model
 */
export function writesTexts({ rows, longest, dataName, live }, coming = []) {
  if (rows && rows !== "documents") return true;
  if (isTask(dataName)) return false;
  if (longest) return longest > LONG;
  if (dataName === "names") return false; // a model that has learned little never ends them
  return [...coming, ...(live?.samples ?? []).map(({ text }) => text)].some(
    (text) => text.length > 2 * LONG,
  );
}

/**
 * What one token of a run is called.
 * @param {{tokenizer?: {kind: string}}|null|undefined} run
 */
export const unitOf = (run) => (run?.tokenizer?.kind === "bpe" ? "token" : "letter");

/**
 * Whether there is a run that Reset could put back to its start.
 * @param {State} state
 */
export function canReset({ run, python, data }) {
  if (["failed", "unsupported", "crashed"].includes(python.status) || data.status !== "ready")
    return false;
  return run !== null && run.status !== "starting" && !(run.status === "idle" && run.step === 0);
}

/**
 * Seconds a step takes at full speed: those of the run that has ended, if it is the one on the
 * screen; else what was measured on a few steps.
 * @param {State} state @param {Table} fields
 */
export function secondsPerStep({ run, settings, data, described }, fields) {
  const over = run?.seconds && run.curve.seen && !isLive(run);
  if (over && !pending({ run, settings, data }, fields).length) return run.seconds / run.curve.seen;
  return described.answer?.secondsPerStep ?? null;
}

/** @param {{status: string}} run */
export const isLive = (run) => ["running", "starting"].includes(run.status);

/**
 * The accent is for the trace that is being drawn.
 * @param {{status: string}} run
 */
export const isDrawn = (run) => isLive(run) || run.status === "paused";

/**
 * Labels of the settings that the next run would have and this one has not.
 * @param {Pick<State, "run"|"settings"|"data">} given @param {Table} fields
 */
export function pending({ run, settings, data }, fields) {
  if (!run || run.opening || run.origin === "link") return [];
  const names = Object.keys(fields).filter((name) => name !== "steps" && name !== "eval_every");
  const found = names
    .filter((name) => run.settings[name] !== settings[name])
    .map((name) => fields[name].label ?? name);
  const other = data.status === "ready" && run.digest && data.digest !== run.digest;
  return other ? ["Data", ...found] : found;
}

/**
 * How many numbers the model that is planned has; null where it cannot be made, or where only
 * Python can say it and has not yet.
 * @param {Pick<State, "described"|"settings"|"data">} state
 */
export function plannedParameters({ described: { answer, problem }, settings, data }) {
  if (problem) return null;
  const first = calledOf(settings) === "microgpt" && settings.block_size === 16;
  return answer?.parameters ?? (first && documents(data) === "names" ? 4192 : null);
}

const CLIMBED = 0.5; // above guessing: from there on Python, too, calls a run diverged

/**
 * A loss in words: e^loss is the number of equally likely letters that would surprise as much.
 * @param {number} loss @param {Pick<ShownRun, "uniformLoss">} run @param {string} unit
 */
export function likePicking(loss, { uniformLoss }, unit) {
  if (loss > uniformLoss + CLIMBED) return "worse than guessing";
  const letters = Math.exp(Math.min(loss, uniformLoss));
  return `like ${letters < 5 ? letters.toFixed(1) : count(letters)} equally likely ${unit}s`;
}
