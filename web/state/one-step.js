// One step, slowly, and one number's story: what was asked of Python, and how far the reader is.
/** @import {Action, Opening, Question, State} from "./types.js" */
import { useOf } from "../select/one-step.js";
import { lookedInto, modelAtHand } from "../select/shown-run.js";
import { ask, isFor, on, reducer } from "./helpers.js";
import { textOf } from "./inside.js";

export const LAST = 3; // stages: 1 it reads, 2 every number moves, 3 it reads again

/** @type {State["oneStep"]} */
const NOTHING = {
  model: null,
  text: "",
  stage: 0,
  shade: "gradient",
  wanted: "", // the weight that was picked before there was a step
  jumps: 0, // how often one came from the machine to a story: so often the page goes there
  id: null,
  answer: null,
  problem: "",
  story: { id: null, answer: null, problem: "" },
  graph: { id: null, nodes: [], at: 0, problem: "" }, // `at`: the node where the reader is
};

/** @returns {Pick<State, "oneStep">} */
export const initial = () => ({ oneStep: NOTHING });

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  const next = byType(state, action);
  const model = lookedInto(next)?.id ?? null;
  const { oneStep } = next;
  const other = model !== oneStep.model || action.type === "inside-text";
  const { shade, jumps } = oneStep;
  return other ? { ...next, oneStep: { ...NOTHING, model, shade, jumps } } : next;
}

/** @param {State} state @param {Partial<State["oneStep"]>} values */
const change = (state, values) => on(state, "oneStep", values);

/** @param {State} state @param {Partial<State["oneStep"]["story"]>} values */
const tell = (state, values) => change(state, { story: { ...state.oneStep.story, ...values } });

/** @param {State} state @param {Partial<State["oneStep"]["graph"]>} values */
const walk = (state, values) => change(state, { graph: { ...state.oneStep.graph, ...values } });

const byType = reducer({
  "step-next": (s) => {
    const { stage, answer, id } = s.oneStep;
    if (!modelAtHand(s) || (id !== null && !answer)) return s;
    return answer && stage < LAST ? change(s, { stage: stage + 1 }) : begin(s);
  },
  "step-shade": (s, { shade }) => change(s, { shade }),
  "one-step": (s, { type, id, ...answer }) =>
    isFor({ id }, s.oneStep)
      ? askStory(
          change(s, { answer, stage: 1, id: null, problem: "", wanted: "" }),
          s.oneStep.wanted ? { weight: s.oneStep.wanted } : {},
        )
      : s,
  "pick-weight": (s, { weight, jump }) => {
    const next = jump ? change(s, { jumps: s.oneStep.jumps + 1 }) : s;
    if (next.oneStep.answer || !modelAtHand(next)) return askStory(next, { weight });
    return change(next.oneStep.id === null ? begin(next) : next, { wanted: weight });
  },
  "another-weight": (s, { seed }) => askStory(s, { seed }),
  story: (s, { type, id, ...answer }) =>
    isFor({ id }, s.oneStep.story) ? tell(s, { answer, id: null, problem: "" }) : s,
  "walk-graph": (s) =>
    modelAtHand(s) && s.oneStep.answer
      ? ask(s, { type: "graph", texts: [s.oneStep.text] }, (next, id) => walk(next, { id }))
      : s,
  graph: (s, { id, nodes }) => {
    const { story, graph } = s.oneStep;
    if (!isFor({ id }, graph)) return s;
    return walk(s, { id: null, nodes, at: useOf(nodes, story.answer?.name), problem: "" });
  },
  "graph-node": (s, { at }) => walk(s, { at }),
  refused: (s, { id, message }) => {
    if (isFor({ id }, s.oneStep.graph)) return walk(s, { id: null, problem: message });
    if (isFor({ id }, s.oneStep)) return change(s, { id: null, answer: null, problem: message });
    return isFor({ id }, s.oneStep.story) ? tell(s, { id: null, problem: message }) : s;
  },
});

/** @param {State} state */
function begin(state) {
  const text = textOf(state);
  const { model, shade, jumps } = state.oneStep;
  const fresh = { ...NOTHING, model, shade, jumps, text };
  return ask({ ...state, oneStep: fresh }, { type: "one-step", texts: [text] }, (s, id) =>
    change(s, { id }),
  );
}

/** @param {State} state @param {{weight?: string, seed?: number}} which */
function askStory(state, which) {
  if (!modelAtHand(state) || !state.oneStep.answer) return state;
  /** @type {Question} */
  const question = { type: "story", texts: [state.oneStep.text], ...which };
  return ask(state, question, (s, id) => tell(s, { id }));
}
