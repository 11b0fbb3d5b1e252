// The state of the page, and the one function that changes it. Imports nothing, touches nothing:
// every message of the worker and every wish of the reader is an action; see protocol.js and ui/.

export const COLUMNS = 5; // samples stand at the start and after every fifth of the run
const STAGES = ["python", "library", "numpy", "microgpt", "check"];
const MOST_KEPT = 3; // curves to compare with
const BUILT_IN = ["names", "stories", "full-names"];

export function initialState(opening) {
  const { view, settings, sampling, prompt, data, model } = opening;
  return {
    view,
    settings,
    sampling,
    prompt,
    page: { pace: "watch", hidden: "go on", theme: "system", ...opening.page },
    python: { status: "loading", attempt: 1, stages: {} },
    data: { status: "waiting", id: null, ...data, bytes: null, name: data.kind },
    described: { id: null, answer: null, problem: "" },
    run: null,
    wanted: "", // what to do as soon as Python and the data are there: "train" or "step"
    runs: 0,
    asked: 0,
    odds: { id: null, context: "", tokens: null, problem: "" },
    writing: { id: null, busy: false, text: "", problem: "", cache: true, speeds: {} },
    compare: [], // curves that are kept: {key, run}
    opens: { id: null },
    preview: { id: null, texts: [] },
    keep: { about: null, saved: null, storage: "", panel: null, id: null, problem: "" },
    link: { text: model, problem: "" },
    chart: { stretch: false, table: false, bars: false },
    touched: "", // the setting that was changed last, alone
    explained: {}, // group of settings -> the one whose words are open
    pasting: false,
    recorded: null,
    update: false,
    ignored: opening.ignored,
    mishap: null, // a mistake of ours that Python survived
    said: "", // what the live region speaks
  };
}

export function reduce(state, action) {
  return (REDUCERS[action.type] ?? same)(state, action);
}

const same = (state) => state;

const say = (state, said) => ({ ...state, said });

/** The state with some values of one of its parts changed. */
const on = (state, part, values) => ({ ...state, [part]: { ...state[part], ...values } });

const REDUCERS = {
  // ---- loading
  loading: (s, { stage, received, total, done }) => ({
    ...s,
    python: { ...s.python, stages: { ...s.python.stages, [stage]: { received, total, done } } },
  }),
  site: (s, { site }) => {
    const stages = {};
    for (const { stage, bytes } of site.files.filter((file) => STAGES.includes(file.stage))) {
      const total = (stages[stage]?.total ?? 0) + bytes;
      stages[stage] = { received: 0, total, done: false };
    }
    return on(s, "python", { stages: { ...stages, ...s.python.stages } });
  },
  ready: (s, { python, numpy, memory }) => {
    const there = on(s, "python", { status: "ready", version: python, numpy, memory });
    const { text } = s.link;
    const next = takeData({ ...there, said: s.wanted ? "" : "Python is ready." });
    return text && !s.run ? openRun(next, { origin: "link" }) : next;
  },
  failed: (s, { stage, reason, detail }) =>
    say(
      on({ ...s, wanted: "" }, "python", { status: "failed", stage, reason, detail }),
      "Python did not load.",
    ),
  crashed: (s, { message, detail, fatal = true, id, run }) => {
    if (!fatal) {
      const words = `This is our mistake: ${message}`;
      return reduce(
        { ...s, mishap: { message, detail } },
        { type: "refused", id, run, message: words },
      );
    }
    const next = on({ ...s, wanted: "" }, "python", { status: "crashed", reason: message, detail });
    const lost = { ...next, run: s.run && { ...s.run, status: "lost" } };
    return say(on(lost, "writing", { busy: false }), "Python has stopped.");
  },
  unsupported: (s, { reason }) => on(s, "python", { status: "unsupported", reason }),
  retry: (s) => ({
    ...s,
    run: null,
    settings: here(s.settings),
    data: { ...s.data, status: "waiting" },
    python: { status: "loading", attempt: s.python.attempt + 1, stages: zeroed(s.python.stages) },
  }),
  recorded: (s, { recorded }) => ({ ...s, recorded }),

  // ---- data
  "choose-data": (s, { kind, name = kind, bytes = null, split }) => {
    const usual = BUILT_IN.includes(kind) ? "line" : s.data.split;
    const data = { kind, name, bytes, split: split ?? usual, offered: false };
    return takeData(on({ ...s, pasting: false }, "data", data));
  },
  split: (s, { split }) => takeData(on(s, "data", { split })),
  paste: (s, { open }) => ({ ...s, pasting: open }),
  data: (s, { type, id, ...found }) => {
    if (id !== undefined && id !== s.data.id) return s;
    const kind = found.kind ?? s.data.kind;
    const there = describe(
      on(s, "data", {
        ...found,
        kind,
        status: "ready",
        message: found.note ?? "",
      }),
    );
    return s.wanted && !s.run?.opening ? begin(there, s.wanted) : there;
  },
  "data-problem": (s, { message, name }) =>
    say(on(s, "data", { status: "refused", message, refused: name }), message),

  // ---- settings
  settings: (s, { values }) => {
    const [touched, ...others] = Object.keys(values);
    const changed = on({ ...s, touched: others.length ? "" : touched }, "settings", values);
    const next = describe(changed);
    const { run } = next;
    const moved = "steps" in values && run?.status === "running" && run.goal > run.step + 1;
    return moved ? on(next, "run", { goal: next.settings.steps }) : next;
  },
  // The next run may be with this one.
  learned: (s) => (s.settings.tokenizer === "trained" ? describe(s) : s),
  tokenizer: (s) => (s.settings.tokenizer === "file" ? describe(s) : s),
  sampling: (s, { values }) => look(on(s, "sampling", values)),
  page: (s, { values }) => on(s, "page", values),
  explain: (s, { group, name }) =>
    on(s, "explained", { [group]: s.explained[group] === name ? "" : name }),
  described: (s, { id, ...answer }) =>
    id === s.described.id ? { ...s, described: { id, answer, problem: "" } } : s,
  address: (s, { opening }) => {
    const { view, settings, sampling, prompt, data, model, ignored } = opening;
    const link = { text: model, problem: "" };
    let next = { ...s, view, settings, sampling, prompt, ignored, link, touched: "" };
    const other = data.kind !== s.data.kind || data.split !== s.data.split;
    if (other) next = takeData(on(next, "data", data));
    if (!python(s)) return next;
    return model ? openRun(next, { origin: "link" }) : describe(next);
  },

  // ---- the run
  start: (s) => {
    const { run } = s;
    if (!run || !canGoOn(s)) return begin(s, "train");
    const goal = run.step < s.settings.steps ? s.settings.steps : run.steps;
    const steps = Math.max(goal, run.steps);
    return say(on(s, "run", { status: "running", goal, steps }), "Training goes on.");
  },
  again: (s) => begin(s, "train"),
  step: (s) => {
    const { run } = s;
    if (!run || !canGoOn(s, 1)) return begin(s, "step");
    return on(s, "run", { status: "running", goal: run.step + 1 });
  },
  reset: (s) => begin(s, ""),
  "retry-clipped": (s) => begin(describe(on(s, "settings", { clip: 1 })), "train"),
  unqueue: (s) => ({ ...s, wanted: "" }),
  created: (s, about) => opened(s, about),
  opened: (s, about) => opened(on(s, "link", { problem: "" }), about),
  progress: (s, { type, run: id, losses, ...now }) =>
    ours(s, id, (run) => ({ ...run, ...now, losses: { before: run.losses, values: losses } })),
  evaluation: (s, { run: id, step, loss, bitsPerByte }) => {
    if (loss === null || s.run?.id !== id) return s;
    const others = s.run.evaluations.filter((e) => e.step !== step);
    const evaluations = [...others, { step, loss, bitsPerByte }];
    const beat = s.run.beat ?? firstBelow(evaluations, s.run.bigramLoss);
    const said = beat === s.run.beat ? s.said : `By step ${beat}: better than the bigram.`;
    return { ...s, said, run: { ...s.run, evaluations, beat } };
  },
  samples: (s, { run: id, step, samples }) =>
    look(ours(s, id, (run) => withSamples(run, step, samples))),
  stopped: (s, { run: id, step, reason, message = "" }) => {
    if (s.run?.id !== id) return s;
    const one = reason === "paused" && s.run.goal === step; // a single step is no milestone
    const next = look(on(s, "run", { step, status: reason, message, goal: null }));
    return one ? next : say(next, `${STOPPED[reason]} at step ${step}.`);
  },

  // ---- writing
  prompt: (s, { text }) => on({ ...s, prompt: text }, "writing", UNWRITTEN),
  look: (s) => look(s),
  write: (s) => ask(on(s, "writing", { ...UNWRITTEN, from: s.prompt, busy: true }), "writing"),
  letter: (s) => {
    const from = s.prompt + s.writing.text;
    return ask(on(s, "writing", { from, one: true, busy: true, problem: "" }), "writing");
  },
  token: (s, { id, text, index }) => {
    if (id === s.preview.id)
      return on(s, "preview", { texts: appended(s.preview.texts, index, text) });
    return id === s.writing.id ? on(s, "writing", { text: s.writing.text + text }) : s;
  },
  written: (s, { id, texts, new: fresh, reason, cache, speed }) => {
    if (id === s.preview.id && s.run) {
      const samples = texts.map((text, i) => ({ text, new: fresh?.[i] ?? null }));
      const next = on(s, "preview", { id: null, texts: [] });
      return on(next, "run", { live: { step: s.run.step, samples } });
    }
    if (id !== s.writing.id) return s;
    const speeds = withSpeed(s, cache, speed);
    const next = on(s, "writing", { busy: false, ended: reason === "end", speeds });
    return s.writing.one ? look(next) : next;
  },
  probabilities: (s, { id, tokens }) =>
    id === s.odds.id ? on(s, "odds", { tokens, problem: "", shown: s.odds.context }) : s,
  cache: (s, { on: cache }) => on(s, "writing", { cache }),
  bars: (s) => on(s, "chart", { bars: !s.chart.bars }),

  // ---- keeping
  kept: (s, { type, ...about }) => on(s, "keep", { about: about.step === null ? null : about }),
  storage: (s, { reason }) => on(s, "keep", { storage: reason }),
  autosaved: (s, { run, step }) =>
    run === s.run?.id ? on(s, "keep", { saved: step, about: null, storage: "" }) : s,
  continue: (s) => openRun(on(s, "keep", { problem: "" }), { origin: "autosave" }),
  forgotten: (s) => say(on(s, "keep", { about: null, saved: null }), "The kept run is deleted."),
  open: (s, { name, bytes }) =>
    openRun(on(s, "keep", { problem: "" }), { origin: "file", name, bytes }),
  save: (s) => ask(on(s, "keep", { wants: "save", problem: "" }), "keep"),
  panel: (s, { panel }) => on(s, "keep", { panel, problem: "" }),
  "model-link": (s) => ask(on(s, "keep", { wants: "link", problem: "" }), "keep"),
  "as-command": (s) => ask(on(s, "keep", { wants: "command", panel: null, problem: "" }), "keep"),
  file: (s, { name }) => say(s, `Saved as ${name}.`),
  linked: (s, { id, text, bytes }) =>
    id === s.keep.id ? on(s, "keep", { panel: { kind: "model", text, bytes } }) : s,
  command: (s, { id, text }) =>
    id === s.keep.id ? on(s, "keep", { panel: { kind: "command", text } }) : s,
  copied: (s, { what, ok }) => {
    const panel = s.keep.panel && { ...s.keep.panel, copied: ok };
    return say(on(s, "keep", { panel }), ok ? `${what} copied.` : "");
  },
  refused: (s, { id, run, message }) => {
    const waiting = (part) => id !== undefined && id === s[part].id;
    if (waiting("data")) {
      const data = { status: "refused", message, refused: s.data.name };
      return say(on({ ...s, wanted: "" }, "data", data), message);
    }
    if (waiting("described")) return on(s, "described", { answer: null, problem: message });
    if (waiting("odds")) return on(s, "odds", { tokens: null, problem: message });
    if (waiting("writing")) return on(s, "writing", { busy: false, problem: message });
    if (waiting("keep")) return say(on(s, "keep", { problem: message }), message);
    if (run === undefined || run !== s.run?.id) return s;
    if (!s.run.opening) return say(on(s, "run", { status: "refused", message }), message);
    const part = s.run.opening.origin === "link" ? "link" : "keep";
    return say(on({ ...s, run: s.run.before ?? null }, part, { problem: message }), message);
  },

  // ---- the page
  view: (s, { view }) => (view === s.view ? s : say({ ...s, view }, VIEWS[view])),
  "keep-curve": (s) => {
    const key = (s.compare.at(-1)?.key ?? 0) + 1;
    return say(
      { ...s, compare: [...s.compare, { key, run: s.run }].slice(-MOST_KEPT) },
      "Curve kept.",
    );
  },
  "drop-curve": (s, { key }) => ({ ...s, compare: s.compare.filter((curve) => curve.key !== key) }),
  stretch: (s) => on(s, "chart", { stretch: !s.chart.stretch }),
  table: (s) => on(s, "chart", { table: !s.chart.table }),
  update: (s) => say({ ...s, update: true }, "An update is ready."),
};

const STOPPED = {
  paused: "Paused",
  stopped: "Stopped",
  done: "Finished",
  diverged: "Diverged",
};
const VIEWS = { train: "Train", inside: "Inside the model", tokens: "Tokens" };
// Without its id, an answer about what was typed before comes too late and is dropped.
const UNWRITTEN = { id: null, text: "", one: false, busy: false, ended: false, problem: "" };

/** How fast this model writes, with the cache and without. */
function withSpeed({ writing: { speeds }, run }, cache, speed) {
  if (!speed || !run) return speeds;
  const known = speeds.run === run.id ? speeds : { run: run.id };
  return { ...known, [cache ? "on" : "off"]: speed };
}

/** A question to the worker: the part of the state that waits gets the id of the answer. */
function ask(state, part) {
  const asked = state.asked + 1;
  return { ...state, asked, [part]: { ...state[part], id: asked } };
}

const python = (state) => state.python.status === "ready";
const describe = (state) =>
  python(state) && state.data.status === "ready" ? ask(state, "described") : state;

/** Settings for a new Python, which has no tokenizer from before. */
const here = (settings) =>
  ["trained", "file"].includes(settings.tokenizer) ? { ...settings, tokenizer: "chars" } : settings;

function takeData(state) {
  if (!python(state)) return on(state, "data", { status: "waiting", message: "" });
  return ask(on(state, "data", { status: "reading", message: "" }), "data");
}

/** The chances of the next token, after the prompt and what was written letter by letter. */
function look(state) {
  if (!state.run || state.run.status === "starting" || !python(state)) return state;
  const context = state.writing.one ? state.prompt + state.writing.text : state.prompt;
  return ask(on(state, "odds", { context }), "odds");
}

// ---- runs

/** Whether the current run can be trained on, rather than a new one begun. */
export function canGoOn({ run, settings }, more = 0) {
  if (!run?.canTrain || ["starting", "diverged", "refused", "lost"].includes(run.status))
    return false;
  return run.step < Math.max(settings.steps, run.step + more) || run.step < run.steps;
}

function begin(state, wanted) {
  const there = python(state) && state.data.status === "ready";
  if (!there) return { ...state, wanted: wanted || state.wanted };
  const { settings, data } = state;
  const { steps } = settings;
  const run = {
    ...emptyRun(state),
    canTrain: true,
    goal: { train: steps, step: 1 }[wanted] ?? null,
    digest: data.digest,
    dataName: data.name,
    uniformLoss: Math.log(state.described.answer?.vocabSize ?? data.vocabSize),
  };
  const writing = { ...state.writing, ...UNWRITTEN };
  const preview = { id: null, texts: [] };
  const next = { ...state, run, runs: run.id, wanted: "", writing, preview };
  return wanted === "train" ? say(next, "Training has begun.") : next;
}

function emptyRun({ runs, settings }) {
  const { steps } = settings;
  const known = {
    id: runs + 1,
    origin: "new",
    name: "",
    status: "starting",
    settings,
    step: 0,
    steps,
  };
  const shown = { evaluations: [], columns: [], live: null, beat: null, bigramLoss: null };
  const speed = { stepsPerSecond: 0, tokensPerSecond: 0, seconds: 0 };
  // The losses are a chain of what came with every message; curve.js makes the picture of it.
  const rest = { goal: null, parameters: null, heldOut: 0, losses: null, message: "" };
  return { ...known, ...shown, ...speed, ...rest, canTrain: false, ready: false, opening: null };
}

function openRun(state, opening) {
  const before = state.run?.opening ? state.run.before : state.run;
  const run = { ...emptyRun(state), opening, before };
  return ask({ ...state, run, runs: run.id }, "opens");
}

function opened(state, about) {
  if (state.run?.id !== about.run) return state;
  const {
    type,
    id,
    run: number,
    losses = new Float64Array(0),
    evaluations = [],
    data,
    ...rest
  } = about;
  const fresh = type === "created";
  const steps = rest.settings?.steps ?? (rest.step || state.settings.steps);
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
    beat: firstBelow(evaluations, rest.bigramLoss ?? null),
    settings: { ...state.settings, ...rest.settings },
    ready: true,
    begun: rest.step - losses.length,
    losses: { before: null, values: losses },
  };
  // A prompt in another alphabet would only be refused.
  const known = new Set(rest.vocabulary ?? state.prompt);
  const prompt = [...state.prompt].every((letter) => known.has(letter)) ? state.prompt : "";
  if (fresh) return look({ ...state, run, prompt });
  const next = {
    ...state,
    run,
    prompt,
    settings: followed(state.settings, rest.settings),
    preview: { ...state.preview, texts: [] },
    said: "The model is open.",
  };
  return describe(look(ask(next, "preview")));
}

/** The form follows an opened run; what its file does not say, and the interval, stay. */
function followed(settings, found = {}) {
  const known = Object.keys(settings).filter((name) => name in found && name !== "eval_every");
  return { ...settings, ...Object.fromEntries(known.map((name) => [name, found[name]])) };
}

function ours(state, id, change) {
  return state.run?.id === id ? { ...state, run: change(state.run) } : state;
}

function withSamples(run, step, samples) {
  const columns = [...run.columns];
  const nearest = Math.round((step / Math.max(1, run.steps)) * COLUMNS);
  const target = (nearest * run.steps) / COLUMNS;
  const close = Math.abs(step - target) <= Math.max(1, run.steps * 0.02) && nearest <= COLUMNS;
  if (close) columns[nearest] = { step, samples };
  return { ...run, columns, live: { step, samples } };
}

function firstBelow(evaluations, bigramLoss) {
  return (
    evaluations.find(({ step, loss }) => step > 0 && bigramLoss !== null && loss < bigramLoss)
      ?.step ?? null
  );
}

function zeroed(stages) {
  return Object.fromEntries(
    Object.entries(stages).map(([name, { total }]) => [name, { received: 0, total, done: false }]),
  );
}

function appended(texts, index, text) {
  const copy = [...texts];
  copy[index] = (copy[index] ?? "") + text;
  return copy;
}
