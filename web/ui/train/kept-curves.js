// Under the chart: keep this curve, and the curves that are kept, each with its line and its end.
import { make, replaceIfChanged, setText, setVisible } from "../dom.js";
import { compared, ownLabel } from "../../select/kept-curves.js";
import { count, loss } from "../../select/format.js";
import { shownRun, unitOf } from "../../select/shown-run.js";

export function mount(element, send) {
  const list = element.querySelector("ol");
  const keep = element.querySelector("[data-keep]");
  const own = line("own");
  keep.addEventListener("click", () => send({ type: "keep-curve" }));

  return (state) => {
    const { run } = state;
    const kept = compared(state);
    const there = run?.ready && run.curve.seen > 0;
    const already =
      run && state.keptCurves.some((curve) => curve.run.id === run.id && curve.run.step === run.step);
    setVisible(element, Boolean(there) || kept.length > 0);
    setVisible(keep, Boolean(there));
    keep.disabled = Boolean(already);
    setVisible(list, kept.length > 0);
    const label = ownLabel(state);
    setVisible(own, Boolean(label));
    const shown = [shownRun(state), ...kept.map((curve) => curve.run)].filter(Boolean);
    const several = shown.some((other) => unitOf(other) === "token");
    if (label) tell(own, "This run", label, shownRun(state), several);
    const key = JSON.stringify([several, ...kept.map((curve) => [curve.key, curve.label])]);
    replaceIfChanged(list, key, () => [own, ...kept.map((curve) => item(curve, several, send))]);
  };
}

function line(letter) {
  const picture = make("i", { class: `curve__line curve__line--${letter}`, "aria-hidden": "true" });
  return make("li", { class: "curve" }, picture, make("b"), make("span"), make("small"));
}

function tell(element, name, label, run, several) {
  const [letter, words, end] = ["b", "span", "small"].map((tag) => element.querySelector(tag));
  setText(letter, name);
  setText(words, label);
  setText(end, endOf(run, several));
}

function item({ key, letter, label, run }, several, send) {
  const element = line(letter);
  tell(element, letter, label, run, several);
  const drop = () => send({ type: "drop-curve", key });
  const name = `Remove ${letter}, ${label}`;
  const attributes = { class: "act", type: "button", "aria-label": name, onclick: drop };
  element.append(make("button", attributes, "Remove"));
  return element;
}

function endOf(run, several) {
  const held = run.evaluations.at(-1);
  const now = run.curve.now;
  // Losses are by token; bits a byte compare runs with different tokenizers.
  const bits = ({ bitsPerByte: b }) => (several && b ? ` (${loss(b)} bits a byte)` : "");
  const ends = [held && `held out ${loss(held.loss)}${bits(held)}`, now !== null && `smoothed ${loss(now)}`];
  return `${ends.filter(Boolean).join(", ")} at step ${count(run.step)}`;
}
