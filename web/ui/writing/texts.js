// What it writes where that is a text: one wide column, and a slider over the steps.
/** @import {Mount, Sample} from "../../state/types.js" */
import { count, readable } from "../../select/format.js";
import { isLive, shownRun, writesTexts } from "../../select/shown-run.js";
import { byName, hiddenText, make, replaceIfChanged, setAttribute, setVisible } from "../dom.js";

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [slider, at, body] = ["slider", "at", "body"].map(find);
  /** @type {number[]} */
  let steps = [];
  slider.addEventListener("input", () => {
    const place = Number(slider.value);
    // At its end it follows the run.
    send({ type: "samples-at", step: place < steps.length - 1 ? steps[place] : null });
  });

  return (state) => {
    const run = shownRun(state);
    const coming = state.preview.id ? state.preview.texts : [];
    const texts = Boolean(run && writesTexts(run, coming));
    setVisible(element, texts);
    if (!run || !texts) return;
    const { history } = run;
    steps = history.map(({ step }) => step);
    const place = state.samplesAt === null ? -1 : nearest(steps, state.samplesAt);
    const now = place < 0 || place === steps.length - 1;
    const shown = history.at(place) ?? run.live;
    const step = shown?.step ?? run.step;
    const live = now && (isLive(run) || coming.length > 0);
    setVisible(slider.parentElement, steps.length > 1);
    setAttribute(slider, "max", Math.max(0, steps.length - 1));
    slider.value = String(now ? steps.length - 1 : place);
    const words = live ? ", now" : now ? ", the last" : "";
    setAttribute(slider, "aria-valuetext", `step ${count(step)}${words}`);
    replaceIfChanged(at, `${step}${words}`, () => [make("b", {}, count(step)), words]);
    const samples = coming.length ? coming.map((text) => ({ text, new: null })) : shown?.samples;
    replaceIfChanged(body, JSON.stringify([step, live, samples]), () =>
      (samples ?? []).map((sample, i, all) => passage(sample, live && i === all.length - 1)),
    );
    setAttribute(body, "class", `texts__body${live ? " texts__body--live" : ""}`);
  };
}

/**
 * Where a step stands in the list, or the one before it where that is gone.
 * @param {number[]} steps @param {number} step
 */
const nearest = (steps, step) =>
  Math.max(
    0,
    steps.findLastIndex((other) => other <= step),
  );

/** @param {Sample} sample @param {boolean} last */
function passage({ text, new: fresh }, last) {
  const look = fresh === false ? "seen" : fresh ? "new" : "plain";
  const words = make("span", { class: last ? "caret" : null }, readable(text) || "(nothing)");
  const note = fresh === null ? [] : [hiddenText(fresh ? " new" : " seen")];
  return make("p", { class: `passage name--${look}` }, words, ...note);
}
