// Talking to a server in place of the model in this tab: for the checker alone, no script of the
// page imports it.
import type { Said } from "./chat-types.js";

/** What is sent to a server to have an answer written. */
export interface Body {
  model: string;
  messages: { role: string; content: string }[];
  stream: true;
  [field: string]: unknown;
}
/** A server, as its address is read; `problem` where it is none that a page may ask. */
export type Place = { base: string; host: string; problem: string };
/** An answer that is wanted: it is fetched as soon as this stands in the state. */
export type ServerRequest = { id: number; place: Place; key: string; body: Body };
/** What the browser keeps between visits. */
export type KeptServer = { on: boolean; address: string; key: string; model: string };
/** What went wrong, and a command that helps. */
export type Trouble = { message: string; command: string };

export interface ServerState extends KeptServer {
  page: string; // the origin of this page
  models: string[] | null; // that it says it has
  asking: boolean; // for its models
  trouble: Trouble | null;
  request: ServerRequest | null;
}

export type ServerWish =
  | { type: "server-begin"; page: string; kept: KeptServer | null; own: string }
  | { type: "server-set"; values: Partial<Pick<ServerState, "address" | "key" | "model">> }
  | { type: "server-ask" | "server-forget" }
  | { type: "server-models"; address: string; models: string[] }
  | { type: "server-trouble"; trouble: Trouble }
  | { type: "server-use"; on: boolean };

/** What an event of a stream adds to an answer. */
export type Heard = { said: Said[]; tokens: Said[]; reason: string };
