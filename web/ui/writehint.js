// Whose writing it is.
import { text } from "../dom.js";

export const mount = (element) => (state) =>
  text(
    element,
    state.run && !state.run.opening
      ? "and see what it would say next"
      : "as soon as there is a model; here is the recorded one",
  );
