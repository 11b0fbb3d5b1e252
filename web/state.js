// The state of the page, and the one function that changes it. Imports nothing, touches nothing:
// every message of the worker and every wish of the reader is an action; see protocol.js and ui/.

export const COLUMNS = 5; // samples stand at the start and after every fifth of the run
const MOST_POINTS = 1500; // of a curve: as many as a wide screen can show
const STAGES = ["python", "library", "numpy", "microgpt", "check"];
const BUILT_IN = ["names", "stories", "full-names"];

export function initialState(opening) {
  const { view, settings, sampling, prompt, data, model } = opening;
  return {
    view, settings, sampling, prompt,
    page: { pace: "watch", hidden: "go on", theme: "system", ...opening.page },
    python: { status: "loading", attempt: 1, stages: {} },
    data: { status: "waiting", id: null, ...data, bytes: null, name: data.kind },
    described: { id: null, answer: null, problem: "" },
    run: null,
    wanted: "", // what to do as soon as Python and the data are there: "train" or "step"
    runs: 0, asked: 0,
    odds: { id: null, context: "", tokens: null, problem: "" },
    writing: { id: null, busy: false, text: "", problem: "" },
    opens: { id: null }, preview: { id: null, texts: [] },
    keep: { about: null, saved: null, storage: "", panel: null, id: null, problem: "" },
    link: { text: model, problem: "" },
    chart: { stretch: false, table: false, bars: false },
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

const REDUCERS = {
  // ---- loading
  loading: (s, { stage, received, total, done }) => ({
    ...s, python: { ...s.python, stages: { ...s.python.stages, [stage]: { received, total, done } } },
  }),
  site: (s, { site }) => {
    const stages = {};
    for (const { stage, bytes } of site.files.filter((file) => STAGES.includes(file.stage))) {
      const total = (stages[stage]?.total ?? 0) + bytes;
      stages[stage] = { received: 0, total, done: false };
    }
    return { ...s, python: { ...s.python, stages: { ...stages, ...s.python.stages } } };
  },
  ready: (s, { python, numpy, memory }) => {
    const there = { ...s, python: { ...s.python, status: "ready", version: python, numpy, memory } };
    const { text } = s.link;
    const next = takeData({ ...there, said: s.wanted ? "" : "Python is ready." });
    return text && !s.run ? openRun(next, { origin: "link" }) : next;
  },
  failed: (s, { stage, reason, detail }) => ({
    ...s, wanted: "", python: { ...s.python, status: "failed", stage, reason, detail },
    said: "Python did not load.",
  }),
  crashed: (s, { message, detail, fatal = true, id, run }) => (fatal ? {
    ...s, wanted: "", said: "Python has stopped.",
    python: { ...s.python, status: "crashed", reason: message, detail },
    run: s.run && { ...s.run, status: "lost" }, writing: { ...s.writing, busy: false },
  } : reduce({ ...s, mishap: { message, detail } }, { type: "refused", id, run, message: `This is our mistake: ${message}` })),
  unsupported: (s, { reason }) => ({ ...s, python: { ...s.python, status: "unsupported", reason } }),
  retry: (s) => ({
    ...s, run: null, data: { ...s.data, status: "waiting" },
    python: { status: "loading", attempt: s.python.attempt + 1, stages: zeroed(s.python.stages) },
  }),
  recorded: (s, { recorded }) => ({ ...s, recorded }),

  // ---- data
  "choose-data": (s, { kind, name = kind, bytes = null, split }) =>
    takeData({ ...s, pasting: false, data: { ...s.data, kind, name, bytes, split: split ?? (BUILT_IN.includes(kind) ? "line" : s.data.split) } }),
  split: (s, { split }) => takeData({ ...s, data: { ...s.data, split } }),
  paste: (s, { open }) => ({ ...s, pasting: open }),
  data: (s, { type, id, ...found }) => {
    if (id !== undefined && id !== s.data.id) return s;
    const kind = found.kind ?? s.data.kind;
    const there = describe({ ...s, data: { ...s.data, ...found, kind, status: "ready", message: found.note ?? "" } });
    return s.wanted && !s.run?.opening ? begin(there, s.wanted) : there;
  },
  "data-problem": (s, { message, name }) => ({
    ...s, data: { ...s.data, status: "refused", message, refused: name }, said: message,
  }),

  // ---- settings
  settings: (s, { values }) => {
    const next = describe({ ...s, settings: { ...s.settings, ...values } });
    const { run } = next;
    const moved = "steps" in values && run?.status === "running" && run.goal > run.step + 1;
    return moved ? { ...next, run: { ...run, goal: next.settings.steps } } : next;
  },
  sampling: (s, { values }) => look({ ...s, sampling: { ...s.sampling, ...values } }),
  page: (s, { values }) => ({ ...s, page: { ...s.page, ...values } }),
  explain: (s, { group, name }) => ({
    ...s, explained: { ...s.explained, [group]: s.explained[group] === name ? "" : name },
  }),
  described: (s, { id, ...answer }) =>
    id === s.described.id ? { ...s, described: { id, answer, problem: "" } } : s,
  address: (s, { opening }) => {
    const { settings, sampling, prompt, data, model: text } = opening;
    let next = { ...s, settings, sampling, prompt, ignored: opening.ignored, link: { text, problem: "" } };
    if (data.kind !== s.data.kind || data.split !== s.data.split) next = takeData({ ...next, data: { ...s.data, ...data } });
    if (s.python.status !== "ready") return next;
    return text ? openRun(next, { origin: "link" }) : describe(next);
  },

  // ---- the run
  start: (s) => {
    const { run } = s;
    if (!run || !canGoOn(s)) return begin(s, "train");
    const goal = run.step < s.settings.steps ? s.settings.steps : run.steps;
    return { ...s, run: { ...run, status: "running", goal, steps: Math.max(goal, run.steps) }, said: "Training goes on." };
  },
  again: (s) => begin(s, "train"),
  step: (s) => {
    const { run } = s;
    if (!run || !canGoOn(s, 1)) return begin(s, "step");
    return { ...s, run: { ...run, status: "running", goal: run.step + 1 } };
  },
  reset: (s) => begin(s, ""),
  "retry-clipped": (s) => begin(describe({ ...s, settings: { ...s.settings, clip: 1 } }), "train"),
  unqueue: (s) => ({ ...s, wanted: "" }),
  created: (s, about) => opened(s, about),
  opened: (s, about) => opened({ ...s, link: { ...s.link, problem: "" } }, about),
  progress: (s, { type, run: id, losses, ...now }) =>
    ours(s, id, (run) => ({ ...run, ...now, curve: extend(run.curve, losses) })),
  evaluation: (s, { run: id, step, loss }) => {
    if (loss === null || s.run?.id !== id) return s;
    const evaluations = [...s.run.evaluations.filter((e) => e.step !== step), { step, loss }];
    const beat = s.run.beat ?? firstBelow(evaluations, s.run.bigramLoss);
    const said = beat === s.run.beat ? s.said : `By step ${beat}: better than the bigram.`;
    return { ...s, said, run: { ...s.run, evaluations, beat } };
  },
  samples: (s, { run: id, step, samples }) =>
    look(ours(s, id, (run) => withSamples(run, step, samples))),
  stopped: (s, { run: id, step, reason, message = "" }) => {
    if (s.run?.id !== id) return s;
    const status = reason;
    const said = { paused: "Paused", stopped: "Stopped", done: "Finished", diverged: "Diverged" }[reason];
    const one = reason === "paused" && s.run.goal === step; // a single step is no milestone
    return look({ ...s, said: one ? s.said : `${said} at step ${step}.`, run: { ...s.run, step, status, message, goal: null } });
  },

  // ---- writing
  prompt: (s, { text }) => ({ ...s, prompt: text, writing: { ...s.writing, text: "", problem: "", one: false, ended: false } }),
  look: (s) => look(s),
  write: (s) => ask({ ...s, writing: { ...s.writing, text: "", from: s.prompt, one: false, busy: true, ended: false, problem: "" } }, "writing"),
  letter: (s) => ask({ ...s, writing: { ...s.writing, from: s.prompt + s.writing.text, one: true, busy: true, problem: "" } }, "writing"),
  token: (s, { id, text, index }) => {
    if (id === s.preview.id) return { ...s, preview: { ...s.preview, texts: appended(s.preview.texts, index, text) } };
    return id === s.writing.id ? { ...s, writing: { ...s.writing, text: s.writing.text + text } } : s;
  },
  written: (s, { id, texts, new: fresh, reason }) => {
    if (id === s.preview.id && s.run) {
      const samples = texts.map((text, i) => ({ text, new: fresh?.[i] ?? null }));
      return { ...s, preview: { id: null, texts: [] }, run: { ...s.run, live: { step: s.run.step, samples } } };
    }
    if (id !== s.writing.id) return s;
    const next = { ...s, writing: { ...s.writing, busy: false, ended: reason === "end" } };
    return s.writing.one ? look(next) : next;
  },
  probabilities: (s, { id, tokens }) =>
    id === s.odds.id ? { ...s, odds: { ...s.odds, tokens, problem: "", shown: s.odds.context } } : s,
  bars: (s) => ({ ...s, chart: { ...s.chart, bars: !s.chart.bars } }),

  // ---- keeping
  kept: (s, { type, ...about }) => ({ ...s, keep: { ...s.keep, about: about.step === null ? null : about } }),
  storage: (s, { reason }) => ({ ...s, keep: { ...s.keep, storage: reason } }),
  autosaved: (s, { run, step }) => (run === s.run?.id ? { ...s, keep: { ...s.keep, saved: step, about: null, storage: "" } } : s),
  continue: (s) => ({ ...openRun(s, { origin: "autosave" }), keep: { ...s.keep, problem: "" } }),
  forgotten: (s) => ({ ...s, keep: { ...s.keep, about: null, saved: null }, said: "The kept run is deleted." }),
  open: (s, { name, bytes }) => openRun({ ...s, keep: { ...s.keep, problem: "" } }, { origin: "file", name, bytes }),
  save: (s) => ask({ ...s, keep: { ...s.keep, wants: "save", problem: "" } }, "keep"),
  panel: (s, { panel }) => ({ ...s, keep: { ...s.keep, panel, problem: "" } }),
  "model-link": (s) => ask({ ...s, keep: { ...s.keep, wants: "link", problem: "" } }, "keep"),
  "as-command": (s) => ask({ ...s, keep: { ...s.keep, wants: "command", panel: null, problem: "" } }, "keep"),
  file: (s, { name }) => ({ ...s, said: `Saved as ${name}.` }),
  linked: (s, { id, text, bytes }) => (id === s.keep.id ? { ...s, keep: { ...s.keep, panel: { kind: "model", text, bytes } } } : s),
  command: (s, { id, text }) => (id === s.keep.id ? { ...s, keep: { ...s.keep, panel: { kind: "command", text } } } : s),
  copied: (s, { what, ok }) => ({
    ...s, said: ok ? `${what} copied.` : "", keep: { ...s.keep, panel: s.keep.panel && { ...s.keep.panel, copied: ok } },
  }),
  refused: (s, { id, run, message }) => {
    if (id !== undefined && id === s.data.id) return { ...s, wanted: "", data: { ...s.data, status: "refused", message, refused: s.data.name }, said: message };
    if (id !== undefined && id === s.described.id) return { ...s, described: { id, answer: null, problem: message } };
    if (id !== undefined && id === s.odds.id) return { ...s, odds: { ...s.odds, tokens: null, problem: message } };
    if (id !== undefined && id === s.writing.id) return { ...s, writing: { ...s.writing, busy: false, problem: message } };
    if (id !== undefined && id === s.keep.id) return { ...s, keep: { ...s.keep, problem: message }, said: message };
    if (run !== undefined && run === s.run?.id && s.run.opening) {
      const { opening } = s.run;
      const back = { ...s, run: s.run.before ?? null, said: message };
      if (opening.origin === "link") return { ...back, link: { ...s.link, problem: message } };
      return { ...back, keep: { ...s.keep, problem: message } };
    }
    if (run !== undefined && run === s.run?.id) return { ...s, run: { ...s.run, status: "refused", message }, said: message };
    return s;
  },

  // ---- the page
  stretch: (s) => ({ ...s, chart: { ...s.chart, stretch: !s.chart.stretch } }),
  table: (s) => ({ ...s, chart: { ...s.chart, table: !s.chart.table } }),
  update: (s) => ({ ...s, update: true, said: "An update is ready." }),
};

/** A question to the worker: the part of the state that waits gets the id of the answer. */
function ask(state, part) {
  const asked = state.asked + 1;
  return { ...state, asked, [part]: { ...state[part], id: asked } };
}

const python = (state) => state.python.status === "ready";
const describe = (state) => (python(state) && state.data.status === "ready" ? ask(state, "described") : state);

function takeData(state) {
  if (!python(state)) return { ...state, data: { ...state.data, status: "waiting", message: "" } };
  return ask({ ...state, data: { ...state.data, status: "reading", message: "" } }, "data");
}

/** The chances of the next token, after the prompt and what was written letter by letter. */
function look(state) {
  if (!state.run || state.run.status === "starting" || !python(state)) return state;
  const context = state.writing.one ? state.prompt + state.writing.text : state.prompt;
  return ask({ ...state, odds: { ...state.odds, context } }, "odds");
}

// ---- runs

/** Whether the current run can be trained on, rather than a new one begun. */
export function canGoOn({ run, settings }, more = 0) {
  if (!run?.canTrain || ["starting", "diverged", "refused", "lost"].includes(run.status)) return false;
  return run.step < Math.max(settings.steps, run.step + more) || run.step < run.steps;
}

function begin(state, wanted) {
  if (!python(state) || state.data.status !== "ready") return { ...state, wanted: wanted || state.wanted };
  const { settings, runs } = state;
  const run = {
    ...EMPTY, id: runs + 1, status: "starting", canTrain: true, settings, steps: settings.steps,
    goal: wanted === "train" ? settings.steps : wanted === "step" ? 1 : null, digest: state.data.digest,
    before: null, uniformLoss: Math.log(state.data.vocabSize), dataName: state.data.name,
  };
  const said = wanted === "train" ? "Training has begun." : state.said;
  return { ...state, run, runs: runs + 1, wanted: "", said, writing: { ...state.writing, text: "", busy: false }, preview: { id: null, texts: [] } };
}

const EMPTY = {
  origin: "new", name: "", step: 0, parameters: null, bigramLoss: null, heldOut: 0, evaluations: [],
  columns: [], live: null, beat: null, message: "", opening: null, stepsPerSecond: 0, tokensPerSecond: 0,
  seconds: 0, curve: null,
};

function openRun(state, opening) {
  const before = state.run?.opening ? state.run.before : state.run;
  const run = { ...EMPTY, id: state.runs + 1, status: "starting", canTrain: false, settings: state.settings, steps: state.settings.steps, goal: null, opening, before };
  return ask({ ...state, run, runs: state.runs + 1 }, "opens");
}

function opened(state, about) {
  if (state.run?.id !== about.run) return state;
  const { type, id, run: number, losses = new Float64Array(0), evaluations = [], data, ...rest } = about;
  const fresh = type === "created";
  const steps = rest.settings?.steps ?? (rest.step || state.settings.steps);
  const run = {
    ...state.run, ...rest, opening: null, before: null, evaluations, steps,
    digest: data?.digest ?? state.run.digest, dataName: data?.name ?? state.run.dataName,
    status: fresh ? (state.run.goal ? "running" : "idle") : rest.step >= steps ? "done" : "paused",
    beat: firstBelow(evaluations, rest.bigramLoss ?? null), settings: { ...state.settings, ...rest.settings },
    curve: extend(newCurve(steps, rest.step - losses.length), losses),
  };
  if (fresh) return look({ ...state, run });
  const next = { ...state, run, settings: followed(state.settings, rest.settings), preview: { ...state.preview, texts: [] }, said: "The model is open." };
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
  return evaluations.find(({ step, loss }) => step > 0 && bigramLoss !== null && loss < bigramLoss)?.step ?? null;
}

function zeroed(stages) {
  return Object.fromEntries(Object.entries(stages).map(([name, { total }]) => [name, { received: 0, total, done: false }]));
}

function appended(texts, index, text) {
  const copy = [...texts];
  copy[index] = (copy[index] ?? "") + text;
  return copy;
}

// ---- curves: a run of any length in a bounded number of points

/** `width` steps stand behind a point: its dot is the last of them, its line their moving mean. */
export function newCurve(steps, count = 0) {
  const span = Math.max(5, Math.min(100, Math.round(steps / 20)));
  return { width: 1, span, count, seen: 0, recent: new Float64Array(span), sum: 0, steps: [], dots: [], smooth: [], now: null };
}

export function extend(curve, losses) {
  if (!losses.length) return curve;
  let { width, count, seen, sum, steps, dots, smooth } = curve;
  const { span } = curve;
  const recent = curve.recent.slice();
  [steps, dots, smooth] = [[...steps], [...dots], [...smooth]];
  for (const loss of losses) {
    sum += loss - recent[seen % span];
    recent[seen % span] = loss;
    seen += 1;
    count += 1;
    if (count % width) continue;
    steps.push(count);
    dots.push(loss);
    smooth.push(sum / Math.min(seen, span));
    if (steps.length < MOST_POINTS) continue;
    width *= 2;
    const kept = steps.map((step) => step % width === 0);
    [steps, dots, smooth] = [steps, dots, smooth].map((list) => list.filter((_, i) => kept[i]));
  }
  return { width, span, count, seen, recent, sum, steps, dots, smooth, now: sum / Math.min(seen, span), last: losses.at(-1) };
}
