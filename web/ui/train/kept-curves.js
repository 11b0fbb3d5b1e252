// Under the chart: keep this curve, and the curves that are kept, each with its line and its end.
/** @import {Evaluation, KeptCurve, Mount, Send, ShownRun} from "../../state/types.js" */
import { make, onPress, one, replaceIfChanged, setDisabled, setText, setVisible } from "../dom.js";
import { compared, ownLabel } from "../../select/kept-curves.js";
import { count, loss } from "../../select/format.js";
import { shownRun, unitOf } from "../../select/shown-run.js";

/** @type {Mount} */
export function mount(element, send) {
  const list = one(element, "ol");
  const keep = one(element, "[data-keep]");
  const own = line("own");
  onPress(keep, () => send({ type: "keep-curve" }));

  return (state) => {
    const { run } = state;
    const kept = compared(state);
    const there = run?.ready && run.curve.seen > 0;
    const already =
      run &&
      state.keptCurves.some((curve) => curve.run.id === run.id && curve.run.step === run.step);
    setVisible(element, Boolean(there) || kept.length > 0);
    setVisible(keep, Boolean(there));
    setDisabled(keep, Boolean(already));
    setVisible(list, kept.length > 0);
    const label = ownLabel(state);
    setVisible(own, Boolean(label));
    const shown = [shownRun(state), ...kept.map((curve) => curve.run)].filter(
      (each) => each !== null,
    );
    const several = shown.some((other) => unitOf(other) === "token");
    const [current] = shown;
    if (label) tell(own, "This run", label, current, several);
    const key = JSON.stringify([several, ...kept.map((curve) => [curve.key, curve.label])]);
    replaceIfChanged(list, key, () => [own, ...kept.map((curve) => item(curve, several, send))]);
  };
}

/** @param {string} letter */
function line(letter) {
  const picture = make("i", { class: `curve__line curve__line--${letter}`, "aria-hidden": "true" });
  return make("li", { class: "curve" }, picture, make("b"), make("span"), make("small"));
}

/** @param {Element} element @param {string} name @param {string} label @param {ShownRun} run @param {boolean} several */
function tell(element, name, label, run, several) {
  const [letter, words, end] = ["b", "span", "small"].map((tag) => one(element, tag));
  setText(letter, name);
  setText(words, label);
  setText(end, endOf(run, several));
}

/** @param {KeptCurve} given @param {boolean} several @param {Send} send */
function item({ key, letter, label, run }, several, send) {
  const element = line(letter);
  tell(element, letter, label, run, several);
  const drop = () => send({ type: "drop-curve", key });
  const name = `Remove ${letter}, ${label}`;
  const attributes = { class: "act", type: "button", "aria-label": name, onclick: drop };
  element.append(make("button", attributes, "Remove"));
  return element;
}

/** @param {ShownRun} run @param {boolean} several */
function endOf(run, several) {
  const held = run.evaluations.at(-1);
  const now = run.curve.now;
  // Losses are by token; bits a byte compare runs with different tokenizers.
  /** @param {Evaluation} given */
  const bits = ({ bitsPerByte: b }) => (several && b ? ` (${loss(b)} bits a byte)` : "");
  const ends = [
    held && `held out ${loss(held.loss)}${bits(held)}`,
    now !== null && `smoothed ${loss(now)}`,
  ];
  return `${ends.filter(Boolean).join(", ")} at step ${count(run.step)}`;
}
