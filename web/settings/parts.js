// The parts of a model and of its training, one by one, grouped as in Python's gpt/config.py. `when`
// says where a setting has something to act on; elsewhere its row is left out.
/** @import {Settings, Table} from "../state/types.js" */
import { choice, number, toggle, whole, word } from "./field-types.js";

/** @param {Settings} given */
const rope = ({ positions }) => positions === "rope";
/** @param {Settings} given */
const stretched = (given) => rope(given) && Number(given.rope_factor) > 1;
/** @param {Settings} given */
const mixed = (given) => stretched(given) && given.rope_scaling !== "linear";

/** @satisfies {Table} */
export const POSITIONS = {
  positions: {
    ...choice("learned", "sinusoidal", "rope", "none"),
    label: "Positions",
    said: (kind) => (kind === "rope" ? kind : `${kind === "none" ? "no" : kind} positions`),
    words:
      "is how a letter knows its place. Learned: every place has numbers of its own. Sinusoidal: fixed waves are added. Rope: queries and keys are turned by an angle, so that only distance counts. None: order is seen only through the mask.",
  },
  rope_base: {
    ...number(1, 1e9),
    label: "Rope base",
    when: rope,
    words: "is how slowly the slowest pair of numbers turns. Larger reaches further back.",
  },
  rope_reverse: {
    ...toggle(),
    label: "Reversed rope",
    when: rope,
    words: "turns the other way, as nanochat does. The model learns equally well either way.",
  },
  rope_factor: {
    ...number(1, 1024),
    label: "Rope stretch",
    when: rope,
    words:
      "slows the pairs for a context this many times longer: LLaMA 3.1 takes 8, and 1 changes nothing.",
  },
  rope_scaling: {
    ...choice("llama3", "linear", "yarn"),
    label: "Rope scaling",
    shown: { llama3: "LLaMA 3", linear: "linear", yarn: "YaRN" },
    said: (kind) => `rope stretched ${kind === "linear" ? "evenly" : `as ${kind} does`}`,
    when: stretched,
    words:
      "is which pairs are slowed. Linear: all alike. LLaMA 3: those that turn slowly; the fast ones, which tell near letters apart, stay. YaRN: the same with other limits in between, and attention is sharpened a little.",
  },
  rope_original: {
    ...whole(1, 2 ** 20),
    label: "Rope made for",
    when: mixed,
    words: "is the context the angles were made for, before they are stretched.",
  },
  rope_low: {
    ...number(1e-6, 1e6),
    label: "Slow pairs",
    when: mixed,
    words: "turn up to this many times in that context; they are slowed by the whole stretch.",
  },
  rope_high: {
    ...number(1e-6, 1e6),
    label: "Fast pairs",
    when: mixed,
    words:
      "turn at least this many times in that context, and stay as they are: 4 in LLaMA 3, 32 in YaRN.",
  },
};

/** @satisfies {Table} */
export const NORMS = {
  norm: {
    ...choice("rms", "rms-gain", "layer"),
    label: "Norm",
    shown: { rms: "RMS", "rms-gain": "RMS, gain", layer: "LayerNorm" },
    words:
      "scales the numbers of each position to the same size, so that layers can be stacked. RMS divides by the root mean square; with a gain it also learns a scale; LayerNorm takes off the mean first and learns a scale and a shift.",
  },
  norm_eps: {
    ...number(0, 1),
    label: "Norm epsilon",
    words: "is added before dividing, so that nothing is divided by zero.",
  },
  norm_embedding: {
    ...toggle(),
    label: "Norm at start",
    words:
      "scales the numbers of each position once before the first layer, as microgpt and nanochat do.",
  },
  norm_final: {
    ...toggle(),
    label: "Norm at end",
    words:
      "scales the numbers of each position once more before they become scores. microgpt leaves this out.",
  },
};

/** @satisfies {Table} */
export const BLOCKS = {
  activation: {
    ...choice("relu", "relu2", "gelu", "gelu-tanh", "swiglu"),
    label: "Activation",
    shown: {
      relu: "ReLU",
      relu2: "ReLU²",
      gelu: "GELU",
      "gelu-tanh": "GELU, tanh",
      swiglu: "SwiGLU",
    },
    words:
      "is the bend in the feed-forward; without one, layers would add up to a single product. ReLU cuts off below zero, ReLU² squares what is left, GELU bends smoothly, SwiGLU lets one half decide how much of the other passes.",
  },
  mlp_hidden: {
    ...whole(0, 16384),
    label: "Feed-forward",
    words:
      "is how many numbers the feed-forward part of a layer has in the middle. 0 is four times the width.",
  },
  bias: {
    ...toggle(),
    label: "Biases",
    words: "give every linear layer a vector to add. Newer models do without and lose nothing.",
  },
  dropout: {
    ...number(0, 0.99),
    label: "Dropout",
    words:
      "sets this part of the numbers to zero at random while it trains, and none when it writes. It helps when a model starts to memorise.",
  },
  tied_head: {
    ...toggle(),
    label: "Tied head",
    words: "scores letters with the same numbers that embed them: fewer to learn.",
  },
};

/** @satisfies {Table} */
export const ATTENTION = {
  n_kv_head: {
    ...whole(0, 64),
    label: "Key heads",
    words:
      "is how many heads of keys and values there are; query heads share them in groups. Fewer make the cache smaller. 0 is one for each head.",
  },
  head_dim: {
    ...whole(0, 4096),
    label: "Head width",
    words:
      "is how many numbers a head works with. 0 shares the width out among the heads; with a number of its own a head may be wider or narrower.",
  },
  window: {
    ...word(48),
    label: "Windows",
    words:
      "is a pattern over the layers: L sees everything, S only what is near. SSSL is three short ones, then a long one; the last layer always sees all.",
  },
  window_tile: {
    ...whole(1, 2 ** 20),
    label: "Tile",
    when: ({ window }) => window.includes("S"),
    words: "rounds a short window, a quarter of the context, up to a multiple of this.",
  },
  qk_norm: {
    ...toggle(),
    label: "QK norm",
    words:
      "scales the queries and keys of each head to one size, so that scores cannot grow too large.",
  },
  qk_scale: {
    ...number(0, 100),
    label: "QK scale",
    words:
      "multiplies both queries and keys; above 1 attention becomes sharper. nanochat takes 1.2.",
  },
};

/** @satisfies {Table} */
export const NANOCHAT = {
  smear: {
    ...toggle(),
    label: "Smear",
    words: "mixes a little of the letter before into each embedding; a gate decides how much.",
  },
  layer_scales: {
    ...toggle(),
    label: "Layer scales",
    words:
      "are two learned numbers a layer: how much of the stream it gets, and how much of the first embedding.",
  },
  value_embeddings: {
    ...toggle(),
    label: "Value embeddings",
    words:
      "let every other layer add numbers of its own for each letter to what attention passes on.",
  },
  backout: {
    ...toggle(),
    label: "Backout",
    words: "takes part of the middle layer away again at the end: it has served its purpose there.",
  },
  softcap: {
    ...number(0, 1000),
    label: "Soft cap",
    words: "bends the scores so that none goes beyond it. 0 leaves them.",
  },
};

/** @satisfies {Table} */
export const INIT = {
  init: {
    ...choice("microgpt", "normal", "nanochat"),
    label: "First numbers",
    said: (kind) => `${kind} draw`,
    words:
      "is how the first numbers are chosen. microgpt: one by one, as in Karpathy's program; normal: the same bell curve, faster; nanochat: wide embeddings, and zero where a block ends, so that each begins by doing nothing.",
  },
  init_std: {
    ...number(0, 10),
    label: "Spread",
    when: ({ init }) => init !== "nanochat",
    words: "is how far the first numbers lie from zero. Too wide and the first steps only undo it.",
  },
};

/** @satisfies {Table} */
export const OPTIMIZER = {
  beta1: {
    ...number(0, 0.999999),
    label: "Beta 1",
    words: "is how long Adam remembers where gradients pointed.",
  },
  beta2: {
    ...number(0, 0.999999),
    label: "Beta 2",
    words: "is how long Adam remembers how large gradients were.",
  },
  eps: { ...number(0, 1), label: "Adam epsilon", words: "keeps Adam from dividing by zero." },
  accumulate: {
    ...whole(1, 4096),
    label: "Accumulate",
    words:
      "adds up the gradients of this many batches for one step: a larger batch in the same memory.",
  },
  shards: {
    ...whole(0, 64),
    label: "Shards",
    words:
      "are the parts that a batch is cut into, to be worked out side by side; their gradients are added. 0 lets the model and the batch decide.",
  },
  final_lr: {
    ...number(0, 1),
    label: "Final rate",
    words: "is the learning rate at the end, as a part of the full one.",
  },
  warmdown: {
    ...number(0.000001, 1),
    label: "Warm-down",
    when: ({ schedule }) => schedule === "warmdown",
    words: "is the part of the run, at its end, over which the rate falls.",
  },
  recompute: {
    ...toggle(),
    label: "Recompute",
    words:
      "works blocks out twice instead of keeping what is inside them: slower, with less memory.",
  },
  windows: {
    ...choice("random", "sequential"),
    label: "Stretches",
    words:
      "are where a running text is cut for a batch. Random: anywhere. Sequential: one after the other, from its beginning. Texts of many documents are not cut.",
  },
};
