/**
 * The messages between the page and its worker: one list of each, and nothing else.
 *
 * Every message is a plain object with a `type`. `run` is the page's number of a run; messages of
 * an older run are dropped. `id` ties an answer to its question. Numbers that are many cross as
 * transferred Float64Array or Uint8Array.
 */

/** @import {Kept} from "./storage.js" */

/** @import {ChatAnswer, ChatRequest} from "./state/chat-types.js" */
/** @import {InterveneAnswer, InterveneRequest} from "./state/inside/intervene-types.js" */
/** @import {StagesAnswer, StagesRequest} from "./state/stages-types.js" */

/**
 * @typedef {{preset: string, steps: number, seed: number, lr: number, clip: number,
 *   block_size: number, n_embd: number, val_fraction: number, eval_every: number|null,
 *   tokenizer: string, vocab: number, dtype: string, window: string, init: string,
 *   schedule: string, positions: string, activation: string, batch_size: number
 * } & {[name: string]: number|string|boolean|null}} Settings
 *   flat, named as the fields of Python's GPTConfig and TrainConfig, and `preset`
 * @typedef {Object} Sampling
 * @property {number} [temperature] @property {number} [top_k] @property {number} [top_p]
 * @property {number} [min_p] @property {boolean} [greedy] @property {number} [seed]
 *
 * @typedef {Object} SiteFile  a file of the runtime folder, or the wheel
 * @property {string} name @property {string} url @property {Stage} stage @property {number} bytes
 * @property {string} [sha256]
 * @typedef {Object} Site  what boot.js and site.json hold, written by the build
 * @property {string} version @property {string} runtime @property {SiteFile[]} files
 * @property {{[name: string]: string}} data
 *
 * @typedef {"python"|"library"|"numpy"|"microgpt"|"check"|"later"|"extra"} Stage
 * @typedef {{step: number, loss: number, exactLoss: number, lr: number, tokens: number,
 *   examples: number, remembers: boolean}} StepFacts
 *   a step that is not made; `remembers`: the optimizer's memory is the run's and does not begin
 * @typedef {StepFacts & {texts: {tokens: string[], before: number[], after: number[]}[],
 *   largest: string, still: number, summarised: boolean,
 *   layout: {name: string, shape: number[], start: number, of?: number[]}[],
 *   before?: Float64Array, gradient: Float64Array|Float32Array, move: Float64Array|Float32Array
 * }} OneStep  each token's surprise before and after it, and every number's gradient and move, flat;
 *   of very many numbers pictures of means, `of` the shape that stands behind one
 * @typedef {{example: number, position: number, read: string[], next: string}} Place
 * @typedef {{weight: string, name: string, index: number[], shape: number[], count: number,
 *   value: number, what: string, touches: string, step: StepFacts,
 *   operations: {operation: string, forward: string, backward: string, at: Place, weight: number,
 *     input: number, term: number, slope: number, part: number, total: number, output?: number}[],
 *   gradient: {own: number, exact: number, difference: number, dtype: string, largest: number,
 *     count: number, rest: number,
 *     parts: (Place & {operation: string, slope: number, input: number, part: number})[]},
 *   slope: {value: number, step: number, down: number, up: number, farDown: number, farUp: number,
 *     kinks: number, error: number, difference: number},
 *   clipping: {limit: number, norm: number, factor: number, before: number, after: number},
 *   optimizer: {rule: "adam"|"adamw"|"muon", group: string, lr: number, weightDecay: number,
 *     mean?: number, meanAfter?: number, square?: number, squareAfter?: number,
 *     momentum?: number, momentumAfter?: number, balance?: number, balanceAfter?: number,
 *     singularValues?: {gradient: number[], move: number[]}},
 *   move: {before: number, after: number, move: number},
 *   path_steps: Float64Array, path_values: Float64Array, pathSince: number}} Story
 *   one weight in that step; see microscope/story.py. Its path is what is known of it over the run,
 *   at every step from `pathSince` on
 * @typedef {{id: number, operation: string, name: string, weights: string[], from: number[],
 *   shape: number[], seconds: number, secondsBack: number, size: number, slope: number}} GraphNode
 *   an operation of the step, or its weights: what it was computed from, the root mean square of
 *   its numbers and of their gradient; the last is the loss
 *
 * @typedef {{text: string, note: string|null, tokens: string[], ids: number[], focus: number,
 *   off: string[], summarised: boolean, shapes: {[name: string]: number[]},
 *   rows: {[name: string]: number}, seconds: number,
 *   layout: {name: string, shape: number[], start: number}[], numbers: Float64Array,
 *   next: {id: number, text: string, end: boolean}[]}} Machine
 *   every number of the model on a text; see `machine` in page/microscope.py. `seconds` is what it
 *   took
 *
 * @typedef {"names"|"names-1800"|"stories"|"full-names"|"text"|`task:${string}`} DataKind
 * @typedef {{passes: number, tokens: number, held_out_tokens: number, pairs: number,
 *   guessing: number, vocabulary: number, longest: number, doubled: number, twins: number}} DataFacts
 *   of a planned run: how often it reads the data, and what a model has to beat
 * @typedef {{text: string, new: boolean|null, right?: boolean}} Sample  of a task, its answer
 * @typedef {"new"|"file"|"link"|"autosave"} Origin
 * @typedef {"chars"|"trained"|"file"} Cutter
 */

/**
 * What the page asks.
 * @typedef {(
 *   {type: "load", site: Site, trial?: boolean} |
 *   {type: "complete"} |
 *   {type: "data", id: number, kind: DataKind, name?: string, split?: string, bytes?: Uint8Array,
 *     encoding?: string} |
 *   {type: "describe", id: number, settings: Settings} |
 *   {type: "judge", id: number, settings: Settings} |
 *   {type: "command", id: number, settings: Settings} |
 *   {type: "new", run: number, settings: Settings} |
 *   {type: "train", run: number, until: number} |
 *   {type: "pause", run: number} |
 *   {type: "finish", run: number} |
 *   {type: "pace", stepsPerSecond: number, workers?: number} |
 *   {type: "write", id: number, prompt: string, sampling?: Sampling, maxTokens?: number,
 *     count?: number, cache?: boolean} |
 *   {type: "halt", id: number} |
 *   {type: "benchmark", id: number} |
 *   {type: "next", id: number, prompt: string, sampling?: Sampling} |
 *   {type: "attention", id: number, prompt: string} |
 *   {type: "embeddings", id: number, method: "pca"|"tsne", perplexity?: number} |
 *   {type: "machine", id: number, text: string, off: string[], focus: number|null,
 *     matrices: [string, number|"token"|"place"][]} |
 *   {type: "one-step", id: number, texts: string[]} |
 *   {type: "story", id: number, texts: string[], weight?: string, seed?: number} |
 *   {type: "graph", id: number, texts: string[]} |
 *   {type: "cut", id: number, text: string, by: Cutter, at?: number|null} |
 *   {type: "learn", id: number, source: "data"|"text", text?: string, merges: number,
 *     pattern?: string} |
 *   {type: "open-tokenizer", id: number, files: {name: string, bytes: Uint8Array}[]} |
 *   {type: "save-tokenizer", id: number, by: Cutter} |
 *   {type: "save", id: number} |
 *   {type: "open", id: number, run: number, name: string, bytes: Uint8Array} |
 *   {type: "continue", id?: number, run: number, key: string} |
 *   {type: "kept-file", id: number, key: string, name: string} |
 *   {type: "rename", key: string, label: string} |
 *   {type: "forget", key: string} |
 *   {type: "link", id: number} |
 *   {type: "open-link", id: number, run: number, text: string} |
 *   ChatRequest | InterveneRequest | StagesRequest
 * )} Request
 */

/**
 * What the worker says. `seconds` is time spent computing; steps and tokens a second are by the
 * clock of the last second or so, pauses of a slow pace included. `new` is null where there is
 * nothing to compare with. `shipped` is the small model that comes with the page: until the
 * reader's own has made a step, it is what writes and what is looked into. `kept` runs are the newest first: see storage.js. A `stopped` whose reason is "paused" also ends a `train` that reached
 * its `until` before the end of the run. `weights` of attention stand as layers, heads, reading
 * positions, positions looked at; `points` as x, y of each token, `order` the ids of those that are used, the most frequent first. With t-SNE there are `embedding`s
 * on the way; `halt` ends it where it is. The same holds for `learning`, `benchmarking`, and what ends in `-part`; each merge is what stood
 * left and right, what they became, and how often. `kinds` of a `cut` are its tokens by id: the text
 * (null where it is no whole characters) and the bytes.
 * @typedef {(
 *   {type: "loading", stage: Stage, received: number, total: number, done: boolean} |
 *   {type: "ready", python: string, numpy: string, microgpt: string, kernel: boolean,
 *     memory: number} |
 *   {type: "failed", stage: Stage, reason: string, detail?: string} |
 *   {type: "data", id: number, kind: DataKind, name: string, source: string, documents: number,
 *     characters: number, longest: number, vocabulary: string, vocabSize: number, split: string,
 *     rows: "documents"|"crops", digest: string, advice: string, note?: string,
 *     context?: number} |
 *   {type: "described", id: number, parameters: number, bytes: number, memory: number,
 *     settings: Settings, rows?: string, trained?: number, heldOut?: number,
 *     vocabSize?: number, secondsPerStep?: number|null, seconds?: number|null} |
 *   {type: "judged", id: number, facts: DataFacts, advice: string[]} |
 *   {type: "command", id: number, text: string} |
 *   {type: "shipped", settings: Settings, parameters: number, vocabSize: number,
 *     vocabulary: string|null,
 *     tokenizer: {kind: string, vocab?: number, pattern?: string|null},
 *     note: {step?: number, data?: string, loss?: number}} |
 *   {type: "created"|"opened", run: number, id?: number, key?: string|null, origin: Origin, name?: string,
 *     step: number, settings: Settings, parameters: number, vocabSize: number,
 *     vocabulary: string|null,
 *     tokenizer: {kind: string, vocab?: number, pattern?: string|null}, uniformLoss: number,
 *     bigramLoss: number|null, heldOut: number,
 *     trained: number, rows?: string, shards?: number, longest?: number, twins?: string, losses?: Float64Array,
 *     outcome?: {kind: string|null, text: string, bestStep?: number|null}|null,
 *     evaluations?: {step: number, loss: number, bitsPerByte: number}[],
 *     exact?: {step: number, right: number, tries: number}[], question?: string, canTrain: boolean, message?: string,
 *     data?: {name: string, digest: string, split: string},
 *     samples?: {step: number, samples: Sample[]}[], note?: {step?: number, data?: string, loss?: number}} |
 *   {type: "progress", run: number, step: number, losses: Float64Array, lr: number,
 *     tokens: number, seconds: number, watching: number, tokensPerSecond: number,
 *     stepsPerSecond: number, memory: number, workers: number,
 *     exchange: {seconds: number[], waited: number, exchanged: number, bytes: number}|null} |
 *   {type: "evaluation", run: number, step: number, loss: number|null,
 *     bitsPerByte: number|null} |
 *   {type: "exact", run: number, step: number, right: number, tries: number} |
 *   {type: "samples", run: number, step: number, samples: Sample[]} |
 *   {type: "stopped", run: number, step: number, reason: "paused"|"stopped"|"done"|"diverged",
 *     message?: string, outcome?: {kind: string|null, text: string, bestStep?: number|null}|null} |
 *   {type: "unrecorded", run: number, message: string} |
 *   {type: "token", id: number, text: string, probability: number, end: boolean, index: number,
 *     unseen: number} |
 *   {type: "written", id: number, texts: string[], new: (boolean|null)[],
 *     tokensPerSecond: number|null, reason: "end"|"length"|"halted", cache?: boolean,
 *     speed?: {tokensPerSecond: number, context: number}} |
 *   {type: "probabilities", id: number, prompt: string, note?: string,
 *     tokens: {text: string, p: number, kept: boolean, end: boolean}[]} |
 *   {type: "attention", id: number, prompt: string, note?: string, tokens: string[], layers: number, heads: number,
 *     weights: Float32Array} |
 *   {type: "embedding"|"embedded", id: number, method: "pca"|"tsne", tokens: string[],
 *     order: number[],
 *     share?: number[], perplexity?: number, step: number, steps: number, done: boolean,
 *     points: Float64Array} |
 *   ({type: "machine", id: number} & Machine) |
 *   ({type: "one-step", id: number} & OneStep) |
 *   ({type: "story", id: number} & Story) |
 *   {type: "graph", id: number, nodes: GraphNode[]} |
 *   {type: "cut", id: number, ids: number[], kinds: Object<string, [string|null, string]>,
 *     tokens: number, distinct: number, characters: number, left: number, bytes: number,
 *     vocab: number, note: string} |
 *   {type: "learning"|"learned", id: number, merges: [string, string, string, number][],
 *     learned: number, count: number, counted: number, done: boolean, vocab?: number,
 *     pattern?: string|null} |
 *   {type: "tokenizer", id: number, name: string, vocab: number, pattern: string|null} |
 *   {type: "file", id: number, name: string, bytes: Uint8Array<ArrayBuffer>} |
 *   {type: "linked", id: number, text: string, bytes: number} |
 *   {type: "autosaved", run: number, step: number, key: string} |
 *   {type: "kept", runs: Kept[]} |
 *   {type: "storage-full", run: number, oldest: Kept} |
 *   {type: "benchmarking"|"benchmarked", id: number, done: boolean, kernel: boolean,
 *     results: {work: string, way: string, stepsPerSecond: number, tokensPerSecond: ?number,
 *     gflops: number}[]} |
 *   {type: "forgotten", key: string} |
 *   {type: "storage", ok: false, reason: string, run?: number, step?: number} |
 *   {type: "refused", id?: number, run?: number, message: string, encoding?: string} |
 *   {type: "crashed", message: string, detail?: string, id?: number, run?: number,
 *     fatal: boolean} |
 *   ChatAnswer | InterveneAnswer | StagesAnswer
 * )} Answer
 */

/**
 * The types of all requests, with the fields each must have.
 * @type {{[type: string]: readonly string[]}}
 */
export const REQUESTS = Object.freeze({
  load: ["site"],
  data: ["id", "kind"],
  describe: ["id", "settings"],
  judge: ["id", "settings"],
  command: ["id", "settings"],
  new: ["run", "settings"],
  train: ["run", "until"],
  pause: ["run"],
  finish: ["run"],
  pace: ["stepsPerSecond"],
  write: ["id", "prompt"],
  halt: ["id"],
  next: ["id", "prompt"],
  attention: ["id", "prompt"],
  embeddings: ["id", "method"],
  machine: ["id", "text", "off", "focus", "matrices"],
  "one-step": ["id", "texts"],
  story: ["id", "texts"],
  graph: ["id", "texts"],
  intervene: ["id", "text", "off"],
  without: ["id", "text"],
  lens: ["id", "text"],
  neuron: ["id", "text"],
  heads: ["id"],
  cut: ["id", "text", "by"],
  learn: ["id", "source", "merges"],
  "open-tokenizer": ["id", "files"],
  "save-tokenizer": ["id", "by"],
  benchmark: ["id"],
  save: ["id"],
  open: ["id", "run", "name", "bytes"],
  continue: ["run", "key"],
  "kept-file": ["id", "key", "name"],
  rename: ["key", "label"],
  forget: ["key"],
  complete: [],
  link: ["id"],
  "open-link": ["id", "run", "text"],
  "chat-open": ["id", "name", "bytes"],
  "chat-ask": ["id", "messages"],
  "stages-look": [],
  "stages-estimate": ["id", "stages", "start"],
  "stages-make": ["id", "wish", "goOn"],
  "stages-take": ["of"],
  "stages-text": ["id", "name"],
  "stages-talks": ["id", "name"],
  "stages-ask": ["id", "question", "sides"],
  "stages-file": ["id", "stage"],
  "stages-use": ["stage"],
  "stages-tokens": ["id"],
  "stages-forget": ["stage"],
  "chat-likeliest": ["id", "messages", "written"],
  "chat-command": ["id", "line"],
  "chat-read": ["id", "name", "bytes"],
  "chat-judge": ["id"],
});

/**
 * The answers that end a question: after one of them nothing more comes under its id.
 * @type {readonly string[]}
 */
export const FINAL = Object.freeze([
  "data",
  "described",
  "judged",
  "command",
  "opened",
  "written",
  "probabilities",
  "attention",
  "embedded",
  "machine",
  "one-step",
  "story",
  "graph",
  "intervened",
  "without",
  "lens",
  "neuron",
  "heads",
  "cut",
  "learned",
  "benchmarked",
  "tokenizer",
  "file",
  "linked",
  "chat-opened",
  "chat-answered",
  "stages-estimated",
  "stages-made",
  "stages-paused",
  "stages-text",
  "stages-checked",
  "stages-answered",
  "chat-likeliest",
  "chat-done",
  "chat-messages",
  "chat-judged",
  "refused",
  "crashed",
]);

/**
 * Throws where a request is not one of ours: that is a mistake in the page, best found at once.
 * @param {Request} message
 */
export function checkRequest(message) {
  const fields = REQUESTS[message?.type];
  if (!fields) throw new TypeError(`there is no request ${JSON.stringify(message?.type)}`);
  const given = /** @type {{[field: string]: unknown}} */ (message);
  const missing = fields.filter((field) => given[field] === undefined);
  if (missing.length) throw new TypeError(`${message.type} lacks ${missing.join(", ")}`);
  return message;
}
