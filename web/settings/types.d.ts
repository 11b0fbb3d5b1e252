// How a setting is described: for the checker alone, no script of the page imports it.
import type { DataKind, Sampling, Settings } from "../protocol.js";
import type { PageSettings, Value, View } from "../state/types.js";

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
