// The view Tokens: its components by name. main.js loads them when the view is first opened.
import * as learn from "./learn.js";
import * as text from "./text.js";
import * as replay from "./replay.js";
import * as cut from "./cut.js";
import * as merges from "./merges.js";

export const components = {
  "tokens/learn": learn,
  "tokens/text": text,
  "tokens/replay": replay,
  "tokens/cut": cut,
  "tokens/merges": merges,
};
