// The head of Tokens: what merges are learned from, how many, and how far that is.
/** @import {Mount, State} from "../../state/types.js" */
import {
  byName,
  fit,
  make,
  replaceIfChanged,
  setAttribute,
  setText,
  setValue,
  setVisible,
} from "../dom.js";
import { count, short } from "../../select/format.js";
import { read, whole } from "../../settings/field-types.js";

const MERGES = whole(1, 20_000);
const DATA = { names: "the names", stories: "the stories" };
/** @type {{[kind: string]: string}} */
const KNOWN = { ...DATA, "names-1800": "the earlier names", "full-names": "all the names" };
const WORDS = {
  gpt2: "as GPT-2 does",
  cl100k: "as GPT-4 does",
  nanochat: "as nanochat does",
  none: "nowhere",
};

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [source, merges, pattern] = ["source", "merges", "pattern"].map(find);
  const [learn, progress, bar, bad] = ["learn", "progress", "bar", "problem"].map(find);
  let [busy, wrong] = [false, false];
  source.addEventListener("change", () => {
    const here = source.value === "text:here";
    // There is one text that is learned from, here and in Train.
    const { value } = source;
    if (value === "names" || value === "stories") send({ type: "choose-data", kind: value });
    send({ type: "tokens", values: { source: here ? "text" : "data" } });
  });
  merges.addEventListener("input", () => fit(merges));
  merges.addEventListener("change", () => {
    const { value: wanted, problem } = read(MERGES, merges.value);
    wrong = Boolean(problem);
    setAttribute(merges, "aria-invalid", wrong ? "true" : null);
    if (!wrong) send({ type: "tokens", values: { merges: Number(wanted) } });
    setVisible(bad, wrong);
    setText(bad, wrong ? `The merges must be ${problem}.` : "");
  });
  merges.addEventListener("keydown", ({ key }) => {
    if (key !== "Enter" || busy || learn.disabled) return;
    merges.blur();
    if (!wrong) send({ type: "learn" });
  });
  pattern.replaceChildren(
    ...Object.entries(WORDS).map(([name, words]) => make("option", { value: name }, words)),
  );
  pattern.addEventListener("change", () =>
    send({ type: "tokens", values: { pattern: pattern.value } }),
  );
  learn.addEventListener("click", () => send({ type: busy ? "learn-stop" : "learn" }));

  return (state) => {
    const { tokens, data, python } = state;
    const own = Object.hasOwn(DATA, data.kind)
      ? {}
      : { [data.kind]: KNOWN[data.kind] ?? short(data.name) };
    const all = { ...DATA, ...own, "text:here": "the text below" };
    replaceIfChanged(source, JSON.stringify(all), () =>
      Object.entries(all).map(([kind, words]) => make("option", { value: kind }, words)),
    );
    setValue(source, tokens.source === "text" ? "text:here" : data.kind);
    if (!wrong) setValue(merges, count(tokens.merges));
    setValue(pattern, tokens.pattern);
    busy = tokens.learn.busy;
    setText(learn, busy ? "Stop" : tokens.trained ? "Learn again" : "Learn the merges");
    setAttribute(learn, "class", `button${tokens.trained ? "" : " button--main"}`);
    const broken = ["failed", "unsupported", "crashed"].includes(python.status);
    learn.disabled = !busy && (python.status !== "ready" || data.status === "refused");
    const stage = busy ? tokens.learn.stage : null;
    const [done, words] = far(stage);
    setVisible(bar, busy);
    bar.style.setProperty("--done", `${100 * done}%`);
    setAttribute(bar, "aria-valuenow", Math.round(100 * done));
    setText(progress, busy ? words : broken ? "Python has not loaded; Train says why." : "");
    const problem = tokens.learn.problem || (data.status === "refused" ? data.message : "");
    if (wrong) return;
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
  };
}

/**
 * How much is done, and in words.
 * @param {State["tokens"]["learn"]["stage"]} stage @returns {[number, string]}
 */
function far(stage) {
  if (!stage) return [0, "Beginning"];
  if (stage.counted < 1)
    return [stage.counted / 2, `Counting words, ${Math.floor(100 * stage.counted)}%`];
  const { learned, count: all } = stage;
  return [0.5 + learned / all / 2, `Merge ${count(learned)} of ${count(all)}`];
}
