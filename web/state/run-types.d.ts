// A run as the page knows it: for the checker alone, no script of the page imports it.
import type { Origin, Sampling, Settings } from "../protocol.js";

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
  workers?: number;
  exchange?: { seconds: number[]; waited: number; exchanged: number; bytes: number } | null;
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
