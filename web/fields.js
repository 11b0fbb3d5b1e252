// Every setting once: its name (as in Python and in the address), its limits, and what it means.
// The form, the checks, the address and the terminal command are all made from this table.

const whole = (value, low, high = Infinity) => ({ kind: "whole", value, low, high });
const number = (value, low, high = Infinity) => ({ kind: "number", value, low, high });
const choice = (value, choices) => ({ kind: "choice", value, choices });
const toggle = (value) => ({ kind: "toggle", value });

export const MODEL = {
  block_size: {
    ...whole(16, 1, 4096), label: "Context",
    words: "is how many letters back the model can look when it guesses the next one.",
  },
  n_layer: {
    ...whole(1, 1, 48), label: "Layers",
    words: "are blocks of attention and thinking, one after the other. More can learn more, and each costs its time.",
  },
  n_embd: {
    ...whole(16, 1, 2048), label: "Width",
    words: "is how many numbers stand for one letter inside the model. It must divide evenly among the heads.",
  },
  n_head: {
    ...whole(4, 1, 64), label: "Heads",
    words: "look back at earlier letters, each for something of its own, and share the width among them.",
  },
  mlp_ratio: {
    ...whole(4, 1, 16), label: "Feed-forward",
    words: "is how many times wider the thinking part of a layer is than the model.",
  },
  dtype: {
    ...choice("float64", ["float32", "float64"]), label: "Precision",
    words: "is how finely each number is kept. float64 repeats the reference to twelve digits; float32 needs half the memory and is quicker in larger models.",
  },
};

export const TRAINING = {
  steps: {
    ...whole(1000, 0, 1e7), label: "Stop at step",
    words: "is where the run ends. You may move it while it trains, and stop before it.",
  },
  batch_size: {
    ...whole(1, 1, 4096), label: "Batch",
    words: "is how many documents a step looks at before it moves the numbers. More make every step steadier, and slower.",
  },
  lr: {
    ...number(0.01, 0, 100), label: "Learning rate",
    words: "is how far a step moves the numbers. Too small and nothing happens; too large and the loss jumps about, or climbs.",
  },
  seed: {
    ...whole(42, 0, 2 ** 53 - 1), label: "Seed",
    words: "decides everything random: the first numbers and the order of the data. The same seed gives the same run, here and in a terminal.",
  },
  optimizer: {
    ...choice("adam", ["adam", "adamw"]), label: "Optimizer", shown: { adam: "Adam", adamw: "AdamW" },
    words: "is the rule that turns a gradient into a move. Adam gives every number a step size of its own; AdamW also pulls them gently to zero.",
  },
  schedule: {
    ...choice("linear", ["linear", "cosine", "constant"]), label: "Schedule",
    words: "is how the learning rate falls over the run: in a straight line to 0, in a gentle curve, or not at all.",
  },
  warmup: {
    ...whole(0, 0, 1e7), label: "Warm-up",
    words: "is how many steps the learning rate takes to rise at first. It calms large models.",
  },
  clip: {
    ...number(0, 0, 1e6), label: "Clip",
    words: "is the longest gradient allowed; a longer one is cut to this length. 0 is no limit. Try 1 when a run diverges.",
  },
  weight_decay: {
    ...number(0, 0, 10), label: "Weight decay",
    words: "pulls every number a little towards zero at each step, so that none grows without need.",
  },
  val_fraction: {
    ...number(0.1, 0, 0.9), label: "Held out",
    words: "is the part of the data the model never trains on. Its loss there says what it has learned rather than memorised.",
  },
};

// Not in the form, but in the address and the command when they differ.
export const QUIET = {
  accumulate: whole(1, 1, 4096),
  beta1: number(0.85, 0, 0.999999),
  beta2: number(0.99, 0, 0.999999),
  final_lr: number(0, 0, 1),
  eval_every: whole(null, 0, 1e7), // none: a tenth of the run
};

export const SAMPLING = {
  temperature: {
    ...number(0.5, 0, 100), label: "Temperature",
    words: "is how daring it is. Below 1 it prefers the likely letters, above 1 it evens them out; 0 is greedy.",
  },
  top_k: {
    ...whole(0, 0, 1e6), label: "Top-k",
    words: "leaves only the k likeliest letters. 0 leaves all.",
  },
  top_p: {
    ...number(1, 1e-6, 1), label: "Top-p",
    words: "leaves only the likeliest letters that together reach this chance. 1 leaves all.",
  },
  min_p: {
    ...number(0, 0, 1), label: "Min-p",
    words: "leaves only letters at least this many times as likely as the likeliest. 0 leaves all.",
  },
  seed: {
    ...whole(7, 0, 2 ** 53 - 1), label: "Seed",
    words: "decides the dice: the same seed writes the same text again.",
  },
  greedy: {
    ...toggle(false), label: "Greedy",
    words: "always takes the likeliest letter. No chance at all, and often the same few words.",
  },
};

// How this page runs it: not part of the run itself, so in no link and no command.
export const PACE = {
  pace: {
    ...choice("watch", ["slow", "watch", "full"]), label: "Pace",
    shown: { slow: "slow", watch: "watch", full: "full speed" },
    words: "is how fast it may go. Watch spreads the run over ten seconds, so that it can be followed; slow takes five steps a second; full speed waits for nothing.",
  },
  hidden: {
    ...choice("go on", ["go on", "pause"]), label: "Tab hidden",
    words: "is what happens when you look at another tab: the run goes on, or waits for you.",
  },
};

// Named sizes. All are the architecture of microgpt; the first is exactly the reference.
export const SIZES = {
  microgpt: { n_layer: 1, n_head: 4, n_embd: 16, block_size: 16, mlp_ratio: 4, batch_size: 1, lr: 0.01, dtype: "float64" },
  small: { n_layer: 2, n_head: 4, n_embd: 32, block_size: 16, mlp_ratio: 4, batch_size: 32, lr: 0.01, dtype: "float32" },
  medium: { n_layer: 3, n_head: 4, n_embd: 64, block_size: 64, mlp_ratio: 4, batch_size: 16, lr: 0.005, dtype: "float32" },
};

export const FIELDS = { ...MODEL, ...TRAINING, ...QUIET };

export const defaults = (table) =>
  Object.fromEntries(Object.entries(table).map(([name, field]) => [name, field.value]));

/** What was typed, as {value} or {problem}. */
export function read(field, text) {
  if (field.kind === "toggle") return { value: text === true || text === "true" || text === "1" };
  const typed = String(text).trim();
  if (field.kind === "choice") {
    return field.choices.includes(typed) ? { value: typed } : { problem: `one of ${field.choices.join(", ")}` };
  }
  const value = Number(typed.replace(/[,\s\u00a0\u202f]/g, "") || NaN);
  const kind = field.kind === "whole" ? "a whole number" : "a number";
  const fits = Number.isFinite(value) && value >= field.low && value <= field.high;
  if (fits && (field.kind === "number" || Number.isInteger(value))) return { value };
  const limit = field.high < 1e6 ? `from ${field.low} to ${field.high}` : `of at least ${field.low}`;
  return { problem: `${kind} ${limit}` };
}

/** The named size that the model has, or "". How it is trained is another matter. */
export function sizeOf(settings) {
  const shape = Object.keys(MODEL).filter((name) => name !== "dtype");
  const fits = ([, size]) => shape.every((name) => settings[name] === size[name]);
  return Object.entries(SIZES).find(fits)?.[0] ?? "";
}

/** Whether the losses are, digit for digit, those of the reference. */
export function isReference(settings) {
  const usual = { ...defaults(FIELDS), steps: settings.steps, seed: settings.seed, eval_every: settings.eval_every };
  return Object.entries(usual).every(([name, value]) => settings[name] === value);
}
