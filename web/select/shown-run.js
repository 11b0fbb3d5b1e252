// What the right-hand side shows: the reader's run, or before there is one the recorded example,
// in the same shape. Pure.
import { extend, newCurve } from "./curve.js";

const told = new WeakMap(); // a run, or a recorded one -> its shownRun, made once
let last = { chain: null, curve: null }; // the curve up to a link of the chain of losses

export function shownRun({ run, recorded }) {
  if (run?.ready) return ownStory(run);
  if (run?.before?.ready) return ownStory(run.before); // it is on until the other has opened
  return recorded ? recordedStory(recorded) : null;
}

/** A run that was kept to compare with, as it was then. */
export const asShown = (run) => ownStory(run);

function ownStory(run) {
  if (!told.has(run)) told.set(run, { ...run, curve: curveOf(run) });
  return told.get(run);
}

/** The last curve and what has come since, which is little; or all, from the beginning. */
function curveOf({ losses, steps, begun }) {
  const fresh = [];
  let chain = losses;
  for (; chain && chain !== last.chain; chain = chain.before) fresh.push(chain.values);
  let curve = chain ? last.curve : newCurve(steps, begun);
  for (const values of fresh.reverse()) curve = extend(curve, values);
  last = { chain: losses, curve };
  return curve;
}

function recordedStory(recorded) {
  if (told.has(recorded)) return told.get(recorded);
  const { steps } = recorded.settings;
  const evaluations = recorded.evaluations.map(([step, loss]) => ({ step, loss }));
  const columns = [];
  for (const column of recorded.samples) columns[Math.round((column.step / steps) * 5)] = column;
  const made = {
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
    columns,
    live: null,
    beat: evaluations.find(({ step, loss }) => step && loss < recorded.bigramLoss)?.step ?? null,
    curve: extend(newCurve(steps), recorded.losses),
    seconds: recorded.seconds,
    stepsPerSecond: recorded.stepsPerSecond,
    tokensPerSecond: recorded.tokensPerSecond ?? 0,
  };
  told.set(recorded, made);
  return made;
}

/** What one token of a run is called. */
export const unitOf = (run) => (run?.tokenizer?.kind === "bpe" ? "token" : "letter");

export const isLive = (run) => ["running", "starting"].includes(run.status);

/** Labels of the settings that the next run would have and this one has not. */
export function pending({ run, settings, data }, fields) {
  if (!run || run.opening || run.origin === "link") return [];
  const names = Object.keys(fields).filter((name) => name !== "steps" && name !== "eval_every");
  const found = names
    .filter((name) => run.settings[name] !== settings[name])
    .map((name) => fields[name].label ?? name);
  const other = data.status === "ready" && run.digest && data.digest !== run.digest;
  return other ? ["Data", ...found] : found;
}
