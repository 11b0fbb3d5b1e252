// What a component is, and what it is given to show: for the checker alone, no script of the page imports it.
import type { Site } from "../protocol.js";
import type { BenchmarkResult, Run, State, Value, Wish } from "../state/types.js";

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
  narrow?: boolean; // a wide window says it in another place
  title: string;
  text: string;
  alarm?: boolean;
  actions?: [words: string, action: Wish][];
};
