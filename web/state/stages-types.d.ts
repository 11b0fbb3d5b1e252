// The stages of a chat model, for the checker alone: what is known of each, what the reader wants,
// what the worker is asked, and what it answers.
import type { PartKind } from "./chat-types.js";
import type { WithChat } from "./types.js";
import type { Evaluation, Exact, ShownRun } from "./types.js";

export type WithStages = WithChat & { stages: StagesState };

/** The stages the reader can make. */
export type Stage = "tokens" | "base" | "chat";
/** What is kept between visits: the stages, and what they learn from. */
export type PartName = Stage | "making" | "text" | "talks";
export type KeptPart = { about: Told; bytes: Uint8Array<ArrayBuffer> };
export type Told = any; // what the worker says, or storage holds

/** What is known of a stage that is made, or half made. */
export interface About {
  seconds: number; // that went into it
  wish: MakeWish;
  // tokens
  vocab?: number;
  bytesEach?: number;
  longest?: string[];
  // the two trainings
  step?: number;
  steps?: number;
  parameters?: number;
  vocabSize?: number;
  uniformLoss?: number;
  evaluations?: Evaluation[];
  exact?: Exact[];
  alone?: [number, number] | null; // sums right without the tool, of how many
  asksLearned?: boolean; // the questions are those it was taught, as there are too few
  losses?: Float64Array;
}

/** How a stage shall be made. */
export interface MakeWish {
  stage: Stage;
  vocab?: number;
  steps?: number;
  start?: "base" | "shipped";
  mix?: boolean;
  all?: boolean; // and then those that come after it
  options?: StagesState["options"]; // how these shall be made
}

export type Answered = { kind: PartKind; text: string }[];
export type Side = { name: string; model: "base" | "chat" | "shipped"; tool: boolean };
/** A turn that is being typed: what one says, what is handed to a tool and comes back from it, where
 * there is one, and what the model shall say. */
export type TypedTurn = {
  you: string;
  tool: { call: string; result: string } | null;
  model: string;
};
/** A conversation that is being typed; `system` is null where it has no system line. */
export type TypedTalk = { system: string | null; turns: TypedTurn[] };
/** What is typed or pasted and not taken yet; it is kept in this browser. */
export type Draft = { talks: TypedTalk[]; pasted: string; text: string };
/** A part of a conversation as the model reads it: a special token, or a text. */
export type RenderedPart = { token: string; text: string; learned: boolean };

export interface StagesState {
  looked: boolean; // whether what is kept is known
  made: { [stage in Stage]: About | null };
  half: About | null; // what was begun and is not done
  open: boolean; // whether the forms are
  options: {
    vocab: number;
    baseSteps: number;
    chatSteps: number; // from the reader's base
    moreSteps: number; // from the model that comes with the page
    start: "base" | "shipped";
    mix: boolean;
  };
  text: {
    id: number | null;
    name: string | null;
    characters: number;
    problem: string;
    asked: { name: string; bytes: Uint8Array<ArrayBuffer> } | null; // which is being read
    encoding: string; // what it seems to be, where it was refused as no UTF-8
  };
  talks: {
    id: number | null;
    name: string | null; // of what is taken; null: the made-up ones
    count: number;
    wrong: [line: number, sentence: string][];
    more: number;
    shown: RenderedPart[][]; // the first of them
    problem: string;
  };
  draft: Draft;
  work: {
    id: number;
    stage: Stage;
    wish: MakeWish;
    phase: string; // "preparing", "learning" or "training"
    share: number;
    stopping: false | "pause" | "take"; // the page shows it at rest, the worker comes to it
    seconds: number; // that went into it
  } | null;
  wanted: MakeWish | null; // what was being made when the worker was gone
  shown: { [stage in Stage]?: ShownRun }; // runs as they are drawn
  samples: { question?: string; text: string; right?: boolean }[]; // the last ones
  estimate: { id: number | null; key: string; seconds: { [stage: string]: number } | null };
  compare: {
    id: number | null;
    question: string;
    sides: Side[];
    answers: Answered[];
    problem: string;
  };
  shippedWanted: boolean; // whether the reader went back to the model that comes with the page
  problem: string;
  storage: string; // why nothing can be kept
}

export type StagesWish =
  | { type: "stages-open" }
  | { type: "stages-options"; values: Partial<StagesState["options"]> }
  | { type: "stages-estimate" }
  | { type: "stage-make"; stage: Stage; all?: boolean }
  | { type: "stage-pause" | "stage-take" | "stage-discard" }
  | { type: "stage-continue" }
  | { type: "stage-file"; stage: Stage }
  | { type: "stage-use"; stage: "chat" | "shipped" }
  | { type: "stage-tokens" }
  | { type: "stages-text"; name: string | null; bytes?: Uint8Array<ArrayBuffer>; encoding?: string }
  | { type: "stages-text-as"; encoding: string }
  | { type: "stages-text-problem" | "stages-talks-problem"; message: string }
  | { type: "stages-talks"; name: string | null; bytes?: Uint8Array<ArrayBuffer> }
  | { type: "stages-draft"; values: Partial<Draft> }
  | { type: "stages-storage"; reason: string }
  | { type: "stages-compare"; question: string; sides: Side[] }
  | { type: "stages-compare-stop" };

export type StagesRequest =
  | { type: "stages-look" }
  | {
      type: "stages-estimate";
      id: number;
      stages: Stage[];
      start: "base" | "shipped";
      vocab: number;
      steps: { [stage: string]: number };
      mix: boolean;
    }
  | { type: "stages-make"; id: number; wish: MakeWish; goOn: boolean }
  | {
      type: "stages-text";
      id: number;
      name: string | null;
      bytes?: Uint8Array<ArrayBuffer>;
      encoding?: string;
    }
  | { type: "stages-talks"; id: number; name: string | null; bytes?: Uint8Array<ArrayBuffer> }
  | { type: "stages-ask"; id: number; question: string; sides: Side[] }
  | { type: "stages-file"; id: number; stage: Stage }
  | { type: "stages-use"; stage: "chat" | "shipped" }
  | { type: "stages-tokens"; id: number }
  | { type: "stages-take"; of: number } // the id of the stage that is being made
  | { type: "stages-forget"; stage: PartName };

export type StagesAnswer =
  | { type: "stages-kept"; parts: { [name: string]: Told } }
  | {
      type: "stages-news";
      id: number;
      phase: string;
      share?: number;
      step?: number;
      steps?: number;
      events?: Told[];
      asksLearned?: boolean; // the questions are those it was taught, as there are too few
      losses?: Float64Array;
      seconds: number;
    }
  | { type: "stages-begun"; id: number; stage: Stage; about: About }
  | { type: "stages-saved"; about: About }
  | { type: "stages-made"; id: number; stage: Stage; about: About }
  | { type: "stages-paused"; id: number; about: About }
  | { type: "stages-estimated"; id: number; seconds: { [stage: string]: number } }
  | { type: "stages-text"; id: number; name: string | null; characters: number }
  | {
      type: "stages-checked";
      id: number;
      name: string | null;
      talks: number | null;
      wrong: [number, string][];
      more: number;
      shown: RenderedPart[][];
    }
  | { type: "stages-said" | "stages-answered"; id: number; said: [string, string][][] }
  | { type: "stages-storage"; reason: string }
  | { type: "chat-model"; name: string; bytes: Uint8Array<ArrayBuffer> };
