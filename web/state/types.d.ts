// What the state of the page is made of, and the actions that change it: for the checker alone, no
// script of the page imports it.
import type {
  Answer,
  DataFacts,
  DataKind,
  GraphNode,
  OneStep,
  Origin,
  Request,
  Sampling,
  Settings,
  Site,
  Stage,
  Story,
} from "../protocol.js";

import type { Kept } from "../storage.js";
import type { ChatState, ChatWish } from "./chat-types.js";

export type { GraphNode, Kept, OneStep, Story };
export type Value = number | string | boolean | null;

// ---- settings

export type FieldType =
  | { kind: "whole" | "number"; low: number; high: number }
  | { kind: "choice"; choices: string[] }
  | { kind: "toggle" }
  | { kind: "word"; high: number };

/** A setting: what it can be, what it is called and what it means. */
export type Field = FieldType & {
  label: string;
  words: string;
  value?: Value;
  shown?: { [value: string]: string };
  said?: (value: Value) => string;
  when?: (settings: Settings) => boolean;
  slider?: { min: number; max: number; step: number };
};
export type Table = { [name: string]: Field };

export interface Opening {
  view: View;
  settings: Settings;
  sampling: Sampling;
  prompt: string;
  look: string | null;
  question: string;
  data: {
    kind: DataKind;
    split: string;
    offered?: boolean;
    ownContext?: boolean;
    context?: number;
  };
  model: string | null;
  ignored: string[];
  page?: Partial<PageSettings>;
}

// ---- the parts of the state

export type View = "train" | "inside" | "tokens" | "chat" | "benchmark";
export type PageSettings = { pace: string; hidden: string; theme: string };
export type StageState = { received: number; total: number; done: boolean };

export interface Curve {
  width: number;
  span: number;
  count: number;
  seen: number;
  recent: Float64Array;
  sum: number;
  steps: number[];
  dots: number[];
  smooth: number[];
  now: number | null;
  last?: number;
}
export type Evaluation = { step: number; loss: number; bitsPerByte?: number | null };
/** Held-out questions with a right answer: so many were answered right. */
export type Exact = { step: number; right: number; tries: number };
export type Sample = { text: string; new: boolean | null; right?: boolean };
export type Column = { step: number; samples: Sample[] };
export type Token = { text: string; p: number; kept: boolean; end: boolean };
export type TokenizerFacts = { kind: string; vocab?: number; pattern?: string | null };

/** What came of a run, in a word and in sentences. */
export type Outcome = { kind: string | null; text: string; bestStep?: number | null };

/** A run as it is shown: the reader's, or the recorded example. */
export interface ShownRun {
  id: number;
  recorded?: boolean;
  origin: Origin | "recorded";
  status: string;
  settings: Settings;
  step: number;
  steps: number;
  curve: Curve;
  evaluations: Evaluation[];
  exact: Exact[];
  columns: (Column | undefined)[];
  history: Column[];
  live: Column | null;
  beat: number | null;
  uniformLoss: number;
  bigramLoss: number | null;
  heldOut: number;
  parameters: number | null;
  rows?: string;
  longest?: number;
  vocabSize?: number;
  dataName?: string;
  digest?: string;
  tokenizer?: TokenizerFacts;
  note?: { step?: number; data?: string; loss?: number };
  canTrain?: boolean;
  stepsPerSecond: number;
  tokensPerSecond: number;
  seconds: number; // for the steps
  watching?: number; // seconds for held-out data and samples
}

export interface Run extends ShownRun {
  origin: Origin;
  name?: string;
  goal: number | null;
  message: string;
  canTrain: boolean;
  ready: boolean;
  outcome?: Outcome | null;
  twins?: string;
  unrecorded?: string;
  opening: ToOpen | null;
  before?: Run | null;
  vocabulary?: string | null;
  memory?: number;
}
export type ToOpen =
  | { origin: "link" }
  | { origin: "autosave"; key: string }
  | { origin: "file"; name: string; bytes: Uint8Array };

/** What writes, and what is looked into: the reader's own, or what comes with the page. */
export type ModelAtHand = Pick<
  Run,
  "id" | "settings" | "step" | "parameters" | "tokenizer" | "vocabulary" | "note"
> & { origin: Origin | "shipped" | "recorded"; status?: string; live?: Column | null };

export interface RecordedExample {
  settings: Settings;
  data: { name: string; vocabSize: number; heldOut: number };
  parameters: number;
  uniformLoss: number;
  bigramLoss: number;
  evaluations: [number, number][];
  samples: Column[];
  losses: number[];
  seconds: number;
  stepsPerSecond: number;
  tokensPerSecond?: number;
  write: { prompt: string; text: string; sampling: Sampling; probabilities: Token[] };
  inside?: {
    prompt: string;
    tokens: string[];
    layers: number;
    heads: number;
    weights: number[];
    next: Token[];
    vocabulary: string[];
    order: number[];
    share: number[];
    points: number[];
  };
}

export type Panel = { kind: string; text: string; bytes?: number; copied?: boolean };
export type Speed = { tokensPerSecond: number; context: number };
export type Merge = [left: string, right: string, together: string, times: number];
export type Attention = Omit<Of<Answer, "attention">, "type" | "id">;
export type Embeddings = Omit<Of<Answer, "embedding">, "type" | "id"> & { at: number };
export type Cut = Omit<Of<Answer, "cut">, "type" | "id">;
export type CutWish = { by: string; at: number | null; text: string; round: number };
export type CutState = {
  id: number | null;
  waiting: boolean;
  wish: CutWish | null;
  answer: Cut | null;
  problem: string;
};
export type Trained = {
  merges: Merge[];
  wanted: number;
  vocab: number;
  pattern: string | null;
  from: { kind: string; name: string } | null;
};
export type BenchmarkResult = {
  work: string;
  way: string;
  stepsPerSecond: number;
  tokensPerSecond: number | null;
  gflops: number;
};

export interface State {
  lastId: number;
  outbox: Request[];
  said: string;
  // loading
  python: {
    status: "loading" | "ready" | "failed" | "crashed" | "unsupported";
    attempt: number;
    stalled?: boolean;
    stages: { [stage: string]: StageState };
    version?: string;
    numpy?: string;
    memory?: number;
    stage?: Stage;
    reason?: string;
    detail?: string;
  };
  recorded: (RecordedExample & { run: ShownRun }) | null;
  update: boolean;
  internalError: { message: string; detail?: string } | null;
  // data
  data: {
    status: "waiting" | "reading" | "ready" | "refused";
    id: number | null;
    kind: DataKind;
    name: string;
    split: string;
    bytes: Uint8Array | null;
    message: string;
    offered?: boolean;
    refused?: string;
    encoding?: string;
    readAs?: string;
    context?: number;
    ownContext?: boolean;
    digest?: string;
    documents?: number;
    characters?: number;
    longest?: number;
    vocabSize?: number;
    rows?: string;
    advice?: string;
  };
  pasting: boolean;
  verdict: {
    id: number | null;
    answer: { facts: DataFacts; advice: string[] } | null;
    current: boolean;
  };
  // settings
  view: View;
  question: string;
  settings: Settings;
  page: PageSettings;
  described: { id: number | null; answer: Described | null; problem: string; current: boolean };
  touched: string;
  mistyped: { [at: string]: string };
  refusal: string;
  explained: { [group: string]: string };
  ignored: string[];
  // run
  run: Run | null;
  runs: number;
  queuedAction: "" | "train" | "step";
  opens: { id: number | null };
  shipped: ModelAtHand | null;
  preview: { id: number | null; texts: string[] };
  link: { text: string | null; problem: string };
  keptCurves: { key: number; run: Run }[];
  samplesAt: number | null;
  chart: { stretch: boolean; table: boolean; bars: boolean };
  // writing
  prompt: string;
  sampling: Sampling;
  nextTokens: {
    id: number | null;
    context: string;
    tokens: Token[] | null;
    problem: string;
    note?: string;
    shown?: string;
    note?: string;
  };
  writing: {
    id: number | null;
    busy: boolean;
    text: string;
    problem: string;
    cache: boolean;
    speeds: { run?: number; on?: Speed; off?: Speed };
    unseen?: number;
    asked?: boolean;
    from?: string;
    one?: boolean;
    ended?: boolean;
  };
  // saved
  saved: {
    runs: Kept[];
    key: string | null;
    step: number | null;
    replaced: { run: number; key: string | null } | null;
    full: Kept | null;
    looked: boolean;
    storage: string;
    panel: Panel | null;
    id: number | null;
    problem: string;
  };
  // views
  inside: {
    model: number | null;
    text: string | null;
    layer: number;
    head: number;
    row: number | null;
    attention: {
      id: number | null;
      waiting: boolean;
      text: string;
      answer: Attention | null;
      problem: string;
    };
    embeddings: {
      id: number | null;
      waiting: boolean;
      method: "pca" | "tsne";
      perplexity: number | null;
      answer: Embeddings | null;
      problem: string;
      table: boolean;
    };
  };
  oneStep: {
    model: number | null;
    text: string;
    stage: number;
    shade: "gradient" | "move";
    id: number | null;
    answer: OneStep | null;
    problem: string;
    story: { id: number | null; answer: Story | null; problem: string };
    graph: { id: number | null; nodes: GraphNode[]; at: number; problem: string };
  };
  tokens: {
    text: string | null;
    by: Cutter;
    beside: Cutter | "";
    at: number;
    playing: boolean;
    spaces: boolean;
    label: string;
    chosen: { side: string; place: number } | null;
    source: "data" | "text";
    merges: number;
    pattern: string;
    round: number;
    cut: CutState;
    other: CutState;
    learn: {
      id: number | null;
      busy: boolean;
      stage: { learned: number; count: number; counted: number } | null;
      problem: string;
      found?: Merge[];
    };
    trained: Trained | null;
    file: { name: string; vocab?: number; pattern?: string | null } | null;
    opening: { id: number | null; problem: string };
    saving: { id: number | null; problem: string };
    table: boolean;
    list: boolean;
  };
  benchmark: {
    id: number | null;
    busy: boolean;
    done: boolean;
    kernel: boolean;
    results: BenchmarkResult[];
    problem: string;
  };
}
/** The state with what the view Chat has brought along. */
export type WithChat = State & { chat: ChatState };
export type Cutter = "chars" | "trained" | "file";
export type Described = Omit<Of<Answer, "described">, "type" | "id">;

// ---- actions

/** What the reader does, and what the page finds out by itself. */
export type Wish =
  | {
      type: "start" | "again" | "step" | "reset" | "retry-clipped" | "unqueue" | "pause" | "finish";
    }
  | {
      type:
        | "keep-curve"
        | "stretch"
        | "table"
        | "bars"
        | "update"
        | "reload"
        | "retry"
        | "idle"
        | "stalled";
    }
  | { type: "question"; name: string }
  | { type: "drop-curve"; key: number }
  | { type: "settings" | "sampling" | "page"; values: { [name: string]: Value } }
  | { type: "explain"; group: string; name: string }
  | { type: "view"; view: View }
  | { type: "address"; opening: Opening }
  | {
      type: "choose-data";
      kind: DataKind;
      name?: string;
      bytes?: Uint8Array | null;
      split?: string;
    }
  | { type: "split"; split: string }
  | { type: "paste"; open: boolean }
  | { type: "judge" }
  | { type: "want-text" }
  | { type: "read-as"; encoding: string }
  | { type: "text-pasted"; text: string }
  | { type: "data-problem"; name: string; message: string }
  | { type: "file-chosen"; file: File; model?: boolean; more?: File[] }
  | { type: "tokenizer-files"; files: File[] }
  | { type: "samples-at"; step: number | null }
  | { type: "prompt"; text: string }
  | { type: "next-tokens" | "write" | "letter" | "go-on" | "halt" }
  | { type: "cache"; on: boolean }
  | { type: "continue" | "forget"; key: string }
  | { type: "rename"; key: string; label: string }
  | { type: "kept-file"; key: string; name: string }
  | { type: "mistyped"; place: string; name: string; problem: string }
  | { type: "save" | "model-link" | "as-command" | "copy-link" }
  | { type: "open"; name: string; bytes: Uint8Array }
  | { type: "panel"; panel: Panel | null }
  | { type: "copy"; text: string; what: string }
  | { type: "copied"; what: string; ok: boolean }
  | { type: "site"; site: Site }
  | { type: "unsupported"; reason: string }
  | { type: "recorded"; recorded: RecordedExample }
  | { type: "inside-text"; text: string }
  | { type: "head"; layer: number; head: number }
  | { type: "row"; row: number }
  | { type: "embeddings"; values: { method?: "pca" | "tsne"; perplexity?: number | null } }
  | { type: "embeddings-stop" | "embeddings-table" | "look-again" }
  | { type: "step-next" }
  | { type: "step-shade"; shade: "gradient" | "move" }
  | { type: "pick-weight"; weight: string }
  | { type: "another-weight"; seed: number }
  | { type: "walk-graph" }
  | { type: "graph-node"; at: number }
  | { type: "tokens"; values: Partial<State["tokens"]> }
  | { type: "token-text"; text: string | null }
  | { type: "token-chosen"; chosen: State["tokens"]["chosen"] }
  | { type: "learn" | "learn-stop" | "play" | "token-list" | "save-tokenizer" }
  | { type: "replay"; at?: number; by?: number }
  | { type: "tick"; by: number }
  | { type: "tokenizer-chosen"; files: { name: string; bytes: Uint8Array }[] }
  | { type: "tokenizer-problem"; message: string }
  | { type: "benchmark" | "benchmark-stop" }
  | ChatWish;

export type Action = Wish | Answer;

/** Those of a union of messages that have this type. */
export type Of<Message, Type> = Message extends { type: infer Types }
  ? Type extends Types
    ? Message
    : never
  : never;

export type Reducers = {
  [Type in Action["type"]]?: (state: State, action: Of<Action, Type>) => State;
};
export type Reduce = (state: State, action: Action) => State;
/** A part of the state: how it begins, and how it changes. */
export type Part = { initial: (opening: Opening) => object; reduce: Reduce };
/** What a view does besides drawing; it sees every action, after the state has changed. */
export type Effects = (before: State, state: State, action: Action) => void;
export type CreateEffects = (given: { send: Send; site: Site }) => Effects;
/** A question, which gets its id when it is asked. */
export type Question = Request extends infer Each
  ? Each extends { id: number }
    ? Omit<Each, "id">
    : Each extends { type: "continue" }
      ? Each
      : never
  : never;

// ---- components

export type Send = (action: Wish) => void;
export type Update = (state: State) => void;
export type Mount = (element: HTMLElement, send: Send) => Update;

/** An element found on the page, with what our controls have: one reads what it knows to be there. */
export interface Control extends HTMLElement {
  value: string;
  checked: boolean;
  disabled: boolean;
  type: string;
  size: number;
  files: FileList;
  select: () => void;
  tagName: string;
  firstElementChild: HTMLElement;
  lastElementChild: HTMLElement;
  parentElement: HTMLElement;
}
export interface Component {
  element: HTMLElement;
  mount: Mount;
  update?: Update;
}
/** What boot.js leaves for the page. */
export interface Boot {
  SITE: Site | {};
  canRun: () => boolean;
  takeWorker: () => Worker;
}

// ---- what is shown

export type Values = { [name: string]: Value };
export type Whole = { kind: "whole" | "number"; low: number; high: number };
export type Side = "cut" | "other";
/** A token by its id: its text, where it is whole characters, and its bytes. */
export type Kind = [text: string | null, bytes: string];
export type KeptCurve = { key: number; letter: string; label: string; run: Run };
export type Row = BenchmarkResult & { times: number | null };
export interface Label {
  kind: string;
  left?: number;
  top?: number;
  words?: (string | string[])[];
  term?: string;
}
export interface Picture {
  width: number;
  height: number;
  x: (step: number) => number;
  y: (loss: number) => number;
  share?: (right: number) => number;
  ticks: { x: number[]; y: number[] };
  kept?: { letter: string; step: number; value: number }[];
}
export type Notice = {
  title: string;
  text: string;
  alarm?: boolean;
  actions?: [words: string, action: Wish][];
};
export type { Answer, DataKind, Origin, Request, Sampling, Settings, Site, Stage };
