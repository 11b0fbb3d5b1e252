// Python did not load, or has stopped: where, why, and what is still there.
/** @import {Mount, Run, StageState, State} from "../../state/types.js" */
import { make, replaceIfChanged, setVisible } from "../dom.js";
import { bytes, capital } from "../../select/format.js";

/** @type {{[stage: string]: string}} */
const STAGES = {
  python: "Python",
  library: "the standard library",
  numpy: "numpy",
  microgpt: "microgpt itself",
  check: "a first call, as a check",
};

/** @type {Mount} */
export function mount(element) {
  return ({ python, run }) => {
    const bad = ["failed", "crashed", "unsupported"].includes(python.status);
    setVisible(element, bad);
    const key = bad ? [python.status, python.attempt, python.stage, python.reason].join() : "";
    replaceIfChanged(element, key, () =>
      bad ? [make("div", { class: "notice", role: "alert" }, ...words(python, run))] : [],
    );
  };
}

/** @param {State["python"]} python @param {Run|null} run */
function words(python, run) {
  const { status, stage, reason, detail, stages } = python;
  const more =
    detail &&
    make("details", {}, make("summary", {}, "Details"), make("pre", { tabindex: "0" }, detail));
  if (status === "unsupported")
    return [title("This browser cannot run it"), make("p", {}, reason ?? "")];
  if (status === "crashed") {
    const kept = run ? " What was kept in this browser is still there." : "";
    return [
      title("Python has stopped"),
      make("p", {}, `${sentence(reason)} That is our mistake, not yours.${kept}`),
      ...(more ? [more] : []),
    ];
  }
  const missing = Object.values(stages).reduce(
    (sum, s) => sum + Math.max(0, s.total - s.received),
    0,
  );
  const rest = missing
    ? ` What has arrived is kept: a retry fetches the missing ${bytes(missing)}.`
    : "";
  const offline = navigator.onLine === false ? " This device is offline." : "";
  return [
    title(`Loading stopped at ${STAGES[stage ?? ""] ?? stage}`),
    make("p", {}, `${sentence(reason)}${offline}${rest} Reading and this example need no Python.`),
    make(
      "ol",
      { class: "stages" },
      ...Object.entries(STAGES).map(([name, label]) => row(name, label, stages[name], stage)),
    ),
    ...(more ? [more] : []),
  ];
}

/** @param {string} text */
const title = (text) => make("h2", { class: "notice__title" }, text);

/** @param {string} name @param {string} label @param {StageState|undefined} state @param {string|undefined} broken */
function row(name, label, state, broken) {
  const look =
    name === broken
      ? " stage--bad"
      : state?.done || (state?.total && state.received >= state.total)
        ? " stage--done"
        : "";
  const figure = name === broken ? "stopped here" : state?.total ? bytes(state.total) : "";
  return make("li", { class: `stage${look}` }, `${label} `, make("span", {}, figure));
}

function sentence(reason = "") {
  const file = /^\S+\.\w+ /.test(reason); // its name is written as it is
  const words = file ? reason : capital(reason);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
