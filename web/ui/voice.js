// The one live region: it speaks at milestones and is silent in between.
import { text } from "../dom.js";

export const mount = (element) => (state) => text(element, state.said);
