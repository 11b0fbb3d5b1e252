// The stages of a chat model, in words.
/** @import {ShownRun} from "../types.js" */
/** @import {About, Side, Stage, StagesState, Told} from "../stages-types.js" */
import { extend, newCurve } from "../../select/curve.js";
import { amount, count, duration, loss } from "../../select/format.js";

/**
 * What is said of each stage: the reader's own, or that of the model that comes with the page.
 * @param {StagesState} stages @param {boolean} mine
 * @returns {{[stage: string]: string}}
 */
export function rungs({ made }, mine) {
  if (!mine) return SHIPPED;
  const { tokens, base, chat } = made;
  // What goes on from the model that comes with the page has no tokens and no base of the reader's.
  const theirs = chat?.wish.start === "shipped";
  const lacking = (/** @type {"tokens"|"base"} */ stage) =>
    theirs ? `story-chat’s: ${SHIPPED[stage]}` : "not made yet";
  return {
    tokens: tokens ? ofTokens(tokens) : lacking("tokens"),
    base: base ? ofTraining(base) : lacking("base"),
    chat: chat ? ofTraining(chat) : "not made yet",
    tool: chat ? ofTool(chat) : "comes with fine-tuning",
  };
}

const SHIPPED = {
  tokens: "520, from stories and talk",
  base: "350 steps on stories and talk",
  chat: "8,000 steps on conversations",
  tool: "a calculator, which it is taught to call",
};

/** @param {About} about */
const ofTokens = ({ vocab = 0, bytesEach = 1 }) =>
  `${count(vocab)}, of ${bytesEach.toFixed(1)} bytes each`;

/** @param {About} about */
function ofTraining({ step = 0, evaluations = [] }) {
  const last = evaluations.at(-1);
  return `${count(step)} steps${last ? `, held-out loss ${loss(last.loss)}` : ""}`;
}

/** @param {About} about */
function ofTool({ exact = [], alone, asksLearned }) {
  const last = exact.at(-1);
  if (!last) return "not asked yet";
  const { right, tries } = last;
  const which = asksLearned ? "questions it was taught" : "held-out questions";
  if (!alone) return `${count(right)} of ${count(tries)} ${which} right`;
  return `sums right, of ${count(tries)}: with ${count(right)}, without ${count(alone[0])}`;
}

/**
 * How long a stage will take, or all of those that are to be made.
 * @param {StagesState} stages @param {Stage[]} which
 */
export function estimateOf({ estimate }, which) {
  const { id, seconds } = estimate;
  const known = which.map((stage) => seconds?.[stage]);
  if (known.every((each) => each !== undefined))
    return `about ${time(known.reduce((sum, each) => sum + each, 0))}`;
  return id === null ? "" : "measuring how long it takes here …";
}

/** A time in words: "27 s". @param {number} seconds */
export const time = (seconds) => duration(seconds).join(" ");

/** What is going on, in a sentence. @param {StagesState} stages */
export function progressOf({ work, shown }) {
  if (!work) return "";
  const run = shown[work.stage];
  if (work.stopping) {
    const at = work.phase === "training" && run ? ` at step ${count(run.step)}` : "";
    return `${work.stopping === "pause" ? "Paused" : "Stopped"}${at}; it is being kept …`;
  }
  if (work.phase !== "training" || !run) return PHASES[work.stage];
  const { step, steps, seconds } = run;
  const left = step ? `, ${time(((steps - step) * seconds) / step)} left` : "";
  return `Step ${count(step)} of ${count(steps)}${left}`;
}

/** @type {{[stage in Stage]: string}} */
const PHASES = {
  tokens: "Counting pairs and joining the most frequent …",
  base: "Reading and cutting the text …",
  chat: "Preparing conversations …",
};

/** How much of the stage is done, 0 to 100. @param {StagesState} stages */
export function shareOf({ work, shown }) {
  if (!work) return 0;
  const run = shown[work.stage];
  if (work.phase !== "training" || !run) return Math.round(100 * work.share);
  return Math.round((100 * run.step) / Math.max(1, run.steps));
}

/**
 * Who can be asked the same question, side by side.
 * @param {StagesState} stages @param {boolean} mine @returns {Side[]}
 */
export function sidesOf({ made }, mine) {
  const model = mine ? "chat" : "shipped";
  /** @type {Side[]} */
  const sides = [
    { name: mine ? "after fine-tuning" : "with the tool", model, tool: true },
    { name: "without the tool", model, tool: false },
  ];
  if (mine && made.base) sides.unshift({ name: "before fine-tuning", model: "base", tool: true });
  return sides;
}

/** The steps of a fine-tuning, by what it begins with. @param {StagesState["options"]} options */
export const stepsOf = ({ start, chatSteps, moreSteps }) =>
  start === "base" ? chatSteps : moreSteps;

/** A stage as the chart draws it. @param {About} about @returns {ShownRun} */
export function runOf(about) {
  const { step = 0, steps = 0, losses = new Float64Array(), wish } = about;
  return {
    id: 0,
    origin: "new",
    status: step >= steps ? "done" : "paused",
    settings: /** @type {any} */ ({}),
    step,
    steps,
    curve: extend(newCurve(steps, step - losses.length), losses),
    evaluations: about.evaluations ?? [],
    exact: about.exact ?? [],
    columns: [],
    history: [],
    live: null,
    beat: null,
    uniformLoss: about.uniformLoss ?? 0,
    bigramLoss: null,
    heldOut: wish.stage === "chat" ? 2 : 1,
    parameters: about.parameters ?? null,
    vocabSize: about.vocabSize,
    dataName: wish.stage === "chat" ? "conversations" : "text",
    canTrain: true,
    stepsPerSecond: 0,
    tokensPerSecond: 0,
    seconds: about.seconds,
  };
}

/** What happened, in a run. @param {ShownRun} run @param {Told} event @returns {ShownRun} */
export function heard(run, { type, ...event }) {
  if (type === "evaluation" && event.loss !== null)
    return { ...run, evaluations: [...others(run.evaluations, event), event] };
  if (type === "exact") return { ...run, exact: [...others(run.exact, event), event] };
  return run;
}

/** @template {{step: number}} Each @param {Each[]} all @param {{step: number}} event */
const others = (all, { step }) => all.filter((each) => each.step !== step);

/** A token of an answer: what is of one kind stands together. @param {Told[]} parts @param {[string, string]} token */
export function appended(parts, [kind, text]) {
  if (!text) return parts; // a token that begins or ends a call
  const last = parts.at(-1);
  if (last?.kind !== kind) return [...parts, { kind, text }];
  return [...parts.slice(0, -1), { kind, text: last.text + text }];
}

/** 1 line is, 2 lines are. @param {number} n @param {string} one */
export const are = (n, one) => `${amount(n, one)} ${n === 1 ? "is" : "are"}`;
