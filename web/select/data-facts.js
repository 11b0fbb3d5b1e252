// What the page says of the data: how much there is, and what is held out.
/** @import {State} from "../state/types.js" */
import { count, documents, heldOut } from "./format.js";

/** @param {Pick<State, "data"|"settings"|"described">} state */
export function factsOf({ data, settings, described }) {
  if (data.status !== "ready") {
    // The names that come with the page are known before anything has read them.
    if (data.kind === "names") return "12,000 names, 27 tokens, longest 12 letters; 1,200 held out";
    return data.status === "reading" ? "Reading…" : "As soon as Python is there.";
  }
  const { documents: number = 0, characters = 0, longest: most = 0, vocabSize = 0 } = data;
  const kind = documents(data);
  const held = heldOut(number, settings.val_fraction);
  const end = settings.val_fraction > 0 && described.answer?.heldOut !== 0; // of a running text
  const some =
    data.split === "none" || number === 1
      ? `${count(characters)} characters of running text`
      : `${count(number)} ${kind}`;
  const longest =
    data.split === "none" || number === 1
      ? ""
      : `, longest ${count(most)} ${kind === "names" ? "letters" : "characters"}`;
  const letters =
    settings.tokenizer === "chars"
      ? `${vocabSize} tokens`
      : `${vocabSize - 1} different characters`;
  const name = data.kind === "text" ? `${data.name}: ` : "";
  return `${name}${some}, ${letters}${longest}; ${held ? `${count(held)} held out` : end ? "the end is held out" : "nothing held out"}`;
}
