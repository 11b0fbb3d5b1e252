// The ladder of stages: what the reader's own chat model is made of, what is being made, and what
// came of it.
/** @import {Action, Of, Reduce, ShownRun, State} from "../types.js" */
/** @import {About, MakeWish, Stage, StagesState, Told, WithStages} from "../stages-types.js" */
import { extend } from "../../select/curve.js";
import { broken, resting, withStatus } from "./rest.js";
import { NO_TALK } from "./typed.js";
import { appended, are, heard, runOf, stepsOf } from "./words.js";
import { ask, halt, isFor, isReady, say, send } from "../helpers.js";

/** @type {readonly Stage[]} */
export const STAGES = ["tokens", "base", "chat"];
const NOT_READ = { id: null, problem: "", asked: null, encoding: "" };
const NO_TEXT = { ...NOT_READ, name: null, characters: 0 };
const UNCHECKED = { id: null, wrong: [], more: 0, problem: "" };
const NO_TALKS = { ...UNCHECKED, name: null, count: 0, shown: [] };

/** @type {StagesState} */
const NEW = {
  looked: false,
  made: { tokens: null, base: null, chat: null },
  half: null,
  open: false,
  options: {
    vocab: 512,
    baseSteps: 150,
    chatSteps: 2100,
    moreSteps: 120,
    start: "base",
    mix: true,
  },
  text: NO_TEXT,
  talks: NO_TALKS,
  draft: { talks: [NO_TALK], pasted: "", text: "" },
  work: null,
  wanted: null,
  shown: {},
  samples: [],
  estimate: { id: null, key: "", seconds: null },
  compare: { id: null, question: "", sides: [], answers: [], problem: "" },
  shippedWanted: false,
  problem: "",
  storage: "",
};

export const initial = () => ({ stages: NEW });

/** @type {Reduce} */
export function reduce(state, action) {
  const change = TABLE[action.type];
  const next = change ? change(/** @type {WithStages} */ (state), action) : state;
  const asks = /** @type {WithStages} */ (next);
  if (next.view !== "chat" || !isReady(next) || asks.stages.looked) return next;
  if (comesFirst(asks.chat)) return next;
  return send(on(asks, { looked: true }), { type: "stages-look" });
}

/**
 * Whether the model that is talked to is being opened, or asked: the first answer is not kept
 * waiting. While its bytes are still on their way there is time.
 * @param {WithStages["chat"]} chat
 */
const comesFirst = ({ model, answer }) =>
  ["fetched", "opening"].includes(model.status) || answer.id !== null;

/** @param {WithStages} state @param {Partial<StagesState>} values @returns {WithStages} */
const on = (state, values) => ({ ...state, stages: { ...state.stages, ...values } });

/**
 * @template {"text"|"talks"|"draft"|"estimate"|"compare"|"options"} Name
 * @param {WithStages} state @param {Name} name @param {Partial<StagesState[Name]>} values
 */
const part = (state, name, values) => on(state, { [name]: { ...state.stages[name], ...values } });

/**
 * @param {WithStages} state @param {Told} question
 * @param {(state: WithStages, id: number) => WithStages} remember
 */
const asked = (state, question, remember) =>
  /** @type {WithStages} */ (
    ask(state, question, (s, id) => remember(/** @type {WithStages} */ (s), id))
  );

/** @param {WithStages} state @param {string} words */
const told = (state, words) => /** @type {WithStages} */ (say(state, words));

/** @type {{[type: string]: (state: WithStages, action: Told) => WithStages}} */
const TABLE = {
  // ---- what the reader does
  "stages-open": (s) => measure(on(s, { open: !s.stages.open })),
  // The times that are known are those of other options.
  "stages-options": (s, { values }) =>
    part(part(s, "options", values), "estimate", { seconds: null }),
  "stages-draft": (s, { values }) => {
    const next = part(s, "draft", values);
    return next.stages.draft.talks.length ? next : part(next, "draft", { talks: [NO_TALK] });
  },
  "stages-text": (s, action) => text(s, action),
  "stages-text-as": (s, { encoding }) => {
    const { asked: given } = s.stages.text;
    return given ? text(s, { type: "stages-text", ...given, encoding }) : s;
  },
  "stages-text-problem": (s, { message }) =>
    told(part(s, "text", { problem: message, encoding: "" }), message),
  "stages-talks-problem": (s, { message }) =>
    told(part(s, "talks", { problem: message, wrong: [], more: 0 }), message),
  "stages-talks": (s, { type, name, bytes }) =>
    asked(part(unmeasured(s), "talks", UNCHECKED), { type, name, bytes }, (now, id) =>
      part(now, "talks", { id }),
    ),
  "stages-estimate": (s) => measure(s),
  "stage-make": (s, { stage, all = false }) => make(s, wishOf(s.stages, stage, all), false),
  "stage-continue": (s) => (s.stages.half ? make(s, s.stages.half.wish, true) : s),
  "stage-pause": (s) => {
    const { work } = s.stages;
    if (!work || work.stopping) return s;
    const next = told(on(s, resting(s.stages, "pause")), "Paused.");
    return /** @type {WithStages} */ (halt(next, work));
  },
  "stage-take": (s) => {
    const { work } = s.stages;
    if (!work || work.stopping) return s;
    const next = told(on(s, resting(s.stages, "take")), "Stopped here.");
    return /** @type {WithStages} */ (send(next, { type: "stages-take", of: work.id }));
  },
  "stage-discard": (s) =>
    /** @type {WithStages} */ (
      send(on(s, { half: null, problem: "" }), { type: "stages-forget", stage: "making" })
    ),
  "stage-file": (s, { stage }) => asked(s, { type: "stages-file", stage }, (now) => now),
  "stage-use": (s, { stage }) => use(s, stage),
  "stage-tokens": (s) =>
    asked(s, { type: "stages-tokens" }, (now, id) => ({
      ...now,
      tokens: { ...now.tokens, opening: { id, problem: "" } },
    })),
  "stages-compare": (s, { question, sides }) =>
    asked(unmeasured(s), { type: "stages-ask", question, sides }, (now, id) =>
      part(now, "compare", { id, question, sides, problem: "", answers: sides.map(() => []) }),
    ),
  // Over at once, however long the worker is at what it has begun.
  "stages-compare-stop": (s) =>
    part(/** @type {WithStages} */ (halt(s, s.stages.compare)), "compare", { id: null }),

  // ---- what the worker says
  "stages-kept": (s, { parts }) => {
    const { tokens = null, base = null, chat = null, text, talks } = parts;
    const { wanted } = s.stages;
    const half = parts.making ?? (wanted && { wish: wanted, seconds: 0 });
    const made = { tokens, base, chat };
    const options = half?.wish.options ?? s.stages.options; // of all that was to be made
    const shown = Object.fromEntries(
      [base, chat, half].flatMap((about) =>
        about?.steps ? [[about.wish.stage, runOf(about)]] : [],
      ),
    );
    let next = on(s, { made, half, shown, options, wanted: null });
    if (text) next = part(next, "text", { name: text.name, characters: text.characters });
    if (talks) {
      const { name, talks: count, shown = [] } = talks;
      next = part(next, "talks", { name, count, shown });
    }
    return measure(chat ? useMine(next) : next);
  },
  "stages-begun": (s, { id, stage, about }) =>
    working(s, id, (work) => ({ ...work, phase: "training", share: 0 }), {
      ...s.stages.shown,
      [stage]: { ...runOf(about), status: "running" },
    }),
  "stages-news": (s, { id, phase, share = 0, step, events = [], losses, seconds }) => {
    const { work, shown } = s.stages;
    if (!work || !isFor({ id }, work) || work.stopping) return s;
    const run = shown[work.stage];
    const next = on(s, { work: { ...work, phase, share, seconds } });
    if (phase !== "training" || !run) return next;
    const samples = events.filter((/** @type {Told} */ e) => e.type === "samples").at(-1);
    const moved = { ...events.reduce(heard, run), step, seconds, curve: extend(run.curve, losses) };
    return on(next, {
      shown: { ...shown, [work.stage]: moved },
      samples: samples?.samples ?? s.stages.samples,
    });
  },
  "stages-saved": (s, { about }) => on(s, { half: about }),
  "stages-made": (
    s,
    /** @type {{id: number, stage: Stage, about: About}} */ { id, stage, about },
  ) => {
    const { work, made } = s.stages;
    if (!work || !isFor({ id }, work)) return s;
    const shown = withStatus(s.stages.shown, stage, "done", about);
    const now = { made: { ...made, [stage]: about }, half: null, work: null, shown };
    const done = told(on(s, now), `${NAMES[stage]} is done.`);
    const next = STAGES[STAGES.indexOf(stage) + 1];
    // Where a pause was wished just before it was done, nothing more begins by itself.
    if (next && about.wish.all && work.stopping !== "pause")
      return make(done, wishOf(done.stages, next, true), false);
    return measure(stage === "chat" ? useMine(done) : done);
  },
  "stages-paused": (s, { id, about }) => {
    const { work, shown } = s.stages;
    if (!work || !isFor({ id }, work)) return s;
    const still = withStatus(shown, work.stage, "paused", about);
    const next = on(s, { work: null, half: about, shown: still });
    return measure(told(next, "It is kept, and can go on."));
  },
  "stages-estimated": (s, { id, seconds }) => {
    const { estimate } = s.stages;
    if (!isFor({ id }, estimate)) return s;
    const asWished = estimate.key === keyOf(s.stages); // else they were changed meanwhile
    return measure(part(s, "estimate", { id: null, seconds: asWished ? seconds : null }));
  },
  "stages-checked": (s, { id, name, talks, wrong, more, shown: read }) => {
    if (!isFor({ id }, s.stages.talks)) return s;
    const taken = talks && !wrong.length;
    const words = wrong.length
      ? `${are(wrong.length + more, "line")} wrong.`
      : taken
        ? `${are(talks, "conversation")} taken.`
        : "";
    // Where some are wrong, those that were taken before stay.
    const found = taken ? { name, count: talks, shown: read } : name === null ? NO_TALKS : {};
    return measure(told(part(s, "talks", { ...found, id: null, wrong, more }), words));
  },
  "stages-said": (s, action) => said(s, action),
  "stages-answered": (s, action) => part(said(s, action), "compare", { id: null }),
  "stages-storage": (s, { reason }) => on(s, { storage: reason }),
  // The model that comes with the page may arrive after the reader's own.
  "chat-model": (s, { name }) =>
    name === SHIPPED && s.stages.made.chat && !s.stages.shippedWanted ? useMine(s) : s,

  // ---- what ends it
  refused: (s, { id, message, encoding = "" }) => {
    const { work, text, talks, estimate, compare } = s.stages;
    if (isFor({ id }, text))
      return told(part(s, "text", { id: null, problem: message, encoding }), message);
    if (isFor({ id }, talks))
      return told(part(s, "talks", { id: null, problem: message }), message);
    if (isFor({ id }, compare))
      return told(part(s, "compare", { id: null, problem: message }), message);
    if (isFor({ id }, estimate)) return part(s, "estimate", { id: null, seconds: {} });
    if (!work || !isFor({ id }, work)) return s;
    return told(on(s, { work: null, problem: message }), message);
  },
  crashed: (s, { fatal }) => (fatal ? on(s, broken(s.stages)) : s),
  retry: (s) => on(s, { ...broken(s.stages), looked: false }),
};

/** A text that shall be learned from, or that Python has read. @param {WithStages} s @param {Told} given */
function text(s, { type, id, name, bytes, encoding, characters }) {
  if (characters === undefined) {
    const next = part(unmeasured(s), "text", { ...NOT_READ, asked: bytes && { name, bytes } });
    const question = { type, name, bytes, ...(encoding && { encoding }) };
    return asked(next, question, (now, id) => part(now, "text", { id }));
  }
  return isFor({ id }, s.stages.text) ? part(s, "text", { ...NOT_READ, name, characters }) : s;
}

export const SHIPPED = "story-chat";
export const NAMES = { tokens: "Tokens", base: "Pre-training", chat: "Fine-tuning" };

/** @param {StagesState} stages @param {Stage} stage @param {boolean} all @returns {MakeWish} */
function wishOf(stages, stage, all) {
  const wish = wishAlone(stages, stage, all);
  return all ? { ...wish, all, options: stages.options } : wish;
}

/** @param {StagesState} stages @param {Stage} stage @param {boolean} all @returns {MakeWish} */
function wishAlone({ options }, stage, all) {
  const { vocab, baseSteps, start, mix } = options;
  if (stage === "tokens") return { stage, vocab };
  if (stage === "base") return { stage, steps: baseSteps };
  return {
    stage,
    steps: all ? options.chatSteps : stepsOf(options),
    start: all ? "base" : start,
    mix,
  };
}

/** @param {WithStages} state @param {MakeWish} wish @param {boolean} goOn @returns {WithStages} */
function make(state, wish, goOn) {
  if (!isReady(state) || state.stages.work) return state;
  const { stage } = wish;
  const { samples } = state.stages;
  const next = on(unmeasured(state), { problem: "", samples: goOn ? samples : [] });
  return told(
    asked(next, { type: "stages-make", wish, goOn }, (now, id) =>
      on(now, {
        work: { id, stage, wish, phase: "preparing", share: 0, stopping: false, seconds: 0 },
      }),
    ),
    `${NAMES[stage]} has begun.`,
  );
}

/** Ask how long the stages will take, if it is not known. @param {WithStages} s */
function measure(s) {
  const { options, estimate, work, talks } = s.stages;
  const key = keyOf(s.stages);
  const isKnown = estimate.key === key && estimate.seconds;
  if (!isReady(s) || !s.stages.open || work || talks.id !== null || estimate.id !== null || isKnown)
    return s;
  const { vocab, start } = options;
  const steps = { base: options.baseSteps, chat: stepsOf(options) };
  const stages = start === "base" ? STAGES : ["tokens", "chat"];
  const question = { type: "stages-estimate", stages, start, vocab, steps, mix: options.mix };
  return asked(s, question, (now, id) => part(now, "estimate", { id, key }));
}

/** What the times depend on. @param {StagesState} stages */
const keyOf = ({ options, talks }) => JSON.stringify([options, talks.name, talks.count]);

/** What is asked now breaks a measurement off. @param {WithStages} state */
const unmeasured = (state) =>
  state.stages.estimate.id === null ? state : part(state, "estimate", { id: null, key: "" });

/** @param {WithStages} state */
const useMine = (state) => use(state, "chat");

/** @param {WithStages} state @param {"chat"|"shipped"} stage */
const use = (state, stage) =>
  /** @type {WithStages} */ (
    send(on(state, { shippedWanted: stage === "shipped" }), { type: "stages-use", stage })
  );

/**
 * @param {WithStages} state @param {number} id
 * @param {(work: NonNullable<StagesState["work"]>) => StagesState["work"]} change
 * @param {StagesState["shown"]} shown
 */
function working(state, id, change, shown) {
  const { work } = state.stages;
  return work && isFor({ id }, work) ? on(state, { work: change(work), shown }) : state;
}

/** More of the answers. @param {WithStages} state @param {Told} action */
function said(state, { id, said: heardOf }) {
  const { compare } = state.stages;
  if (!isFor({ id }, compare)) return state;
  const answers = compare.answers.map((answer, i) => heardOf[i].reduce(appended, answer));
  return part(state, "compare", { answers });
}
