// Every setting once: its name (as in Python and in the address), its limits, and what it means.
// The form, the checks, the address and the terminal command are all made from this table.

/** @import {Settings, Table, Value, Values} from "../state/types.js" */

import { count } from "../select/format.js";
import { choice, number, read, toggle, whole } from "./field-types.js";
import { ATTENTION, BLOCKS, INIT, NANOCHAT, NORMS, OPTIMIZER, POSITIONS } from "./parts.js";
import { FIRST, MODELS as TABLE } from "./models.js";

export { FIRST, read };

/** @type {{[name: string]: Values}} */
export const MODELS = TABLE;

/** @satisfies {Table} */
export const MODEL = {
  block_size: {
    ...whole(1, 2 ** 20),
    label: "Context",
    words: "is how many letters back the model can look when it guesses the next one.",
  },
  n_layer: {
    ...whole(1, 48),
    label: "Layers",
    words:
      "stand one after the other. In each, attention lets the positions exchange what they know, and a small network works on every position. More layers can learn more, and each costs time.",
  },
  n_embd: {
    ...whole(1, 2048),
    label: "Width",
    words:
      "is how many numbers stand for one letter inside the model (its embedding). The heads share it, so it must divide evenly among them.",
  },
  n_head: {
    ...whole(1, 64),
    label: "Heads",
    words: "look back at earlier letters, each for something of its own. They share the width.",
  },
  dtype: {
    ...choice("float32", "float64"),
    label: "Precision",
    words:
      "is how finely each number is kept. float64 repeats Karpathy's microgpt to twelve digits; float32 needs half the memory and is quicker in larger models.",
  },
};

/** @satisfies {Table} */
export const TRAINING = {
  steps: {
    ...whole(0, 1e7),
    label: "Stop at step",
    said: (steps) => `${count(Number(steps))} steps`,
    words: "is where the run ends. You may move it while it trains, and stop before it.",
  },
  batch_size: {
    ...whole(1, 4096),
    label: "Batch",
    words:
      "is how many documents a step looks at before it moves the numbers. More make every step steadier, and slower.",
  },
  lr: {
    ...number(0, 100),
    label: "Learning rate",
    words:
      "is how far a step moves the numbers. Too small and nothing happens; too large and the loss jumps about, or climbs.",
  },
  seed: {
    ...whole(0, 2 ** 53 - 1),
    label: "Seed",
    words:
      "decides everything random: the first numbers and the order of the data. The same seed gives the same run, here and in a terminal.",
  },
  optimizer: {
    ...choice("adam", "adamw", "muon"),
    label: "Optimizer",
    shown: { adam: "Adam", adamw: "AdamW", muon: "Muon" },
    words:
      "is the rule that turns a gradient into a move. Adam gives every number a step size of its own; AdamW also pulls them gently to zero; Muon evens out the moves of whole matrices in the blocks so that no direction is favoured, and leaves the rest to AdamW.",
  },
  schedule: {
    ...choice("linear", "cosine", "quarter-cosine", "warmdown", "constant"),
    label: "Schedule",
    said: (kind) => `${kind} schedule`,
    words:
      "is how the learning rate falls over the run: evenly; in half a wave, flat at both ends; in a quarter, ever faster; level and then down over the last part; or not at all.",
  },
  warmup: {
    ...whole(0, 1e7),
    label: "Warm-up",
    words: "is how many steps the learning rate takes to rise at first. It calms large models.",
  },
  clip: {
    ...number(0, 1e6),
    label: "Clip",
    words:
      "is the longest gradient allowed; a longer one is scaled down to this length. (The gradient says, for each number, how strongly it changes the loss.) 0 is no limit. Try 1 when the loss climbs.",
  },
  weight_decay: {
    ...number(0, 10),
    label: "Weight decay",
    words:
      "pulls every number a little towards zero at each step, so that none grows without need.",
  },
  val_fraction: {
    ...number(0, 0.9),
    label: "Held out",
    words:
      "is the part of the data the model never trains on. Its loss there says what it has learned rather than memorised.",
  },
};

/** @satisfies {Table} */
export const TOKENIZER = {
  tokenizer: {
    ...choice("chars", "bpe", "trained", "file"),
    label: "Tokenizer",
    shown: {
      chars: "characters",
      bpe: "byte pairs",
      trained: "learned in Tokens",
      file: "opened in Tokens",
    },
    said: (kind) =>
      kind === "chars" ? "characters" : kind === "bpe" ? "byte pairs" : "a tokenizer from Tokens",
    words:
      "is how the text is cut up. Characters: every letter is a token. Byte pairs: frequent neighbours become one token, learned from the data before the run. The other two come from the view Tokens. Loss counts per token, so compare tokenizers by bits a byte.",
  },
  vocab: {
    ...whole(257, 100_000),
    label: "Vocabulary",
    said: (size) => `${count(Number(size))} tokens`,
    when: ({ tokenizer }) => tokenizer === "bpe",
    words:
      "is how many tokens there are: the 256 bytes, a mark between documents, and the merges. More make texts shorter and the model larger.",
  },
};

// Not in the form, but in the address and the command when they differ.
export const QUIET = {
  eval_every: { ...whole(0, 1e7), label: "eval_every", words: "" }, // none: a tenth of the run
  eval_tokens: { ...whole(1, 1e9), label: "eval_tokens", words: "" },
};

/** @satisfies {Table} */
export const SAMPLING = {
  temperature: {
    ...number(0, 100),
    value: 0.5,
    slider: { min: 0, max: 2, step: 0.05 },
    label: "Temperature",
    words:
      "is how daring it is. Below 1 it prefers the likely letters, above 1 it evens them out; 0 is greedy.",
  },
  top_k: {
    ...whole(0, 1e6),
    value: 0,
    slider: { min: 0, max: 30, step: 1 },
    label: "Top-k",
    words: "leaves only the k likeliest letters. 0 leaves all.",
  },
  top_p: {
    ...number(1e-6, 1),
    value: 1,
    slider: { min: 0.05, max: 1, step: 0.05 },
    label: "Top-p",
    words: "leaves only the likeliest letters that together reach this chance. 1 leaves all.",
  },
  min_p: {
    ...number(0, 1),
    value: 0,
    label: "Min-p",
    words:
      "leaves only letters at least this part as likely as the likeliest: 0.1 is a tenth. 0 leaves all.",
  },
  seed: {
    ...whole(0, 2 ** 53 - 1),
    value: 7,
    label: "Seed",
    words: "decides the dice: the same seed writes the same text again.",
  },
  greedy: {
    ...toggle(),
    value: false,
    label: "Greedy",
    words: "always takes the likeliest letter. No chance at all, and often the same few words.",
  },
};

// How this page runs it: not part of the run itself, so in no link and no command.
/** @satisfies {Table} */
export const PACE = {
  pace: {
    ...choice("slow", "watch", "full"),
    value: "watch",
    label: "Pace",
    shown: { slow: "slow", watch: "watch", full: "full speed" },
    words:
      "is how fast it may go. Watch spreads the run over ten seconds, so that it can be followed; slow takes five steps a second; full speed waits for nothing.",
  },
  workers: {
    ...choice("auto", "1", "2", "4"),
    value: "auto",
    label: "Workers",
    words:
      "share each step of a larger model: every one has a Python of its own and takes some rows of the batch. The numbers stay the same. auto tries what is faster.",
  },
  hidden: {
    ...choice("go on", "pause"),
    value: "go on",
    label: "When I leave the tab",
    words: "decides what happens while you look at another tab: the run goes on, or waits for you.",
  },
};

// The parts, folded away; each group as in Python's config.
export const PARTS = {
  positions: POSITIONS,
  norms: NORMS,
  blocks: BLOCKS,
  attention: ATTENTION,
  nanochat: NANOCHAT,
  init: INIT,
  optimizer: OPTIMIZER,
};

const { optimizer, ...structure } = PARTS;
const { dtype, ...sizes } = MODEL;
const STRUCTURE = Object.assign({}, sizes, ...Object.values(structure)); // what makes it this model

/** @type {Table} */
export const FIELDS = { ...MODEL, ...TRAINING, ...TOKENIZER, ...STRUCTURE, ...optimizer, ...QUIET };
// Not the model's matter; how each of them is that the table of models does not say.
const RUN = ["steps", "seed", "val_fraction", "eval_every", "eval_tokens", "tokenizer", "vocab"];
const USUAL = { eval_every: null, tokenizer: "chars", vocab: 512 };

/** @param {Table} table */
export const defaults = (table) =>
  Object.fromEntries(Object.entries(table).map(([name, { value = null }]) => [name, value]));

/**
 * All settings of a named model; on what it runs stays as it is in `settings`, and how long, unless
 * that is the length of the first run, which suits its model alone.
 * @param {string} name @param {Values} [settings] @returns {Settings}
 */
export function settingsOf(name, settings = { ...MODELS.microgpt, ...USUAL }) {
  const names = RUN.filter((key) => key !== "steps" || settings.steps !== FIRST.steps);
  const kept = Object.fromEntries(names.map((key) => [key, settings[key]]));
  return /** @type {Settings} */ ({ ...MODELS[name], ...kept });
}

/**
 * The named model that the settings make, or "". How it is trained is another matter, and that a
 * text has it look further back.
 * @param {Values} settings
 */
export function modelName(settings) {
  const names = Object.keys(STRUCTURE).filter((name) => name !== "block_size");
  /** @param {Values} model */
  const fits = (model) =>
    Number(settings.block_size) >= Number(model.block_size) &&
    names.every((name) => settings[name] === model[name]);
  return Object.keys(MODELS).find((name) => fits(MODELS[name])) ?? "";
}

/**
 * What the model is called: its name, or the one it was made from, if that is known.
 * @param {Settings} settings
 */
export const calledOf = (settings) =>
  modelName(settings) || (settings.preset ? `${settings.preset}, changed` : "a changed model");

/**
 * Names of the settings that are not those of the preset.
 * @param {Settings} settings @param {string[]} [names]
 */
export function changes(settings, names = Object.keys(FIELDS)) {
  const usual = settingsOf(settings.preset, settings);
  return names.filter((name) => settings[name] !== usual[name]);
}

/**
 * A value in the reader's words.
 * @param {string} name @param {Value} value
 */
export function worded(name, value) {
  const field = FIELDS[name];
  if (field.said) return field.said(value);
  if (field.kind === "toggle") return `${value ? "with" : "without"} ${inner(field.label)}`;
  if (field.kind === "choice") return field.shown?.[String(value)] ?? String(value);
  return `${inner(field.label)} ${value}`;
}

/** @param {string} label */
const inner = (label) =>
  /^[A-Z][a-z]/.test(label) ? label[0].toLowerCase() + label.slice(1) : label;

/**
 * Whether the losses are, digit for digit, those of the reference.
 * @param {Settings} settings
 */
export function isReference(settings) {
  const free = ["steps", "seed", "eval_every", "eval_tokens", "vocab"];
  const names = Object.keys(FIELDS).filter((name) => !free.includes(name));
  const usual = settingsOf("microgpt");
  return names.every((name) => settings[name] === usual[name]);
}
