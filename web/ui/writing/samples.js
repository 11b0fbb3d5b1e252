// What it writes, in columns that stand under their step on the chart's axis; the last is now.
/** @import {Column, Mount, Sample, ShownRun, State} from "../../state/types.js" */
import { all, hiddenText, make, one, replaceIfChanged, setText, setVisible } from "../dom.js";
import { count, readable } from "../../select/format.js";
import { COLUMNS } from "../../select/history.js";
import { isLive, shareOf, shownRun, writesTexts } from "../../select/shown-run.js";

const ROWS = 6;
const LONG = 8; // letters that do not fit into a column
const [BESIDE, ALONE] = [8, 20]; // names in the live column

/** @type {Mount} */
export function mount(element) {
  const row = one(element, ".sample-row");
  const words = all(element, ".key > span"); // new, seen; right, wrong, what was asked
  const drawn = one(element, "h2 .prose"); // "each drawn by its chances", which answers are not
  const live = make("li", { class: "sample sample--live" });

  return (state) => {
    const run = shownRun(state);
    if (!run) return;
    // A task has answers, which are right or wrong; all else is new or seen.
    const task = run.exact.length > 0;
    for (const [i, word] of words.entries()) setVisible(word, task === i >= 2);
    setVisible(drawn, !task);
    const texts = writesTexts(run, state.preview.id ? state.preview.texts : []);
    setVisible(row, !texts);
    if (texts) return;
    const whole = run.recorded || run.status === "done";
    const writing = state.preview.id && state.preview.texts.length;
    const now =
      !(whole && run.columns[COLUMNS]) &&
      (run.live || writing || isLive(run) || run.columns.length);
    const last = now ? COLUMNS - 1 : COLUMNS;
    const columns = Array.from({ length: last + 1 }, (_, i) => run.columns[i] ?? null);
    const only = !run.columns.length && now; // an opened model has no past
    const key = only
      ? "none"
      : JSON.stringify([
          run.id,
          run.steps,
          now ? 1 : 0,
          columns.map(
            (column) => column && [column.step, column.samples.length, column.samples[0]?.text],
          ),
        ]);
    replaceIfChanged(row, key, () => [
      ...(only ? [] : columns.map((column, i) => (column ? full(column, i) : empty(run, i)))),
      ...(now ? [live] : []),
    ]);
    live.classList.toggle("sample--alone", Boolean(only));
    if (now) drawLive(live, run, state.preview, only ? ALONE : BESIDE);
  };
}

/** @param {Column} given @param {number} i */
function full({ step, samples }, i) {
  return make(
    "li",
    { class: "sample" },
    make("h3", {}, heading(step, i)),
    make("ol", {}, ...samples.slice(0, ROWS).map(line)),
    summary(samples),
  );
}

/** @param {ShownRun} run @param {number} i */
const place = ({ steps }, i) => Math.round((steps * i) / COLUMNS);

/** A run of few steps has more columns than steps. @param {ShownRun} run @param {number} i */
function empty(run, i) {
  const step = place(run, i);
  const again = i && (step === place(run, i - 1) || step === run.steps);
  const words = again ? [] : [make("h3", {}, heading(step, i))];
  return make("li", { class: "sample sample--empty" }, ...words);
}

/** @param {number} step @param {number} i */
const heading = (step, i) => (i === 0 ? `step ${count(step)}` : count(step));

/** @param {Element} element @param {ShownRun} run @param {State["preview"]} preview @param {number} most */
function drawLive(element, run, preview, most) {
  const texts = preview.id ? preview.texts : [];
  const samples = run.live?.samples ?? [];
  const key = JSON.stringify([
    most,
    run.live?.step,
    texts,
    samples.length,
    samples[0]?.text,
    samples.at(-1)?.text,
  ]);
  replaceIfChanged(element, key, () => [
    make("h3", {}, `now, step ${count(texts.length ? run.step : (run.live?.step ?? run.step))}`),
    make(
      "ol",
      {},
      ...(texts.length
        ? texts.map((words, i) => coming(words, i === texts.length - 1))
        : samples.slice(0, most).map(line)),
    ),
    ...(texts.length ? [] : [summary(samples)]),
  ]);
}

/** @param {Sample} given */
function line({ text: words, new: fresh, right }) {
  const judged = fresh === null ? "plain" : fresh ? "new" : "seen";
  const look = right === undefined ? judged : right ? "right" : "wrong";
  const note = look === "plain" ? [] : [hiddenText(` ${look}`)];
  const long = words.length > LONG ? " name--long" : "";
  const item = make("li", { class: `name name--${look}${long}` });
  setText(item, readable(words) || "(nothing)");
  item.append(...note);
  return item;
}

/** @param {string} words @param {boolean} last */
const coming = (words, last) =>
  make("li", { class: last ? "name name--coming caret" : "name name--coming" }, readable(words));

/** @param {Sample[]} samples */
const summary = (samples) => make("p", { class: "sample__sum" }, shareOf(samples));
