// Making one's own: three stages, each with what it learns from, its time, and its run.
/** @import {Mount, Send} from "../../state/types.js" */
/** @import {Stage, WithStages} from "../../state/stages-types.js" */
import {
  estimateOf,
  progressOf,
  shareOf,
  stepsOf,
  time as spent,
} from "../../state/stages/words.js";
import { NAMES, STAGES } from "../../state/stages/stages.js";
import { readAs } from "../../select/data-facts.js";
import { bytes as sized } from "../../select/format.js";
import { whole } from "../../settings/field-types.js";
import { make, onPress, setAttribute, setDisabled, setText, setValue, setVisible } from "../dom.js";
import { numberField } from "./ladder-number.js";
import { visible } from "./text.js";

/** @type {{[stage in Stage]: string}} */
const WORDS = {
  tokens:
    "The text is cut into pieces: letters that often stand side by side become one token, again and again.",
  base: "The model reads the text and learns to say what comes next. It does not answer yet: it goes on.",
  chat: "It reads conversations and learns the answers alone: when to speak, when to stop, and when to hand a sum to the calculator.",
};
const HELD = {
  base: "the end of the text, which it never trains on",
  chat: "conversations it never trains on",
};
const LARGEST = 200e6; // bytes of a text
const MOST_STEPS = 100_000;
/** How many there may be, of what a field asks for. */
const LIMITS = { vocab: whole(300, 4000), steps: whole(1, MOST_STEPS) };

/** @typedef {import("./ladder-chart.js").StageChart} StageChart */
/** @typedef {import("./talks/editor.js").TalksEditor} TalksEditor */

/**
 * What draws a run and what edits conversations are components of their own.
 * @param {{chartOf: (held: string) => StageChart, editor: TalksEditor}} others
 * @returns {Mount}
 */
export const mountWith =
  ({ chartOf, editor }) =>
  (element, send) => {
    const all = button("", () => begin("tokens", true), true);
    const goOn = button("Continue", () => send({ type: "stage-continue" }), true);
    const discard = button("Discard it", () => send({ type: "stage-discard" }));
    const waiting = make("p", { class: "notice", hidden: true });
    const problem = make("p", { class: "bad", role: "alert", hidden: true });
    const bar = make(
      "div",
      { class: "rung__bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 },
      make("i"),
    );
    const news = make("span", { class: "facts" });
    const pause = button("Pause", () => send({ type: "stage-pause" }), true);
    const take = button("Stop here", () => send({ type: "stage-take" }));
    const running = make(
      "div",
      { class: "rung__run", hidden: true },
      bar,
      make("p", { class: "row" }, pause, take, news),
    );
    const panels = { tokens: tokens(), base: base(), chat: chat() };
    let encoding = ""; // that a text seems to be in

    element.append(
      make("h2", {}, "Make your own"),
      make("p", { class: "row" }, all, goOn, discard),
      waiting,
      problem,
      make("ol", { class: "rungs" }, ...STAGES.map((stage) => panels[stage].element)),
    );

    /** @param {Stage} stage @param {HTMLElement[]} fields @param {HTMLElement[]} more */
    function panel(stage, fields, ...more) {
      const time = make("span", { class: "facts" });
      const go = button("", () => begin(stage, false));
      const place = make("div"); // of what is going on
      const chart = stage === "tokens" ? null : chartOf(HELD[stage]);
      const samples = make("ul", { class: "rung__samples" });
      const item = make(
        "li",
        { class: "rung", "data-stage": stage },
        make("h3", {}, NAMES[stage]),
        make("p", { class: "prose" }, WORDS[stage]),
        make("div", { class: "fields" }, ...fields),
        ...more,
        make("p", { class: "row" }, go, time),
        place,
        ...(chart ? [chart.element] : []),
        samples,
      );
      return { element: item, go, time, place, chart, samples };
    }

    function tokens() {
      const vocab = numberField("Tokens", LIMITS.vocab, (value) => options({ vocab: value }));
      const file = /** @type {HTMLInputElement} */ (
        make("input", { type: "file", accept: ".txt,.md,text/plain", id: "stages-text" })
      );
      file.addEventListener("change", () => file.files?.[0] && takeText(file.files[0]));
      const paste = /** @type {import("../../state/types.js").Control} */ (
        /** @type {unknown} */ (make("textarea", { rows: 3, "aria-label": "Your text, to paste" }))
      );
      paste.addEventListener("input", () =>
        send({ type: "stages-draft", values: { text: paste.value } }),
      );
      const took = make("span", { class: "facts" });
      const usePasted = button("Use this text", () => {
        const { value } = paste;
        if (value.trim()) takeText(new File([value], "your text"));
      });
      const back = button("Use the stories again", () => send({ type: "stages-text", name: null }));
      const bad = make("p", { class: "bad", role: "alert", hidden: true });
      const asOther = button("", () => {
        file.focus(); // the button goes
        send({ type: "stages-text-as", encoding });
      });
      const own = make(
        "details",
        { class: "rung__own" },
        make("summary", {}, "Your own text"),
        make("p", { class: "field" }, make("label", { for: "stages-text" }, "A text file"), file),
        paste,
        make("p", { class: "row" }, usePasted, back),
        bad,
        asOther,
      );
      return {
        ...panel("tokens", [vocab.element], own, took),
        ...{ vocab, took, own, back, bad, asOther, paste, field: vocab },
      };
    }

    function base() {
      const steps = numberField("Steps", LIMITS.steps, (value) => options({ baseSteps: value }));
      return { ...panel("base", [steps.element]), steps, field: steps };
    }

    function chat() {
      const steps = numberField("Steps", LIMITS.steps, (value) =>
        options(start.value === "base" ? { chatSteps: value } : { moreSteps: value }),
      );
      const start = /** @type {HTMLSelectElement} */ (
        make(
          "select",
          { class: "value", id: "stages-start" },
          make("option", { value: "base" }, "your pre-trained base"),
          make("option", { value: "shipped" }, "story-chat, which can chat"),
        )
      );
      start.addEventListener("change", () =>
        options({ start: start.value === "base" ? "base" : "shipped" }),
      );
      const begins = make(
        "p",
        { class: "field" },
        make("label", { for: "stages-start" }, "Begins with"),
        start,
      );
      return {
        ...panel("chat", [begins, steps.element], editor.element),
        steps,
        start,
        field: steps,
      };
    }

    /** What is on the screen is what is made, or nothing is. @param {Stage} stage @param {boolean} every */
    function begin(stage, every) {
      const wrong = (every ? [...STAGES] : [stage]).find((each) => panels[each].field.isWrong());
      if (wrong) panels[wrong].field.input.focus();
      else send({ type: "stage-make", stage, all: every });
    }

    /** @param {object} values */
    function options(values) {
      send({ type: "stages-options", values });
      send({ type: "stages-estimate" });
    }

    /** @param {File} file */
    async function takeText(file) {
      if (file.size > LARGEST) {
        const message = `${file.name} has ${sized(file.size)}; a tab can take texts of up to ${sized(LARGEST)}.`;
        return send({ type: "stages-text-problem", message });
      }
      const bytes = await file.arrayBuffer().catch(() => null);
      if (!bytes)
        return send({ type: "stages-text-problem", message: `${file.name} could not be read.` });
      send({ type: "stages-text", name: file.name, bytes: new Uint8Array(bytes) });
    }

    return (state) => {
      const { stages, python } = /** @type {WithStages} */ (state);
      const { work, half, made, options: values } = stages;
      setVisible(element, stages.open);
      if (!stages.open) return;
      const ready = python.status === "ready";
      const times = estimateOf(stages, [...STAGES]);
      setVisible(all, !work && !half);
      setText(all, `Make all three${times.startsWith("about") ? `, ${times}` : ""}`);
      setDisabled(all, !ready);
      setVisible(goOn, !work && Boolean(half));
      setVisible(discard, !work && Boolean(half));
      setVisible(waiting, !work && Boolean(half));
      if (half)
        setText(
          waiting,
          `${NAMES[half.wish.stage]} was stopped${half.step ? ` at step ${half.step} of ${half.steps}` : ""}, after ${spent(half.seconds)}; it is kept and can go on.`,
        );
      const wrong = stages.problem || stages.storage;
      setVisible(problem, Boolean(wrong));
      setText(problem, wrong);
      for (const stage of STAGES) {
        const { go, time, chart, samples } = panels[stage];
        setText(go, made[stage] ? `${VERBS[stage]} again` : VERBS[stage]);
        const lacks =
          stage === "base"
            ? !made.tokens
            : stage === "chat" && values.start === "base" && !made.base;
        setDisabled(go, !ready || Boolean(work) || Boolean(half) || lacks);
        const took = made[stage] ? `took ${spent(made[stage].seconds)}` : "";
        setText(
          time,
          [lacks ? LACKS[stage] : "", estimateOf(stages, [stage]), lacks ? "" : took]
            .filter(Boolean)
            .join("; "),
        );
        chart?.update(state, stages.shown[stage] ?? null);
        const mine = (work?.stage ?? half?.wish.stage) === stage ? stages.samples : [];
        samples.replaceChildren(...mine.map(sample));
      }
      const busy = work && panels[work.stage];
      setVisible(running, Boolean(work));
      if (busy && running.parentElement !== busy.place) busy.place.append(running);
      const share = shareOf(stages);
      bar.style.setProperty("--done", `${share}%`);
      setAttribute(bar, "aria-valuenow", share);
      setAttribute(bar, "aria-label", work ? NAMES[work.stage] : "Nothing is being made");
      setText(news, progressOf(stages));
      setVisible(take, Boolean(work && work.phase === "training"));
      setDisabled(take, Boolean(work?.stopping));
      setText(pause, work?.stopping ? "Continue" : "Pause"); // once it is kept
      setDisabled(pause, Boolean(work?.stopping));
      panels.tokens.vocab.update(values.vocab);
      panels.base.steps.update(values.baseSteps);
      panels.chat.steps.update(stepsOf(values));
      panels.chat.start.value = values.start;
      const { text } = stages;
      setText(
        panels.tokens.took,
        text.name
          ? `From ${text.name}: ${text.characters.toLocaleString("en")} characters, with made-up talk in it.`
          : "From the stories that come with the page, with made-up talk in them.",
      );
      setValue(panels.tokens.paste, stages.draft.text);
      setVisible(panels.tokens.back, Boolean(text.name));
      setVisible(panels.tokens.bad, Boolean(text.problem));
      setText(panels.tokens.bad, text.problem);
      ({ encoding } = text);
      setVisible(panels.tokens.asOther, Boolean(encoding));
      setText(panels.tokens.asOther, readAs(encoding));
      if (text.problem) panels.tokens.own.open = true;
      editor.update(stages);
    };
  };

/** Why a stage cannot be made yet. @type {{[stage: string]: string}} */
const LACKS = {
  base: "it needs your tokens first",
  chat: "it needs your pre-trained base first, or begins with story-chat",
};
/** @type {{[stage in Stage]: string}} */
const VERBS = { tokens: "Learn the tokens", base: "Pre-train", chat: "Fine-tune" };

/** @param {{question?: string, text: string, right?: boolean}} given */
function sample({ question, text, right }) {
  const mark = right === undefined ? "" : right ? " right" : " wrong";
  return make(
    "li",
    {},
    ...(question ? [make("span", { class: "rung__asked" }, visible(question))] : []),
    make("code", { dir: "auto" }, visible(text) || "(nothing)"),
    ...(mark ? [make("span", { class: "facts" }, mark)] : []),
  );
}

/** @param {string} words @param {() => void} press @param {boolean} [main] */
function button(words, press, main = false) {
  const made = make(
    "button",
    { class: main ? "button button--main" : "button", type: "button" },
    words,
  );
  onPress(made, press);
  return made;
}
