// What the state of the page is made of: for the checker alone, no script of the page imports it.
// Its neighbours are named here, too: actions, settings, and what components are given.
import type {
  Answer,
  DataFacts,
  DataKind,
  GraphNode,
  Machine,
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
import type { ChatState } from "./chat-types.js";
import type { Of } from "./action-types.js";
import type { ModelAtHand, RecordedExample, Run, ShownRun, Token } from "./run-types.js";

export type { GraphNode, Kept, Machine, OneStep, Story };
export type Value = number | string | boolean | null;

export type View = "train" | "inside" | "tokens" | "chat" | "benchmark";
export type PageSettings = { pace: string; workers: string; hidden: string; theme: string };
export type StageState = { received: number; total: number; done: boolean };

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
    wanted: string;
    jumps: number;
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

export type * from "../settings/types.js";
export type * from "../ui/types.js";
export type * from "./action-types.js";
export type * from "./inside/intervene-types.js";
export type * from "./run-types.js";
export type * from "./inside/machine-types.js";
export type * from "./sweep-types.js";
export type { Answer, DataKind, Origin, Request, Sampling, Settings, Site, Stage };
