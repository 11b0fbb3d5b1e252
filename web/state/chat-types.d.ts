// The view Chat: what its state is made of, what changes it, and what the worker is asked: for the
// checker alone, no script of the page imports it.
import type { Sampling } from "../protocol.js";

/** Of an answer: what the model wrote, a call of a tool, and what the tool gave back. */
export type PartKind = "text" | "python" | "python_output";
export type TurnPart = { type: PartKind; text: string };
export type Message = { role: "user" | "assistant"; parts: TurnPart[] };
/** What one token adds to an answer; `probability` is null where a tool wrote it. */
export type Said = { kind: PartKind; text: string; probability: number | null; id: number };

/** A message and its place in the tree of all that was said. */
export interface Turn extends Message {
  key: number;
  parent: number; // 0: nothing came before
  tokens?: Said[];
  reason?: string; // why the answer ended; it is being written while there is none
}
export interface Talk {
  turns: Turn[];
  last: number; // the highest key
  chosen: { [parent: number]: number }; // which of several goes on from here
}

export interface ChatModel {
  name: string;
  parameters: number;
  context: number;
  vocabSize: number;
  steps: number;
  data: string;
  weights: string;
  sampling: Sampling;
  maxTokens: number;
}

export interface ChatState {
  model: {
    status: "none" | "wanted" | "fetched" | "opening" | "ready" | "failed";
    id: number | null;
    name: string;
    bytes: Uint8Array | null;
    facts: ChatModel | null;
    problem: string;
  };
  talk: Talk;
  answer: { id: number | null; key: number | null }; // that is being written
  queued: boolean; // a question waits for the model
  sampling: Sampling;
  maxTokens: number;
  problem: string;
}

export type ChatWish =
  | { type: "chat-model"; name: string; bytes: Uint8Array }
  | { type: "chat-model-problem"; message: string }
  | { type: "chat-say"; text: string }
  | { type: "chat-stop" };

export type ChatRequest =
  | { type: "chat-open"; id: number; name: string; bytes: Uint8Array }
  | {
      type: "chat-ask";
      id: number;
      messages: Message[];
      sampling?: Sampling;
      maxTokens?: number;
      seed?: number;
    };

export type ChatAnswer =
  | ({ type: "chat-opened"; id: number } & ChatModel)
  | { type: "chat-said"; id: number; said: Said[] }
  | { type: "chat-answered"; id: number; reason: string; leftOut: number };
