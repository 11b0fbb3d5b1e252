// What Inside shows besides its tables: its components by name, and its parts of the state. main.js
// loads them when the view is first opened.
import * as interveneState from "../../state/inside/intervene.js";
import * as machineState from "../../state/inside/machine.js";
import * as intervene from "./intervene.js";
import * as machine from "./machine/index.js";
import * as oneStep from "./one-step.js";
import * as number from "./number.js";

export const parts = [machineState, interveneState];
export const components = {
  "inside/machine": machine,
  "inside/intervene": intervene,
  "inside/one-step": oneStep,
  "inside/number": number,
};
