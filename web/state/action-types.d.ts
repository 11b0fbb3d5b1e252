// The actions that change the state: for the checker alone, no script of the page imports it.
import type { Answer, DataKind, Request, Site } from "../protocol.js";
import type { ChatWish } from "./chat-types.js";
import type { InterveneWish } from "./inside/intervene-types.js";
import type { MachineWish } from "./inside/machine-types.js";
import type { StagesWish } from "./stages-types.js";
import type { SweepWish } from "./sweep-types.js";
import type { Opening, Panel, RecordedExample, Send, State, Value, View } from "./types.js";

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
  | { type: "pick-weight"; weight: string; jump?: boolean }
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
  | ChatWish
  | InterveneWish
  | MachineWish
  | StagesWish
  | SweepWish;

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
export type CreateEffects = (given: { send: (action: Action) => void; site: Site }) => Effects;
/** A question, which gets its id when it is asked. */
export type Question = Request extends infer Each
  ? Each extends { id: number }
    ? Omit<Each, "id">
    : Each extends { type: "continue" }
      ? Each
      : never
  : never;
