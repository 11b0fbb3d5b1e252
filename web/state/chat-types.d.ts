// The view Chat: what its state is made of, what changes it, and what the worker is asked: for the
// checker alone, no script of the page imports it.
import type { Sampling } from "../protocol.js";
import type { ServerState, ServerWish } from "./server-types.js";

/** Of an answer: what the model wrote, a call of a tool, and what the tool gave back. */
export type PartKind = "text" | "python" | "python_output";
export type TurnPart = { type: PartKind; text: string };
export type Message = { role: "user" | "assistant"; parts: TurnPart[] };
/** What one token adds to an answer; `probability` is null where a tool wrote it. */
export type Said = {
  kind: PartKind;
  text: string;
  probability: number | null;
  id: number;
  likely?: Likely[]; // where a server has told them
};
/** What might have come in place of a token; `name` is that of a special one. */
export type Likely = { id: number; text: string; name: string | null; p: number };

/** A message and its place in the tree of all that was said. */
export interface Turn extends Message {
  key: number;
  parent: number; // 0: nothing came before
  tokens?: Said[];
  weights?: string; // the mark of the model that said it
  reason?: string; // why the answer ended; it is being written while there is none
  copied?: [number, number][] | null; // stretches of its text that stand in the model's data
  by?: string; // the model that said it
  at?: string; // the server of that model; none where it ran in this tab
  leftOut?: number; // turns that the model no longer saw
}
export interface Talk {
  turns: Turn[];
  last: number; // the highest key
  chosen: { [parent: number]: number }; // which of several goes on from here
}

export type ChatSettings = { sampling: Sampling; maxTokens: number; system: string };
export interface ChatModel extends ChatSettings {
  name: string;
  bytes: number;
  parameters: number;
  context: number;
  vocabSize: number;
  steps: number;
  data: string;
  weights: string;
  copies: number; // bytes of the index of what it learned to say; 0: there is none
  commands: [typed: string, does: string][];
}
/** A model's file that an address names: it is fetched when the reader says so. */
export type Offered = {
  url: string;
  origin: string;
  bytes: number | null;
  sha256: string;
  problem?: string; // why it cannot be fetched
};
/** A talk that this browser keeps. */
export type KeptTalk = { id: string; title: string; saved: number; empty: boolean };
export type JudgeRow = {
  name: string;
  tools: boolean;
  right: number;
  tries: number;
  of: number;
  bits?: number | null; // a byte: of texts, which have no right answer
};

export interface ChatState {
  model: {
    status: "none" | "wanted" | "fetched" | "opening" | "ready" | "failed";
    id: number | null;
    name: string;
    bytes: Uint8Array | null;
    facts: ChatModel | null;
    problem: string;
  };
  offered: (Offered & { got: number | null; problem: string; never: boolean }) | null;
  id: string; // by this the talk is kept; "" as long as nobody has looked
  kept: KeptTalk[];
  talk: Talk;
  answer: { id: number | null; key: number | null }; // that is being written
  late: { id: number | null; key: number | null }; // that was stopped, and of which more is told
  queued: boolean; // a question waits for the model
  settings: ChatSettings;
  chosen: Partial<Pick<ChatSettings, "sampling" | "maxTokens">>; // by the reader, in this talk
  sure: boolean; // each token shows how sure the model was
  marks: boolean; // what stands in its data is marked
  editing: number | null; // the message that is being changed
  likely: { id: number | null; key: number; at: number; tokens: Likely[] } | null;
  command: { id: number | null; lines: string[] }; // which is being done, and those that wait
  reading: { id: number | null }; // a file with a conversation
  notes: string[]; // what commands have said
  judge: { id: number | null; rows: JudgeRow[]; done: boolean; problem: string };
  server: ServerState;
  link: string; // the talk as an address, to be copied
  problem: string;
}

export type ChatWish =
  | ServerWish
  | { type: "chat-model"; name: string; bytes: Uint8Array }
  | { type: "chat-model-problem"; message: string }
  | {
      type:
        | "chat-shipped"
        | "chat-stop"
        | "chat-new"
        | "chat-save"
        | "chat-link"
        | "chat-fetch"
        | "chat-keep-model";
    }
  | { type: "chat-offered"; offered: Offered }
  | { type: "chat-got"; got: number }
  | { type: "chat-fetch-problem"; message: string }
  | { type: "chat-say"; text: string }
  | { type: "chat-again" | "chat-delete"; key: number }
  | { type: "chat-edit"; key: number | null }
  | { type: "chat-edited"; key: number; text: string }
  | { type: "chat-branch"; key: number; by: number }
  | { type: "chat-show"; sure?: boolean; marks?: boolean }
  | { type: "chat-likely"; key: number; at: number | null }
  | { type: "chat-instead"; key: number; at: number; token: number }
  | { type: "chat-kept"; kept: KeptTalk[] }
  | { type: "chat-talk"; id: string; talk: Talk; system?: string; chosen?: ChatState["chosen"] }
  | { type: "chat-open-talk" | "chat-forget"; id: string }
  | { type: "chat-file"; name: string; bytes: Uint8Array }
  | { type: "chat-shared"; messages: Message[]; system: string }
  | { type: "chat-linked"; link: string }
  | { type: "chat-problem"; message: string }
  | { type: "chat-judge" | "chat-judge-stop" };

export type ChatRequest =
  | { type: "chat-open"; id: number; name: string; bytes: Uint8Array }
  | ({ type: "chat-ask"; id: number; messages: Message[]; opening?: number[] } & ChatSettings)
  | ({ type: "chat-likeliest"; id: number; messages: Message[]; written: number[] } & ChatSettings)
  | ({ type: "chat-command"; id: number; line: string } & ChatSettings)
  | { type: "chat-read"; id: number; name: string; bytes: Uint8Array }
  | { type: "chat-judge"; id: number };

export type ChatAnswer =
  | ({ type: "chat-opened"; id: number } & ChatModel)
  | { type: "chat-said"; id: number; said: Said[]; tokens?: Said[] }
  | {
      type: "chat-answered";
      id: number;
      reason: string;
      leftOut: number;
      copied: [number, number][] | null;
    }
  | { type: "chat-likeliest"; id: number; tokens: Likely[] }
  | ({
      type: "chat-done";
      id: number;
      name: string;
      rest: string;
      said: string | null;
    } & ChatSettings)
  | { type: "chat-messages"; id: number; messages: Message[]; system: string }
  | { type: "chat-judging"; id: number; row: JudgeRow }
  | { type: "chat-judged"; id: number };
