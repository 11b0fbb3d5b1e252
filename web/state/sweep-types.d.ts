// The sweep of Train: for the checker alone, no script of the page imports it.
import type { Settings } from "../protocol.js";
import type { State } from "./types.js";

export type Trial = {
  settings: Settings;
  names: string[]; // of the settings that are tried
  how: "waiting" | "training" | "done" | "diverged" | "failed" | "stopped";
  step: number;
  curve: { step: number; loss: number }[]; // on held-out data
  loss: number | null; // at its end
  why: string;
};
export type SweepState = {
  axes: { name: string; text: string }[];
  round: number;
  busy: boolean;
  problem: string;
  trials: Trial[];
};
/** The state with what the fold Sweep has brought along. */
export type WithSweep = State & { sweep: SweepState };

export type SweepNews = Partial<Pick<Trial, "how" | "step" | "why">> & {
  point?: Trial["curve"][0];
};
export type SweepWish =
  | { type: "sweep-axis"; at: number; name: string; text?: string }
  | { type: "sweep-start" | "sweep-stop" }
  | ({ type: "sweep-news"; round: number; trial: number } & SweepNews);
