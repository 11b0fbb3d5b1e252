// Under the chart: keep this curve, and the curves that are kept, each with its line and its end.
import { fill, make, show } from "../dom.js";
import { compared, ownLabel } from "../compare.js";
import { count, loss } from "../format.js";
import { story } from "../story.js";

export function mount(element, send) {
  const list = element.querySelector("ol");
  const keep = element.querySelector("[data-keep]");
  keep.addEventListener("click", () => send({ type: "keep-curve" }));

  return (state) => {
    const { run } = state;
    const kept = compared(state);
    const there = run?.ready && (run.losses?.values.length || run.losses?.before);
    const already =
      run && state.compare.some((curve) => curve.run.id === run.id && curve.run.step === run.step);
    show(element, Boolean(there) || kept.length > 0);
    show(keep, Boolean(there));
    keep.disabled = Boolean(already);
    show(list, kept.length > 0);
    const label = ownLabel(state);
    const own = label && { letter: "own", label, run: story(state) };
    const key = JSON.stringify([kept.map((curve) => [curve.key, curve.label]), own && endOf(own)]);
    fill(list, key, () => [...(own ? [item(own, send)] : []), ...kept.map((c) => item(c, send))]);
  };
}

function endOf({ label, run }) {
  const held = run.evaluations.at(-1);
  const now = run.curve.now;
  const ends = [held && `held out ${loss(held.loss)}`, now !== null && `smoothed ${loss(now)}`];
  return [label, `${ends.filter(Boolean).join(", ")} at step ${count(run.step)}`];
}

function item({ key, letter, label, run }, send) {
  const drop = () => send({ type: "drop-curve", key });
  const name = `Remove ${letter}, ${label}`;
  const remove = make(
    "button",
    { class: "act", type: "button", "aria-label": name, onclick: drop },
    "Remove",
  );
  const own = letter === "own";
  return make(
    "li",
    { class: "curve" },
    make("i", { class: `curve__line curve__line--${letter}`, "aria-hidden": "true" }),
    make("b", {}, own ? "This run" : letter),
    make("span", {}, label),
    make("small", {}, endOf({ label, run })[1]),
    ...(own ? [] : [remove]),
  );
}
