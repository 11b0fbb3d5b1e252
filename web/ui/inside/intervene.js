// See and intervene: parts off or patched, early guesses, neurons, and what heads do; one at a time.
/** @import {Experiment, Mount, WithIntervene} from "../../state/types.js" */
import { lookedInto, modelAtHand, unitOf } from "../../select/shown-run.js";
import { count } from "../../select/format.js";
import { make, setText, setVisible } from "../dom.js";
import { headScores } from "./head-scores.js";
import { logitLens } from "./lens.js";
import { neuron } from "./neuron.js";
import { partsOff } from "./parts-off.js";
import { patchedPart } from "./patch.js";
import { radios } from "./pieces.js";

/** @type {{[panel in Experiment]: string}} */
const LABELS = {
  off: "Switch off",
  patch: "Patch",
  lens: "Layer by layer",
  neuron: "A neuron",
  heads: "What heads do",
};

/** @type {Mount} */
export function mount(element, send) {
  const choice = radios("intervene-panel", "Experiment", LABELS);
  const bad = make("p", { class: "bad", role: "alert", hidden: true, "data-problem": true });
  const at = make("p", { class: "facts", hidden: true });
  const about = make("span", { class: "prose" }, "what each part is for, by trying without it");
  const panels = {
    off: partsOff(send),
    patch: patchedPart(send),
    lens: logitLens(),
    neuron: neuron(send),
    heads: headScores(send),
  };
  choice.onChange((panel) => send({ type: "intervene-panel", panel }));
  element.append(
    make("h2", { id: "intervene-title" }, "See and intervene ", about),
    make("div", { class: "intervene__bar" }, choice.element),
    ...[bad, at],
    ...Object.values(panels).map((panel) => panel.element),
  );

  return (state) => {
    const { panel, looks } = /** @type {WithIntervene} */ (state).intervene;
    const model = lookedInto(state);
    const here = Boolean(modelAtHand(state) && model);
    setVisible(element, here);
    if (!here || !model) return;
    choice.set(panel);
    const shown = panel === "off" ? looks.each : looks[panel];
    const problem = shown.problem || (panel === "off" ? looks.off.problem : "");
    // A text that cannot be read is complained of where it is typed.
    setText(bad, problem === state.inside.attention.problem ? "" : problem);
    setVisible(bad, Boolean(bad.textContent));
    setText(at, `Of step ${count(shown.step)}; Refresh asks the model as it is now.`);
    setVisible(at, Boolean(shown.answer) && shown.step !== model.step);
    const [layers, heads] = [Number(model.settings.n_layer), Number(model.settings.n_head)];
    for (const [name, { element: own, update }] of Object.entries(panels)) {
      const asked = name === panel ? looks[/** @type {Experiment} */ (name)] : null;
      const touched = name === "off" ? looks.each.answer : asked?.answer;
      setVisible(
        own,
        name === panel &&
          (Boolean(touched) || (name === "patch" && !state.inside.attention.problem)),
      );
      if (name === panel) update(state, unitOf(model), layers, heads);
    }
  };
}
