// The machine of Inside: what its state is made of and what changes it: for the checker alone, no
// script of the page imports it.
import type { Machine } from "../../protocol.js";
import type { State } from "../types.js";

export interface MachineState {
  model: number | null; // the id of the model whose numbers these are
  text: string; // that was asked about
  focus: number | null; // the position that is followed; null: the last
  open: string | null; // the block whose numbers are shown
  layer: number; // of several layers, the one that is not folded
  number: number; // which number of the open block is explained
  temperature: number;
  off: string[]; // parts that are switched off
  table: boolean;
  id: number | null;
  answer: Machine | null;
  whole: Machine | null; // with every part on, where one is off
  wholeId: number | null;
  problem: string;
}

export type MachineWish =
  | { type: "machine-focus"; place: number }
  | { type: "machine-open"; block: string | null }
  | { type: "machine-number"; number: number }
  | { type: "machine-layer"; layer: number }
  | { type: "machine-temperature"; temperature: number }
  | { type: "machine-switch"; part: string }
  | { type: "machine-table" | "machine-look" | "all-on" };

/** The state with what the view Inside has brought along. */
export type WithMachine = State & { machine: MachineState };
