// The blocks of a model in the order in which a token goes through them, as its switches say.
/** @import {Machine, Settings} from "../../protocol.js" */
import { best, numbersOf } from "./numbers.js";

/**
 * @typedef {"token"|"place"|"sum"|"norm"|"smear"|"scale"|"query"|"key"|"value"|"head"|"add"|"units"
 *   |"layer"|"backout"|"scores"} Kind
 * @typedef {{key: string, kind: Kind, name: string, sub: string, layer: number|null, head: number,
 *   sign: ""|"+"|"="|"−"}} Block
 *   `key` is also the name of the numbers that stand after it; the heads of a layer share theirs
 */

/** What a model is made of, from its settings. @param {Settings} settings */
export function shapeOf(settings) {
  /** @param {string} name */
  const number = (name) => Number(settings[name] ?? 0);
  const heads = number("n_head");
  const width = number("n_embd");
  return {
    layers: number("n_layer"),
    heads,
    keys: number("n_kv_head") || heads,
    width,
    size: number("head_dim") || width / heads,
    units: number("mlp_hidden") || 4 * width,
    positions: String(settings.positions),
    norm: String(settings.norm),
    activation: String(settings.activation),
    eps: number("norm_eps"),
    softcap: number("softcap"),
    scale: number("qk_scale") || 1,
    bias: Boolean(settings.bias),
    tied: Boolean(settings.tied_head),
    qkNorm: Boolean(settings.qk_norm),
    scales: Boolean(settings.layer_scales),
    smear: Boolean(settings.smear),
    backout: Boolean(settings.backout),
    normEmbedding: Boolean(settings.norm_embedding),
    normFinal: Boolean(settings.norm_final),
    values: Boolean(settings.value_embeddings),
    context: number("block_size"),
    turns: {
      base: number("rope_base"),
      slowed: (number("rope_factor") || 1) !== 1,
      sign: settings.rope_reverse ? -1 : 1,
    },
  };
}
/** @typedef {ReturnType<typeof shapeOf>} Shape */

/** Whether a layer adds embeddings to its values. @param {Shape} shape @param {number} layer */
export const hasValueEmbedding = ({ values, layers }, layer) =>
  values && layer % 2 === (layers - 1) % 2;

/** @type {{[activation: string]: string}} */
const BENDS = { relu: "on or off", relu2: "squared", swiglu: "each with a gate" };

/**
 * The blocks of a model; of its layers one is open, the others are one block each.
 * @param {Settings} settings @param {string} unit  what a token is called @param {number} open
 * @param {number} vocabulary
 */
export function blocksOf(settings, unit, open, vocabulary) {
  const shape = shapeOf(settings);
  const { layers, heads, width, units, activation } = shape;
  const added = ["learned", "sinusoidal"].includes(shape.positions);
  /** @type {Block[]} */
  const blocks = [];
  /** @param {string} key @param {Kind} kind @param {string} name @param {string} sub @param {Block["sign"]} [sign] @param {number} [head] */
  const put = (key, kind, name, sub, sign = "", head = 0) => {
    const layer = /^layer(\d+)/.exec(key)?.[1];
    blocks.push({ key, kind, name, sub, layer: layer ? Number(layer) : null, head, sign });
  };
  const capital = unit === "letter" ? "Letter" : "Token";
  put("token", "token", capital, `its ${width} numbers`);
  if (added)
    put(
      "place",
      "place",
      "Place",
      shape.positions === "learned" ? `plus ${width} more` : "plus a fixed wave",
      "+",
    );
  if (shape.normEmbedding) put("norm_embedding", "norm", added ? "Sum" : "Norm", "scaled", "=");
  else if (added) put("sum", "sum", "Sum", "of both", "=");
  if (shape.smear) put("smear", "smear", "Smear", "a little of the one before", "+");
  for (let i = 0; i < layers; i++) {
    const own = `layer${i}.`;
    if (i !== open) {
      put(`layer${i}`, "layer", `Layer ${i + 1}`, `${heads} heads, ${units} units`, "+");
      continue;
    }
    if (shape.scales) put(`${own}in`, "scale", "Scale", "the line, and its start", "=");
    put(`${own}norm1`, "norm", "Norm", "scaled");
    put(`${own}query`, "query", "Query", "looks for");
    put(`${own}key`, "key", "Key", "offers");
    put(`${own}value`, "value", "Value", "passes on");
    for (let h = 0; h < heads; h++) put(`${own}head${h}`, "head", `Head ${h + 1}`, "", "", h);
    put(`${own}middle`, "add", "Add", "from the heads", "+");
    put(`${own}norm2`, "norm", "Norm", "scaled");
    put(`${own}units`, "units", "Feed-forward", `${units} units, ${BENDS[activation] ?? "bent"}`);
    put(`${own}out`, "add", "Add", "from the units", "+");
  }
  if (shape.backout) put("backout", "backout", "Backout", "less the middle", "−");
  if (shape.normFinal) put("norm_final", "norm", "Norm", "scaled");
  put("scores", "scores", `Next ${unit}`, `${vocabulary} scores, as chances`);
  return blocks;
}

/** The name of what stands on the line before the first layer. @param {Shape} shape */
export const startOf = ({ smear, normEmbedding }) =>
  smear ? "smear" : normEmbedding ? "norm_embedding" : "sum";

/** What the end of the line is called, which the scores are made of. @param {Shape} shape */
export function endOf({ normFinal, backout, layers }) {
  return normFinal ? "norm_final" : backout ? "backout" : `layer${layers - 1}.out`;
}

/** What a norm, or a scale, reads. @param {Shape} shape @param {Block} block */
export function sourceOf(shape, { key, layer }) {
  if (key === "norm_embedding") return "sum";
  if (key === "norm_final") return shape.backout ? "backout" : `layer${shape.layers - 1}.out`;
  if (key.endsWith("norm1")) return `layer${layer}.in`;
  if (key.endsWith("norm2")) return `layer${layer}.middle`;
  return layer ? `layer${layer - 1}.out` : startOf(shape); // scale
}

/** The head of keys and values that serves a head. @param {Shape} shape @param {number} head */
export const keyHeadOf = ({ heads, keys }, head) => Math.floor((head * keys) / heads);

/**
 * The weights that a block computes with, each with the row that makes one of its numbers.
 * @param {Settings} settings @param {Block|undefined} block @param {number} number
 * @returns {Rows}
 */
export function matricesOf(settings, block, number) {
  if (!block) return [];
  const shape = shapeOf(settings);
  const { kind, key, layer } = block;
  const own = `layer${layer}.`;
  /** @param {string} name @param {string} bias @returns {Rows} */
  const product = (name, bias) => [
    [own + name, number],
    ...(shape.bias ? [/** @type {Rows[0]} */ ([own + bias, 0])] : []),
  ];
  switch (kind) {
    case "token":
      return [["wte", "token"]];
    case "place":
      return shape.positions === "learned" ? [["wpe", "place"]] : [];
    case "norm": {
      /** @type {{[norm: string]: string[]}} */
      const learned = { "rms-gain": ["gain"], layer: ["gain", "bias"] };
      return (learned[shape.norm] ?? []).map((part) => [`${key}.${part}`, 0]);
    }
    case "smear":
      return [
        ["smear.gate", 0],
        ["smear.scale", 0],
      ];
    case "scale":
      return [
        ["scales.stream", 0],
        ["scales.embedding", 0],
      ];
    case "query":
      return product("wq", "bq");
    case "key":
      return product("wk", "bk");
    case "value":
      return [
        ...product("wv", "bv"),
        .../** @type {Rows} */ (
          hasValueEmbedding(shape, layer ?? 0)
            ? [
                [`${own}value`, "token"],
                [`${own}value_gate`, Math.floor(number / shape.size)],
              ]
            : []
        ),
      ];
    case "add":
      return key.endsWith("middle") ? product("wo", "bo") : product("fc2", "b2");
    case "units":
      return [
        ...(shape.activation === "swiglu" ? product("fc_gate", "b_gate") : []),
        ...product("fc1", "b1"),
      ];
    case "backout":
      return [["backout.scale", 0]];
    case "scores":
      return [[shape.tied ? "wte" : "lm_head", number]];
  }
  return [];
}

/** @typedef {[name: string, row: number|"token"|"place"][]} Rows  those of the followed token, too */

/** How many numbers of a block can be explained. @param {Settings} settings @param {Block} block @param {number} time @param {number} vocabulary */
export function countOf(settings, { kind }, time, vocabulary) {
  const { width, size, heads, keys, units } = shapeOf(settings);
  if (kind === "query") return heads * size;
  if (kind === "key" || kind === "value") return keys * size;
  if (kind === "head") return time + size;
  if (kind === "units") return units;
  return kind === "scores" ? vocabulary : width;
}

/**
 * The number of a block that is explained until the reader chooses one: the one that says the most.
 * @param {Block|undefined} block @param {Machine|null} answer
 */
export function firstNumber(block, answer) {
  if (!block || !answer || block.kind === "layer") return 0;
  const numbers = numbersOf(answer);
  if (block.kind === "scores") return best(numbers.here("logits"));
  if (block.kind === "units") return best(numbers.here(block.key));
  if (block.kind === "head") {
    const [, , size] = numbers.shape(`layer${block.layer}.heads`);
    return size + best(numbers.looks(`layer${block.layer}.`, block.head));
  }
  return 0;
}
