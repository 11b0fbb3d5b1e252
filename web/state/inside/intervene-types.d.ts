// See and intervene: what its state is made of, what changes it, and what the worker is asked: for
// the checker alone, no script of the page imports it.
import type { WithMachine } from "./machine-types.js";

/** A next token and its chance. */
export type Guess = { text: string; end: boolean; p: number };
type Read = { text: string; note: string };
type Long = { share: number; done: boolean }; // how much is done

/**
 * What the next token becomes when parts are off or patched. `next` are the likeliest before or
 * after, `others` how many more there are. The surprise at each letter and at the end, in nats, is
 * not there where only what follows the text is another.
 */
export interface Changed extends Read {
  tokens: string[];
  before: Float64Array;
  after: Float64Array;
  next: { text: string; end: boolean; before: number; after: number }[];
  others: number;
  othersAfter: number;
  surprise?: number[];
  surpriseAfter?: number[];
}
/**
 * Each part off by itself: the loss of the text, the chance of what the whole model finds likeliest,
 * and what is likeliest then.
 */
export interface EachOff extends Read, Long {
  loss: number;
  next: Guess;
  parts: { part: string; loss: number; p: number; next: Guess }[];
}
/** What would come if the line ended before all layers, after each; the last is the model's. */
export interface Lens extends Read {
  layers: Guess[][];
}
/** A unit over the text, and where it is highest in `read` of the `of` texts of the data. */
export interface Neuron extends Read, Long {
  part: string;
  layer: number;
  unit: number;
  layers: number;
  units: number;
  tokens: string[];
  values: number[];
  of: number;
  read: number;
  texts: { value: number; tokens: string[] }[];
}
/** Of each layer's heads; see `head_scores` in microscope/activations.py. */
export interface HeadScores extends Long {
  previous: number[][];
  induction: number[][];
  even: { previous: number; induction: number };
}

export type InterveneRequest =
  | {
      type: "intervene";
      id: number;
      text: string;
      off: string[];
      patched?: string[];
      other?: string;
      everywhere?: boolean;
    }
  | { type: "without" | "lens"; id: number; text: string }
  | { type: "neuron"; id: number; text: string; part?: string }
  | { type: "heads"; id: number };

/** Between a question and its last answer those that end in `-part` say what there is by then. */
export type InterveneAnswer =
  | ({ type: "intervened"; id: number } & Changed)
  | ({ type: "without-part" | "without"; id: number } & EachOff)
  | ({ type: "lens"; id: number } & Lens)
  | ({ type: "neuron-part" | "neuron"; id: number } & Neuron)
  | ({ type: "heads-part" | "heads"; id: number } & HeadScores);

export type Experiment = "off" | "patch" | "lens" | "neuron" | "heads";

/** What is asked of Python, and what it has answered: about which model, text and step. */
export interface Look<Answer> {
  id: number | null;
  key: string; // what was asked for, or ""
  step: number; // of the model that answers
  answer: Answer | null;
  problem: string;
}

export interface Looks {
  off: Look<Changed>;
  each: Look<EachOff>;
  patch: Look<Changed>;
  lens: Look<Lens>;
  neuron: Look<Neuron>;
  heads: Look<HeadScores>;
}

export interface InterveneState {
  model: number | null;
  panel: Experiment;
  order: "loss" | "place"; // of the parts that are switched off
  patch: { part: string; other: string | null; everywhere: boolean }; // null: a text of ours
  unit: string | null; // a neuron by its name; null: the one that is highest
  table: boolean; // the neuron's letters, too
  looks: Looks;
}

export type InterveneWish =
  | { type: "intervene-panel"; panel: Experiment }
  | { type: "intervene-order"; order: "loss" | "place" }
  | { type: "intervene-stop" | "intervene-table" }
  | { type: "patch"; values: Partial<InterveneState["patch"]> }
  | { type: "choose-unit"; unit: string | null };

/** The state with what the view Inside has brought along. */
export type WithIntervene = WithMachine & { intervene: InterveneState };
