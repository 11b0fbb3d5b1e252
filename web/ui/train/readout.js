// The numbers above the chart.
/** @import {Mount, ShownRun} from "../../state/types.js" */
import { byName, make, replaceIfChanged, setText, setVisible } from "../dom.js";
import { count, duration, loss, percent, rate } from "../../select/format.js";
import { isLive, likePicking, shownRun, unitOf } from "../../select/shown-run.js";

/** @type {Mount} */
export function mount(element) {
  const find = byName(element);
  const [stamp, step, value, held, right, speed, label, time] = [
    "stamp",
    "step",
    "loss",
    "held",
    "right",
    "speed",
    "time-label",
    "time",
  ].map(find);

  return (state) => {
    const run = shownRun(state);
    if (!run) return;
    setVisible(stamp, Boolean(run.recorded));
    write(step, count(run.step), ["sub", `of ${count(run.steps)}${pausesAt(run)}`]);
    const now = run.curve.now;
    write(
      value,
      now === null ? "–" : loss(now),
      now === null ? null : ["sub", likePicking(now, run, unitOf(run))],
    );
    const last = run.evaluations.at(-1);
    const heldOut = last?.loss ?? run.note?.loss;
    // Loss is by token; where there are several tokenizers, bits a byte can be compared.
    const runs = [run, ...state.keptCurves.map((curve) => curve.run)];
    const several = runs.some((other) => unitOf(other) === "token") && last?.bitsPerByte;
    const bits = several ? ["sub", `${loss(several)} bits a byte`] : null;
    write(held, heldOut === undefined ? "–" : loss(heldOut), bits);
    const answered = run.exact.at(-1);
    setVisible(right.parentElement, Boolean(answered));
    if (answered)
      write(right, `${percent(answered.right / answered.tries)}%`, [
        "sub",
        `of ${count(answered.tries)} questions`,
      ]);
    const { pace, tokens } = speedOf(run);
    write(
      speed,
      pace ? rate(pace) : "–",
      pace ? ["", "steps/s"] : null,
      tokens ? ["sub", `${rate(tokens)} tokens/s`] : null,
    );
    const left = isLive(run) && pace ? (run.steps - run.step) / pace : null;
    setText(label, isLive(run) ? "Left" : "Took");
    const [number, timeUnit] =
      left !== null
        ? duration(left)
        : run.seconds && !isLive(run)
          ? duration(run.seconds)
          : ["–", ""];
    write(
      time,
      number,
      timeUnit ? ["", timeUnit] : null,
      left === null && timeUnit && !run.recorded ? ["sub", "for its steps"] : null,
    );
  };
}

/**
 * A run whose end was moved back pauses there; its learning rate falls as planned at first.
 * @param {ShownRun & {goal?: number|null}} run
 */
const pausesAt = ({ goal, step, steps }) =>
  goal && goal < steps && goal > step + 1 ? `, pauses at ${count(goal)}` : "";

/**
 * By the clock while it runs, its slow pace included; after that, what the computing took.
 * @param {ShownRun} run
 */
function speedOf(run) {
  if (isLive(run) || !run.seconds || run.recorded)
    return { pace: run.stepsPerSecond, tokens: run.tokensPerSecond };
  const steps = run.curve.seen;
  return { pace: steps / run.seconds, tokens: 0 };
}

/** @param {Element} element @param {string} main @param {(string[]|null)[]} small */
function write(element, main, ...small) {
  const parts = small.filter((part) => part !== null);
  replaceIfChanged(element, JSON.stringify([main, parts]), () => [
    `${main} `,
    ...parts.flatMap(([look, words]) => [make("small", { class: look || null }, words), " "]),
  ]);
}
