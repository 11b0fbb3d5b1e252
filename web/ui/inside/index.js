// What Inside shows below its pictures: its components by name. main.js loads them when the view is
// first opened.
import * as oneStep from "./one-step.js";
import * as number from "./number.js";

export const components = { "inside/one-step": oneStep, "inside/number": number };
