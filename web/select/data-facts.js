// What the page says of the data: how much there is, and what is held out.
/** @import {State} from "../state/types.js" */
import { count, documents, heldOut, isTask, loss, percent, steps } from "./format.js";

/** @type {{[encoding: string]: string}} */
const ENCODINGS = {
  "windows-1252": "Windows text",
  "utf-16": "UTF-16 text",
  "utf-16-le": "UTF-16 text",
  "utf-16-be": "UTF-16 text",
};

/** Words of the button that reads a text as what it seems to be. @param {string} encoding */
export const readAs = (encoding) => `Read it as ${ENCODINGS[encoding] ?? encoding}`;

/** @param {Pick<State, "data"|"settings"|"described">} state */
export function factsOf({ data, settings, described }) {
  if (data.status !== "ready") {
    // The names that come with the page are known before anything has read them.
    if (data.kind === "names") return "12,000 names, 27 tokens, longest 12 letters; 1,200 held out";
    return data.status === "reading" ? "Reading…" : "As soon as Python is there.";
  }
  const { documents: number = 0, characters = 0, longest: most = 0, vocabSize = 0 } = data;
  const kind = documents(data);
  const held = isTask(data.kind)
    ? (described.answer?.heldOut ?? 0) // a task has its own
    : heldOut(number, settings.val_fraction);
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

/**
 * What is to be said of the data for the run that is planned, once they have been looked at.
 * @param {Pick<State, "verdict"|"settings">} state
 */
export function verdictOf({ verdict: { answer, current }, settings }) {
  if (!answer || !current) return null;
  const { passes, pairs, tokens } = answer.facts;
  const often =
    passes < 1
      ? `${percent(passes)}% of it`
      : passes < 1.5
        ? "it once"
        : `it ${passes < 9.5 ? passes.toFixed(1) : count(passes)} times`;
  const read = settings.steps === 1 ? "reads" : "read";
  const pair = Number.isFinite(pairs) ? ` Counting pairs gives a loss of ${loss(pairs)}.` : "";
  return {
    sum: `${count(tokens)} tokens to learn from; ${steps(settings.steps)} ${read} ${often}.${pair}`,
    advice: answer.advice,
  };
}
