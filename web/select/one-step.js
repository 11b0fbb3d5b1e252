// One step in words and pictures: surprise by letter, the matrices, the links of one number's story.
/** @import {GraphNode, OneStep, Story} from "../state/types.js" */
import { amount, count, percent } from "./format.js";

/** @param {number} x */
export function signed(x) {
  const size = Math.abs(x);
  const text = size >= 1e-4 || size === 0 ? size.toFixed(6) : size.toExponential(2);
  return `${x < 0 ? "−" : "+"}${text.replace("e-", "e−")}`;
}

/**
 * How much each token surprises the model, before the step and after it; widths are parts of 1.
 * @param {Pick<OneStep, "texts">} given
 */
export function surprises({ texts }) {
  const [{ tokens, before, after }] = texts;
  const most = Math.max(...before, ...after) * 1.04;
  return before.map((was, i) => ({
    token: i === before.length - 1 ? "end" : tokens[i + 1],
    was,
    now: after[i],
    wasWidth: was / most,
    nowWidth: after[i] / most,
    wasChance: percent(Math.exp(-was)),
    nowChance: percent(Math.exp(-after[i])),
  }));
}

/** @param {number[]} values */
export const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** @type {[RegExp, string][]} */
const GROUPS = [
  [/^wte$/, "Embedding"],
  [/^wpe$/, "Places"],
  [/\.(wq|wk|wv|wo|value)$/, "Heads"],
  [/\.(fc_gate|fc1|fc2)$/, "Feed-forward"],
  [/^lm_head$/, "Scores"],
];

/**
 * The arrays of the model as groups, in the order of the forward pass; those of a layer stand
 * together, and norms, biases and gates, which are few numbers, come last.
 * @param {OneStep} answer @param {"gradient"|"move"} shade
 */
export function matrices(answer, shade) {
  const values = answer[shade];
  /** @type {Map<string, {title: string, order: number, numbers: number, all: Matrix[]}>} */
  const groups = new Map();
  for (const { name, shape, start, of } of answer.layout) {
    const found = GROUPS.findIndex(([pattern]) => pattern.test(name));
    const layer = /^layer(\d+)\./.exec(name)?.[1];
    const kind = found < 0 ? "Norms, biases, gates" : GROUPS[found][1];
    const title = layer && found >= 0 ? `Layer ${Number(layer) + 1}: ${kind.toLowerCase()}` : kind;
    const order = found < 0 ? 9e6 : found === 4 ? 8e6 : Number(layer ?? -1) * 10 + found;
    const group = groups.get(title) ?? { title, order, numbers: 0, all: [] };
    const whole = of ?? shape;
    const [rows, columns] = shape.length > 1 ? shape : [1, shape[0]];
    group.numbers += whole.reduce((a, b) => a * b, 1);
    group.all.push({
      name,
      shape: whole,
      rows,
      columns,
      turned: rows >= 2 * columns, // drawn on its side: it takes less room
      values: values.subarray(start, start + rows * columns),
    });
    groups.set(title, group);
  }
  return [...groups.values()].sort((a, b) => a.order - b.order);
}

/** @typedef {{name: string, shape: number[], rows: number, columns: number, turned: boolean,
 *   values: Float32Array|Float64Array}} Matrix */

/**
 * The size that is drawn darkest: nearly the largest, so that one number does not make all pale.
 * @param {Float32Array|Float64Array} values
 */
export function darkest(values) {
  const sizes = Float64Array.from(values, Math.abs).sort();
  return sizes[Math.floor(sizes.length * 0.985)] || sizes[sizes.length - 1] || 1;
}

/**
 * Which number of a matrix is at a point of its picture, as parts of its width and height.
 * @param {Matrix} matrix @param {number} x @param {number} y
 */
export function weightAt({ name, shape, turned }, x, y) {
  const [down, across] = turned ? [x, y] : [y, x];
  const [rows, columns] = shape.length > 1 ? shape : [1, shape[0]];
  /** @param {number} part @param {number} size */
  const at = (part, size) => Math.max(0, Math.min(size - 1, Math.floor(part * size)));
  const column = at(across, columns);
  return shape.length > 1 ? `${name}[${at(down, rows)},${column}]` : `${name}[${column}]`;
}

/**
 * What is said beside the button.
 * @param {OneStep|null} answer @param {number} stage @param {string} text @param {string} unit
 */
export function told(answer, stage, text, unit) {
  if (!answer) return `Follow one step of training on ${quoted(text)}, one press at a time.`;
  const [{ before, after }] = answer.texts;
  const [was, now] = [mean(before), mean(after)];
  if (stage === 1)
    return `It reads ${quoted(text)}, and each ${unit} surprises it. The mean is the loss: ${was.toFixed(2)}.`;
  if (stage === 2)
    return `From the scores back to the ${unit}s: how does the loss change with each number? With ${count(answer.still)} of them, not at all.`;
  const falls = now < was ? "falls" : now > was ? "rises" : "stays";
  return `Each number moves a little, and it reads again: the loss ${falls} from ${fine(was, now)} to ${fine(now, was)}. The next text moves them again. That is all that training is.`;
}

/** As many digits as it takes to see the difference, up to six. @param {number} x @param {number} y */
export function fine(x, y) {
  for (const digits of [2, 3, 4, 5])
    if (x.toFixed(digits) !== y.toFixed(digits)) return x.toFixed(digits);
  return x.toFixed(6);
}

/** @param {string} text */
const quoted = (text) => (text ? `“${text}”` : "the text above");

/**
 * What the step is of: where its rate and its memory come from.
 * @param {OneStep} answer
 */
export function aboutStep({ step, lr, remembers }) {
  const own = remembers
    ? `what step ${count(step)} of this run would do`
    : "this model has no run here, so its optimizer starts without a memory";
  return `${own}; learning rate ${Number(lr.toPrecision(3))}`;
}

/**
 * The links of a number's story: a title, a number, and a sentence.
 * @param {Story} story
 */
export function links(story) {
  const { gradient, slope, clipping, move } = story;
  const [use] = story.operations;
  const found = [
    {
      kind: "is",
      title: "It is",
      value: signed(story.value),
      text: `One of ${count(story.count)}: ${counted(story.what)}. It touches ${counted(story.touches)}.`,
    },
    {
      kind: "forward",
      title: "Forward",
      value: signed(use.term),
      text: `After ${readOf(use.at)} it is multiplied by ${signed(use.input)}: ${use.forward}.${use.output === undefined ? "" : ` The sum is ${signed(use.output)}.`}`,
    },
    {
      kind: "back",
      title: "Back",
      value: signed(gradient.exact),
      text: gradient.count
        ? `Its gradient: raise this number, and the loss ${gradient.exact < 0 ? "falls" : "rises"}. It is a sum of ${amount(gradient.count, "part")}, below: each is the input x times the slope g of the result. The run itself computes ${signed(gradient.own)}, in ${gradient.dtype}.`
        : "Its gradient: this text does not use it.",
    },
    {
      kind: "check",
      title: "Check",
      value: signed(slope.value),
      text: `The slope, measured: ${slope.step} down gives a loss of ${slope.down.toFixed(7)}, up ${slope.up.toFixed(7)}. It differs from the gradient by ${Math.abs(slope.difference).toExponential(0)}.${slope.kinks ? ` The nudge switches ${amount(slope.kinks, "unit")} on or off: there the slope to the left differs from the one to the right.` : ""}`,
    },
  ];
  if (clipping.limit)
    found.push({
      kind: "clip",
      title: "Clip",
      value: signed(clipping.after),
      text:
        clipping.factor < 1
          ? `All gradients together are ${clipping.norm.toFixed(3)} long, the limit is ${clipping.limit}: each is multiplied by ${clipping.factor.toFixed(4)}.`
          : `All gradients together are ${clipping.norm.toFixed(3)} long, within the limit of ${clipping.limit}.`,
    });
  found.push(memory(story), {
    kind: "move",
    title: "Move",
    value: signed(move.move),
    text: `At rate ${Number(story.optimizer.lr.toPrecision(3))} it becomes ${signed(move.after)}.${pulled(story) ? " The steps before still push it in that direction." : ""}`,
  });
  return found;
}

/** Heads and layers are counted from 1 on the page, and from 0 in the names of weights. @param {string} text */
const counted = (text) =>
  text.replace(/\b(head|layer) (\d+)/g, (_, what, at) => `${what} ${Number(at) + 1}`);

/** @param {Story} story */
function memory({ optimizer: o }) {
  if (o.rule === "muon") {
    /** @param {number[]} values */
    const spread = (values) =>
      `${values[0].toPrecision(2)} to ${values[values.length - 1].toPrecision(2)}`;
    return {
      kind: "memory",
      title: "Remember",
      value: signed(o.momentumAfter ?? 0),
      text: `Muon keeps a momentum, here ${signed(o.momentum ?? 0)} before. It moves the whole matrix, every direction alike: singular values of the gradient ${spread(o.singularValues?.gradient ?? [0])}, of the move ${spread(o.singularValues?.move ?? [0])}.`,
    };
  }
  return {
    kind: "memory",
    title: "Remember",
    value: signed(o.meanAfter ?? 0),
    text: `${o.rule === "adam" ? "Adam" : "AdamW"} keeps two numbers: the mean of the gradient, ${signed(o.mean ?? 0)} before, and of its square, ${(o.square ?? 0).toExponential(2)}, now ${(o.squareAfter ?? 0).toExponential(2)}.`,
  };
}

/** Adam may go on against the gradient of this step. @param {Story} story */
const pulled = ({ gradient, move }) =>
  Math.sign(gradient.exact) === Math.sign(move.move) && move.move !== 0;

/** @param {{read: string[]}} at */
const readOf = ({ read }) =>
  read.length > 1 ? `“${read.slice(1).join("").slice(-12)}”` : "the start";

/**
 * The rows of the table of parts, and a last one for what is not shown.
 * @param {Story} story
 */
export function partRows({ gradient }) {
  const rows = gradient.parts.map(({ part, slope, input, read, next }) => [
    signed(part),
    signed(slope),
    signed(input),
    readOf({ read }),
    /^<.*>$/.test(next) && next.length > 1 ? "end" : next,
  ]);
  const others = gradient.count - gradient.parts.length;
  if (others > 0)
    rows.push([
      signed(gradient.rest),
      "",
      "",
      `${count(others)} other${others === 1 ? "" : "s"}`,
      "",
    ]);
  return rows;
}

/**
 * The number of an array with the largest gradient; of a picture of means, the middle of the mean.
 * @param {OneStep} answer @param {string} name
 */
export function steepestOf({ layout, gradient }, name) {
  const own = layout.find((each) => each.name === name);
  if (!own) return name;
  const { shape, start, of = shape } = own;
  const sizes = gradient.subarray(start, start + shape.reduce((a, b) => a * b, 1)).map(Math.abs);
  const place = sizes.indexOf(Math.max(...sizes));
  const [columns, most] = [shape[shape.length - 1], of[of.length - 1]];
  /** @param {number} at @param {number} size @param {number} whole */
  const middle = (at, size, whole) => Math.floor(((at + 0.5) * whole) / size);
  const column = middle(place % columns, columns, most);
  if (shape.length === 1) return `${name}[${column}]`;
  return `${name}[${middle(Math.floor(place / columns), shape[0], of[0])},${column}]`;
}

// ---- the step as a graph

/**
 * The first operation that weights of a name take part in; without any, the loss.
 * @param {GraphNode[]} nodes @param {string} [name]
 */
export function useOf(nodes, name = "") {
  const leaf = nodes.find(({ weights }) => weights.includes(name));
  const use = leaf && nodes.find(({ from }) => from.includes(leaf.id));
  return (use ?? nodes[nodes.length - 1])?.id ?? 0;
}

/** @param {GraphNode} node */
export function nodeName({ operation, name, weights, id, from }) {
  if (!from.length) return weights.join(", ") || operation;
  return `${operation.replace(/_/g, " ")}${name ? `, ${name}` : ""} (${id})`;
}

/**
 * Where one is in the graph, what it was computed from, and what it goes into.
 * @param {GraphNode[]} nodes @param {number} at
 */
export function around(nodes, at) {
  const node = nodes[at];
  /** @param {number} seconds */
  const micro = (seconds) => (seconds ? `${count(seconds * 1e6)} µs` : "less than the clock shows");
  const shape = node.shape.length ? node.shape.join(" × ") : "a single number";
  const size = `Its numbers are about ${node.size.toPrecision(2)} large, their gradient ${node.slope.toPrecision(2)}`;
  const time = node.from.length
    ? `; forward it took ${micro(node.seconds)}, back ${micro(node.secondsBack)}`
    : "";
  return {
    name: nodeName(node),
    weights: node.weights,
    text: `${shape}. ${size}${time}.`,
    from: node.from.map((id) => nodes[id]),
    into: nodes.filter(({ from }) => from.includes(at)),
  };
}
