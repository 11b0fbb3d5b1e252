// The run: begun, followed, stopped, or opened with the model it has trained.
/** @import {Action, Answer, Evaluation, Of, Opening, Question, Run, Settings, State, ToOpen} from "./types.js" */
import { forWorker } from "../settings/address.js";
import { extend, newCurve } from "../select/curve.js";
import { withSamples } from "../select/history.js";
import { stepsPerSecond } from "../select/format.js";
import { aheadSince } from "../select/shown-run.js";
import { ask, isFor, isReady, on, reducer, say, send } from "./helpers.js";
import { describe } from "./settings.js";
import { UNWRITTEN, askNextTokens } from "./writing.js";

/** @param {Opening} given @returns {Pick<State, "run"|"runs"|"queuedAction"|"opens"|"shipped"|"preview"|"link"|"samplesAt">} */
export const initial = ({ model }) => ({
  run: null,
  runs: 0, // how many there were: the number of the last one
  queuedAction: "", // what to do as soon as Python and the data are there: "train" or "step"
  opens: { id: null },
  shipped: null, // the small model that comes with the page
  preview: { id: null, texts: [] }, // samples of an opened model, as they come
  link: { text: model, problem: "" }, // a model in the address
  samplesAt: null, // the step whose samples are looked at; null: the last
});

/**
 * While a model opens, the run before goes on, and what the worker says of it is its news.
 * @param {State} state @param {Action} action @returns {State}
 */
export function reduce(state, action) {
  const before = state.run?.before;
  if (!before || !("run" in action) || action.run !== before.id) return current(state, action);
  const { run } = current({ ...state, run: before }, action);
  return on(state, "run", { before: run });
}

const current = reducer({
  // ---- what the reader does
  start: (s) => {
    const { run } = s;
    // A run at its very start has nothing to protect: what is on the screen begins.
    if (!run?.step || !canGoOn(s)) return begin(s, "train");
    const goal = run.step < s.settings.steps ? s.settings.steps : run.steps;
    const steps = Math.max(goal, run.steps);
    const next = steps === run.steps ? s : setPace(on(s, "run", { steps }));
    return say(trainUntil(next, goal), "Training goes on.");
  },
  again: (s) => begin(s, "train"),
  step: (s) => (s.run?.step && canGoOn(s, 1) ? trainUntil(s, s.run.step + 1) : begin(s, "step")),
  reset: (s) => {
    const replaced = s.run?.step ? { run: s.run.id, key: s.saved.key } : s.saved.replaced;
    return begin(on(s, "saved", { replaced }), "");
  },
  "retry-clipped": (s) => begin(s, "train"), // settings.js has set it
  unqueue: (s) => ({ ...s, queuedAction: "" }),
  pause: (s) => (s.run ? send(s, { type: "pause", run: s.run.id }) : s),
  finish: (s) => (s.run ? send(s, { type: "finish", run: s.run.id }) : s),
  settings: (s, { values }) => {
    const { run } = s;
    const moved = "steps" in values && run?.status === "running" && (run.goal ?? 0) > run.step + 1;
    return moved ? trainUntil(s, s.settings.steps) : s;
  },
  page: (s, { values }) => (s.run && ("pace" in values || "workers" in values) ? setPace(s) : s),

  // ---- what the worker says
  ready: (s) => (s.link.text && !s.run ? openRun(s, { origin: "link" }) : s),
  shipped: (s, { type, note, ...about }) => ({
    ...s,
    shipped: { id: -1, origin: "shipped", step: note.step ?? 0, note, ...about },
  }),
  created: (s, about) => opened(s, about),
  opened: (s, about) => opened(on(s, "link", { problem: "" }), about),
  progress: (s, { type, run: id, losses, ...now }) =>
    ours(s, id, (run) => ({ ...run, ...now, curve: extend(run.curve, losses) })),
  evaluation: (s, { run: id, step, loss, bitsPerByte }) => {
    if (loss === null || s.run?.id !== id) return s;
    const others = s.run.evaluations.filter((e) => e.step !== step);
    const evaluations = [...others, { step, loss, bitsPerByte }];
    const beat = aheadSince(evaluations, s.run.bigramLoss);
    const said = beat === s.run.beat ? s.said : AGAINST_BIGRAM(beat, step);
    return { ...s, said, run: { ...s.run, evaluations, beat } };
  },
  exact: (s, { run: id, step, right, tries }) =>
    ours(s, id, (run) => {
      const others = run.exact.filter((each) => each.step !== step);
      return { ...run, exact: [...others, { step, right, tries }] };
    }),
  samples: (s, { run: id, step, samples }) =>
    askNextTokens(ours(s, id, (run) => withSamples(run, step, samples))),
  unrecorded: (s, { run: id, message: unrecorded }) =>
    ours(s, id, (run) => ({ ...run, unrecorded })),
  stopped: (s, { run: id, step, reason, message = "", outcome = null }) => {
    if (s.run?.id !== id) return s;
    const one = reason === "paused" && s.run.goal === step; // a single step is no milestone
    const run = { step, status: reason, message, goal: null, outcome };
    const next = askNextTokens(on(s, "run", run));
    const words = reason === "done" && outcome ? ` ${outcome.text}` : "";
    return one ? next : say(next, `${STOPPED[reason]} at step ${step}.${words}`);
  },
  token: (s, { id, text, index }) =>
    isFor({ id }, s.preview)
      ? on(s, "preview", { texts: appended(s.preview.texts, index, text) })
      : s,
  written: (s, { id, texts, new: fresh }) => {
    if (!isFor({ id }, s.preview) || !s.run) return s;
    const samples = texts.map((text, i) => ({ text, new: fresh?.[i] ?? null }));
    const next = on(s, "preview", { id: null, texts: [] });
    return on(next, "run", { live: { step: s.run.step, samples } });
  },

  // ---- what ends it
  refused: (s, { run, message }) => {
    if (run === undefined || run !== s.run?.id) return s;
    if (s.run.status === "refused") return s; // what was asked of it then is refused with it
    if (!s.run.opening) return say(on(s, "run", { status: "refused", message }), message);
    const part = s.run.opening.origin === "link" ? "link" : "saved";
    const back = { ...s, run: s.run.before ?? null };
    return say(on(back.run ? setPace(back) : back, part, { problem: message }), message);
  },
  failed: (s) => ({ ...s, queuedAction: "" }),
  crashed: (s) => ({ ...s, queuedAction: "", run: s.run && { ...s.run, status: "lost" } }),
  retry: (s) => ({ ...s, run: null }),
  address: (s, { opening: { model } }) => {
    const next = { ...s, link: { text: model, problem: "" } };
    return model && isReady(s) ? openRun(next, { origin: "link" }) : next;
  },
});

/** @param {number|null} beat @param {number} step */
const AGAINST_BIGRAM = (beat, step) =>
  beat === null
    ? `At step ${step} no longer better than the bigram.`
    : `By step ${beat}: better than the bigram.`;

const STOPPED = { paused: "Paused", stopped: "Stopped", done: "Finished", diverged: "Diverged" };

/**
 * Whether the current run can be trained on, rather than a new one begun.
 * @param {Pick<State, "run"|"settings">} given @param {number} [more]
 */
export function canGoOn({ run, settings }, more = 0) {
  if (!run?.canTrain || ["starting", "diverged", "refused", "lost"].includes(run.status))
    return false;
  return run.step < Math.max(settings.steps, run.step + more) || run.step < run.steps;
}

/**
 * A new run: `wanted` is "train", "step", or "" for one that stands at its beginning.
 * @param {State} state @param {State["queuedAction"]} wanted @returns {State}
 */
export function begin(state, wanted) {
  // Nothing is trained with a value other than the one on the screen.
  const refusal = Object.entries(state.mistyped).find(([at]) => at.startsWith("settings."))?.[1];
  if (refusal && wanted) return say({ ...state, refusal }, refusal);
  // The settings themselves may be refused, as a model too large for a tab is.
  const { problem, current } = state.described;
  if (problem && current && wanted) return say({ ...state, refusal: problem }, problem);
  const there = isReady(state) && state.data.status === "ready";
  if (!there) return { ...state, queuedAction: wanted || state.queuedAction };
  const { settings, data } = state;
  const { steps } = settings;
  const run = {
    ...emptyRun(state),
    canTrain: true,
    digest: data.digest,
    dataName: data.name,
    goal: wanted ? (wanted === "train" ? steps : 1) : null,
    uniformLoss: Math.log(state.described.answer?.vocabSize ?? data.vocabSize ?? 1),
  };
  const writing = { ...state.writing, ...UNWRITTEN };
  const preview = { id: null, texts: [] };
  /** @type {State} */
  const fresh = {
    ...state,
    run,
    runs: run.id,
    queuedAction: "",
    writing,
    preview,
    samplesAt: null,
  };
  if (wanted) fresh.saved = { ...fresh.saved, replaced: null };
  const created = send(setPace(fresh), { type: "new", run: run.id, settings: forWorker(settings) });
  const until = run.goal;
  const next = until ? send(created, { type: "train", run: run.id, until }) : created;
  return wanted === "train" ? say(next, "Training has begun.") : next;
}

/** @param {State} state @param {number} goal @returns {State} */
function trainUntil(state, goal) {
  const { run } = state;
  if (!run) return state;
  const next = on(state, "run", { status: "running", goal });
  return goal && goal !== run.goal ? send(next, { type: "train", run: run.id, until: goal }) : next;
}

/**
 * The worker is told how fast it may go: the pace is of the page, the steps are of the run.
 * @param {State} state @returns {State}
 */
function setPace(state) {
  const steps = state.run?.steps ?? state.settings.steps;
  const workers = Number(state.page.workers) || 0; // auto: as many as are fastest
  const pace = stepsPerSecond(state.page.pace, steps);
  return send(state, { type: "pace", stepsPerSecond: pace, workers });
}

/** @param {State} state @returns {Run} */
function emptyRun({ runs, settings }) {
  const { steps } = settings;
  const known = {
    id: runs + 1,
    origin: /** @type {const} */ ("new"),
    name: "",
    status: "starting",
    settings,
    step: 0,
    steps,
  };
  const shown = {
    curve: newCurve(steps),
    evaluations: [],
    exact: [],
    columns: [],
    history: [],
    live: null,
    beat: null,
    bigramLoss: null,
  };
  const speed = { stepsPerSecond: 0, tokensPerSecond: 0, seconds: 0 };
  const rest = { goal: null, uniformLoss: 0, parameters: null, heldOut: 0, message: "" };
  return { ...known, ...shown, ...speed, ...rest, canTrain: false, ready: false, opening: null };
}

/**
 * `opening` is a model in a file, in a link, or in this browser; the run before stays until it has opened.
 * @param {State} state @param {ToOpen} opening @returns {State}
 */
export function openRun(state, opening) {
  const before = state.run?.opening ? state.run.before : state.run;
  /** @type {Run} */
  const run = { ...emptyRun(state), opening, before };
  const saved = { ...state.saved, replaced: null };
  const next = { ...state, run, runs: run.id, samplesAt: null, saved };
  /** @param {State} s @param {number} id */
  const remember = (s, id) => on(s, "opens", { id });
  return setPace(ask(next, requestFor(opening, run.id, state.link), remember));
}

/** @param {ToOpen} opening @param {number} run @param {State["link"]} link @returns {Question} */
function requestFor(opening, run, link) {
  if (opening.origin === "link") return { type: "open-link", run, text: link.text ?? "" };
  if (opening.origin === "autosave") return { type: "continue", run, key: opening.key };
  return { type: "open", run, name: opening.name, bytes: opening.bytes };
}

/** @param {State} state @param {Of<Answer, "created">} about @returns {State} */
function opened(state, about) {
  if (state.run?.id !== about.run) return state;
  const {
    type,
    id,
    key, // under which it is kept: in `saved`
    run: number,
    losses = new Float64Array(0),
    evaluations = [],
    data,
    samples = [],
    question = "",
    ...rest
  } = about;
  const fresh = type === "created";
  const steps = rest.settings?.steps ?? (rest.step || state.settings.steps);
  /** @type {Run} */
  const run = {
    ...state.run,
    ...rest,
    opening: null,
    before: null,
    evaluations,
    steps,
    digest: data?.digest ?? state.run.digest,
    dataName: data?.name ?? rest.note?.data ?? state.run.dataName,
    status: fresh ? (state.run.goal ? "running" : "idle") : rest.step >= steps ? "done" : "paused",
    beat: aheadSince(evaluations, rest.bigramLoss ?? null),
    settings: { ...state.settings, ...rest.settings },
    ready: true,
    curve: extend(newCurve(steps, rest.step - losses.length), losses),
  };
  const withColumns = samples.reduce(
    (one, column) => withSamples(one, column.step, column.samples),
    run,
  );
  // A prompt in another alphabet would only be refused; of a task there is a question to ask.
  const known = new Set(rest.vocabulary ?? state.prompt);
  const prompt = [...state.prompt].every((letter) => known.has(letter)) ? state.prompt : question;
  // What was begun since a new run was asked for, with the model that comes with the page, goes on.
  const kept = fresh && prompt === state.prompt;
  const there = on({ ...state, run: withColumns, prompt }, "writing", kept ? {} : UNWRITTEN);
  const paced = steps === state.run.steps ? there : setPace(there);
  if (fresh) return askNextTokens(paced);
  const settings = followed(state.settings, rest.settings);
  /** @type {State} */
  const next = { ...paced, settings, said: "The model is open." };
  const shown = askNextTokens(describe(next));
  const learned = rest.step > 0 || !rest.canTrain;
  return withColumns.live || !learned ? shown : preview(shown);
}

/**
 * Some samples at once, where none were written on the way.
 * @param {State} state @returns {State}
 */
function preview(state) {
  const calm = { temperature: 0.5, seed: 1 };
  const count = state.run?.dataName === "names" ? 20 : 5; // texts are as long as many names
  return ask(state, { type: "write", prompt: "", count, sampling: calm }, (s, id) =>
    on(s, "preview", { id, texts: [] }),
  );
}

/**
 * The form follows an opened run; what its file does not say, and the interval, stay.
 * @param {Settings} settings @param {Settings} [found] @returns {Settings}
 */
function followed(settings, found) {
  if (!found) return settings;
  const known = Object.keys(settings).filter((name) => name in found && name !== "eval_every");
  return { ...settings, ...Object.fromEntries(known.map((name) => [name, found[name]])) };
}

/** @param {State} state @param {number} id @param {(run: Run) => Run} change @returns {State} */
function ours(state, id, change) {
  return state.run?.id === id ? { ...state, run: change(state.run) } : state;
}

/** @param {string[]} texts @param {number} index @param {string} text */
function appended(texts, index, text) {
  const copy = [...texts];
  copy[index] = (copy[index] ?? "") + text;
  return copy;
}
