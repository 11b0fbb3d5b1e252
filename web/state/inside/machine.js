// The machine: which text's numbers are shown, what is followed, and which block is open.
/** @import {Action, Of, Opening, Question, Reduce, State} from "../types.js" */
/** @import {MachineState, WithMachine} from "./machine-types.js" */
import { blocksOf, countOf, firstNumber, matricesOf } from "../../select/inside/blocks.js";
import { lookedInto, modelAtHand, unitOf } from "../../select/shown-run.js";
import { ask, isFor } from "../helpers.js";
import { textOf } from "../inside.js";

const MOVED = ["stopped", "samples", "shipped", "opened", "look-again", "view", "address"];

/** @type {MachineState} */
const NOTHING = {
  model: null,
  text: "",
  focus: null,
  open: null,
  layer: 0,
  number: 0,
  temperature: 1,
  off: [],
  table: false,
  id: null,
  answer: null,
  whole: null,
  wholeId: null,
  problem: "",
};

export const initial = () => ({ machine: NOTHING });

/** @type {Reduce} */
export function reduce(state, action) {
  const next = byType(/** @type {WithMachine} */ (state), action);
  const model = lookedInto(next)?.id ?? null;
  const other = model !== next.machine.model;
  const here = other ? forgotten(next, model) : next;
  const there = here.view === "inside" && modelAtHand(here) !== null;
  return there && (other || MOVED.includes(action.type)) ? look(here) : here;
}

/** @param {WithMachine} state @param {Partial<MachineState>} values @returns {WithMachine} */
const on = (state, values) => ({ ...state, machine: { ...state.machine, ...values } });

/**
 * Another model: what was said of the one before is not true of it. The open block stays, where this
 * one has such a block: a run that begins takes the place of the model that is looked into.
 * @param {WithMachine} state @param {number|null} model
 */
function forgotten(state, model) {
  const { temperature, table, focus, open, layer, number } = state.machine;
  const next = on(state, { ...NOTHING, model, temperature, table, focus, open, layer, number });
  const settings = lookedInto(state)?.settings;
  if (!settings) return next; // one is being made
  const there = on(next, { layer: Math.max(0, Math.min(layer, Number(settings.n_layer) - 1)) });
  const block = blocksFor(there).find(({ key }) => key === open);
  if (!block) return on(there, { open: null, number: 0 });
  const count = countOf(settings, block, 1, Number(settings.vocab_size ?? 1));
  return on(there, { number: Math.min(number, count - 1) });
}

/**
 * @type {{[Type in Action["type"]]?:
 *   (state: WithMachine, action: Of<Action, Type>) => WithMachine}}
 */
const TABLE = {
  "inside-text": (s) => look(on(s, { focus: null })),
  "machine-look": look,
  "machine-focus": (s, { place }) => {
    const last = (s.machine.answer?.tokens.length ?? 1) - 1;
    const focus = Math.max(0, Math.min(last, place));
    return look(on(s, { focus: focus === last ? null : focus }));
  },
  "machine-open": (s, { block }) => {
    const { answer } = s.machine;
    const found = blocksFor(s).find(({ key }) => key === block);
    if (found?.kind === "layer") return look(on(s, { layer: found.layer ?? 0, open: null }));
    const number = firstNumber(found, answer && { ...answer, focus: focusOf(s.machine) });
    return look(on(s, { open: found ? block : null, number }));
  },
  "machine-number": (s, { number }) => look(on(s, { number })),
  "machine-layer": (s, { layer }) => look(on(s, { layer, open: null })),
  "machine-temperature": (s, { temperature }) => on(s, { temperature }),
  "machine-switch": (s, { part }) => {
    const { off } = s.machine;
    const now = off.includes(part) ? off.filter((name) => name !== part) : [...off, part];
    return look(on(s, { off: now }));
  },
  "all-on": (s) => look(on(s, { off: [] })),
  "machine-table": (s) => on(s, { table: !s.machine.table }),
  machine: (s, { type, id, ...answer }) => {
    if (isFor({ id }, { id: s.machine.wholeId }))
      return on(s, { whole: answer, wholeId: null, problem: "" });
    if (!isFor({ id }, s.machine)) return s;
    const { off } = answer;
    return on(s, { answer, id: null, problem: "", ...(off.length ? {} : { whole: null }) });
  },
  refused: (s, { id, message }) => {
    if (isFor({ id }, { id: s.machine.wholeId })) return on(s, { wholeId: null });
    return isFor({ id }, s.machine) ? on(s, { id: null, problem: message }) : s;
  },
};

/** @param {WithMachine} state @param {Action} action @returns {WithMachine} */
function byType(state, action) {
  const change = /** @type {((state: WithMachine, action: Action) => WithMachine)|undefined} */ (
    TABLE[action.type]
  );
  return change ? change(state, action) : state;
}

/** The position that is followed, in what is shown. @param {MachineState} machine */
export function focusOf({ focus, answer }) {
  const last = (answer?.tokens.length ?? 1) - 1;
  return Math.min(focus ?? last, last);
}

/** The blocks of the model that is shown. @param {WithMachine} state */
export function blocksFor(state) {
  const model = lookedInto(state);
  if (!model) return [];
  const vocabulary = Number(model.settings.vocab_size ?? 27);
  return blocksOf(model.settings, unitOf(model), state.machine.layer, vocabulary);
}

/**
 * Ask for the numbers as they are now, and with them for the weights of the open block: so that both
 * are of one step.
 * @param {WithMachine} state @returns {WithMachine}
 */
function look(state) {
  const model = modelAtHand(state);
  if (!model) return state;
  const { machine } = state;
  const text = textOf(state);
  const { focus, off, number } = machine;
  const block = blocksFor(state).find(({ key }) => key === machine.open);
  const matrices = matricesOf(model.settings, block, number);
  const next = asked(state, { type: "machine", text, focus, off, matrices }, (s, id) =>
    on(s, { id, text }),
  );
  if (!off.length) return next;
  return asked(next, { type: "machine", text, focus, off: [], matrices: [] }, (s, wholeId) =>
    on(s, { wholeId }),
  );
}

/**
 * @param {WithMachine} state @param {Question} question
 * @param {(state: WithMachine, id: number) => WithMachine} remember
 */
function asked(state, question, remember) {
  /** @param {State} now @param {number} id */
  const keep = (now, id) => remember(/** @type {WithMachine} */ (now), id);
  return /** @type {WithMachine} */ (ask(state, question, keep));
}
