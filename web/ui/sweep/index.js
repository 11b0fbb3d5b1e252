// The fold Sweep on Train: its component, its part of the state and its workers. main.js loads them
// when the fold is first opened.
import * as state from "../../settings/sweep.js";
import * as sweep from "./form.js";
import * as workers from "./workers.js";

export const components = { "sweep/sweep": sweep };
export const parts = [state];
export const createEffects = workers.createEffects;
