// Six questions that lead through the page, in an order that teaches: each has an address that sets
// the page, and is asked there. After a run the next one is offered.
/** @import {State} from "../state/types.js" */
import { FIELDS } from "../settings/fields.js";
import { pending } from "./shown-run.js";

/**
 * @typedef {object} Question
 * @property {string} name @property {string} title  what the link says
 * @property {string} ask  the question, and what to do to answer it
 * @property {string} address
 */

/** @type {Question[]} */
export const QUESTIONS = [
  {
    name: "guess",
    title: "What does a model know before it has learned anything?",
    ask: "Press the green button: this run makes one step only. There are 27 tokens. Why is the loss close to 3.30, and what would it be if every guess were right?",
    address: "#train?preset=microgpt&dtype=float32&batch_size=32&steps=1&seed=1&question=guess",
  },
  {
    name: "surprise",
    title: "Which letter surprises it?",
    ask: "Train it, then look at the bars under Write with it: what does it expect after “q”? Type other letters. After which one is it least sure, and what does that do to the loss?",
    address: "#train?prompt=q&question=surprise",
  },
  {
    name: "step",
    title: "What if every step is a hundred times as large?",
    ask: "The learning rate is 1 instead of 0.01. Keep the curve you have, press Start, and compare. Does it learn faster?",
    address: "#train?preset=microgpt&dtype=float32&steps=3000&batch_size=32&lr=1&question=step",
  },
  {
    name: "attention",
    title: "Where does it look before it chooses a letter?",
    ask: "Press one head after the other. Which one looks mostly at the letter just before? Then change a letter of the name: which rows change, and which cannot?",
    address: "#inside?look=amelia&question=attention",
  },
  {
    name: "memorising",
    title: "When does it stop learning and start to memorise?",
    ask: "A larger model has only 1,800 names to learn from. Press Start and watch the two curves. From which step on does it get better only on the names that it has seen?",
    address:
      "#train?data=names-1800&preset=microgpt&dtype=float32&n_layer=2&n_embd=32&steps=1500&batch_size=32&question=memorising",
  },
  {
    name: "tokens",
    title: "What if it reads pieces of words instead of letters?",
    ask: "Learn the merges from the stories and press Play. Which two letters are joined first, and why these? How many tokens does the text need before and after?",
    address: "#tokens?data=stories&question=tokens",
  },
];

const CLIMBED =
  " The loss of the run in this tab climbed, so its heads show little. First press Start a new run on Train: the learning rate is 0.01 again.";

/**
 * The question that is being asked, with its number and the view it is about, or null.
 * @param {Pick<State, "question"|"run">} state
 */
export function askedQuestion({ question, run }) {
  const number = QUESTIONS.findIndex(({ name }) => name === question);
  if (number < 0) return null;
  const asked = QUESTIONS[number];
  const view = asked.address.slice(1).split("?")[0];
  const climbed = view === "inside" && run?.outcome?.kind === "diverged";
  return { ...asked, ask: `${asked.ask}${climbed ? CLIMBED : ""}`, number: number + 1, view };
}

/**
 * What a view shows of it: the question that is about this view, and what to try next. Where
 * nothing is asked, Train brings the first.
 * @param {string} view @param {State} state
 */
export function questionIn(view, state) {
  const asked = askedQuestion(state);
  if (asked) return asked.view === view ? { asked, next: nextQuestion(state) } : {};
  return view === "train" ? { next: nextQuestion(state) } : {};
}

/**
 * What to try next: after a run, and where the question that is asked has been answered.
 * @param {State} state
 */
export function nextQuestion(state) {
  const asked = askedQuestion(state);
  const done = asked ? isAnswered(asked.name, state) : isOver(state);
  return done ? (QUESTIONS[asked?.number ?? 0] ?? null) : null;
}

/** @param {string} name @param {State} state */
function isAnswered(name, state) {
  if (name === "attention") return state.view === "inside";
  if (name === "tokens") return Boolean(state.tokens.trained);
  return isOver(state) && !pending(state, FIELDS).length;
}

/** @param {State} state */
const isOver = ({ run }) =>
  run?.origin === "new" && ["done", "stopped", "diverged"].includes(run.status);
