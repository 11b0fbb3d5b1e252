// The machine, alive: the whole model on the reader's own letters, block by block, number by number.
/** @import {Machine, Mount, State, Wish, WithMachine} from "../../../state/types.js" */
/** @import {Given} from "../../../select/inside/scene.js" */
import { shapeOf } from "../../../select/inside/blocks.js";
import { chancesOf, numbersOf } from "../../../select/inside/numbers.js";
import { between, tableRows, verdict } from "../../../select/inside/words.js";
import { isLive, lookedInto, modelAtHand, unitOf } from "../../../select/shown-run.js";
import { blocksFor, focusOf } from "../../../state/inside/machine.js";
import { dataTable } from "../../data-table.js";
import { make, replaceIfChanged, setAttribute, setText, setValue, setVisible } from "../../dom.js";
import { createBench } from "./bench.js";
import { createDice } from "./dice.js";
import { frame } from "./frame.js";
import { inks } from "./paint.js";
import { createPicture } from "./picture.js";
import { roving } from "./roving.js";

const APART = 240; // milliseconds between two looks while it trains, at least; the picture eases between them
const SHARE = 20; // of the time that a look takes, so often it may be taken: a twentieth of the training
const FRAME = 30; // milliseconds between two drawings: more would take their time from the training
const SLOW = 250; // milliseconds between two of the open block, whose numbers are to be read

/** @type {Mount} */
export function mount(element, send) {
  const parts = frame(element);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const coloursOf = inks(element);
  const picture = createPicture(parts, {
    focus: (place) => spokenOf({ type: "machine-focus", place }),
    open: (key) => {
      const { open } = /** @type {WithMachine} */ (latest).machine;
      send({ type: "machine-open", block: key === open ? null : key });
    },
  });
  const bench = createBench(parts.bench, send, (by) => step(by));
  const dice = createDice(parts.dice, send, calm, () => draw());
  const arrangeBlocks = roving(parts.blocks, ".machine__name");
  /** @type {WithMachine|null} */
  let latest = null;
  /** @type {Machine|null} */
  let to = null; // the last answer, and the numbers that its own come from
  /** @type {Float64Array} */
  let from = new Float64Array(0);
  let [began, lasts, askedAt, benchAt] = [0, 0, 0, 0];
  let ticking = false;
  let speaks = false;
  let colours = coloursOf();

  /** What the reader moves is said, as soon as it is there. @param {Wish} wish */
  function spokenOf(wish) {
    speaks = true;
    send(wish);
  }

  /** To a neighbour of the open block. @param {number} by */
  function step(by) {
    const state = /** @type {WithMachine} */ (latest);
    const all = blocksFor(state).filter(({ kind }) => kind !== "layer");
    const next = all[all.findIndex(({ key }) => key === state.machine.open) + by];
    if (next) send({ type: "machine-open", block: next.key });
  }

  parts.slider.addEventListener("input", () =>
    send({ type: "machine-temperature", temperature: Number(parts.slider.value) }),
  );
  parts.slider.addEventListener("change", () =>
    setText(parts.voice, parts.verdict.textContent ?? ""),
  );
  parts.toggle.addEventListener("click", () => send({ type: "machine-table" }));
  element.addEventListener("keydown", (event) => {
    const { machine } = /** @type {WithMachine} */ (latest);
    if (event.key !== "Escape" || machine.open === null) return;
    const { open } = machine;
    send({ type: "machine-open", block: null });
    const button = parts.blocks.querySelector(`[data-key="${open}"]`);
    /** @type {HTMLElement|null} */ (button)?.focus();
  });
  parts.blocks.addEventListener(
    "keydown",
    (event) => {
      const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const wide = parts.picture.classList.contains("machine__picture--wide");
      const { machine } = /** @type {WithMachine} */ (latest);
      if (!move || !wide) return;
      event.preventDefault();
      event.stopPropagation();
      spokenOf({ type: "machine-focus", place: focusOf(machine) + move });
    },
    { capture: true },
  );
  new ResizeObserver(() => draw()).observe(parts.picture);
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
    matchMedia(query).addEventListener("change", () => {
      colours = coloursOf();
      draw();
    });

  /** What is drawn now: the last answer, or on the way to it. @returns {Machine|null} */
  function now() {
    if (!to) return null;
    const part = lasts ? (performance.now() - began) / lasts : 1;
    return part >= 1 ? to : { ...to, numbers: between(from, to.numbers, part) };
  }

  /** @param {Machine} answer */
  function take(answer) {
    const before = now();
    const alike = before && sameText(before, answer);
    const live = isLive(/** @type {State} */ (latest).run ?? { status: "" });
    from = alike && before ? before.numbers : answer.numbers;
    lasts = alike && live && !calm.matches ? Math.max(APART, performance.now() - askedAt) : 0;
    [to, began] = [answer, performance.now()];
    if (lasts) tick();
  }

  /** Drawn again and again, and asked anew as often as that does not hold up the training. */
  function tick() {
    if (ticking) return;
    ticking = true;
    let due = performance.now();
    const soon = () => {
      due = Math.max(due + FRAME, performance.now());
      setTimeout(() => requestAnimationFrame(frameOf), due - performance.now() - FRAME / 4);
    };
    const frameOf = () => {
      const state = latest;
      const time = performance.now();
      const live = state !== null && isRunning(state) && !element.closest("[hidden]");
      if (!state || (!live && time > began + lasts)) {
        ticking = false;
        draw();
        return;
      }
      const { machine } = state;
      const cost = 1000 * SHARE * (machine.answer?.seconds ?? 0);
      if (live && machine.id === null && time - askedAt > Math.max(APART, cost)) {
        askedAt = time;
        send({ type: "machine-look" });
      }
      draw();
      soon();
    };
    soon();
  }

  /** @param {WithMachine} state @param {Machine} answer @returns {Given} */
  function givenOf(state, answer) {
    const { machine } = state;
    const numbers = numbersOf(answer);
    const { temperature, off, whole } = machine;
    const chances = chancesOf(numbers.here("logits"), temperature);
    const compared = off.length ? whole : answer;
    const known = (temperature !== 1 || off.length) && compared && sameText(compared, answer);
    return {
      ...{ numbers, chances, off, open: machine.open, next: answer.next, drawn: dice.drawn() },
      blocks: blocksFor(state),
      shape: shapeOf(
        /** @type {NonNullable<ReturnType<typeof lookedInto>>} */ (lookedInto(state)).settings,
      ),
      whole: known ? chancesOf(numbersOf(compared).here("logits"), 1) : null,
    };
  }

  function draw() {
    const answer = now();
    const state = latest;
    const model = state && lookedInto(state);
    if (!answer || !state || !model || element.closest("[hidden]")) return;
    const given = givenOf(state, answer);
    const unit = unitOf(model);
    if (
      !given.blocks.every(({ key, kind, layer }) =>
        given.numbers.has(
          kind === "head" ? `layer${layer}.weights` : kind === "layer" ? `layer${layer}.out` : key,
        ),
      )
    )
      return; // of the model before
    const time = performance.now();
    const moving = lasts > 0 && time < began + lasts;
    picture(given, unit, colours, moving);
    arrangeBlocks();
    if (moving && time - benchAt < SLOW) return;
    benchAt = time;
    inWords(state, given, unit);
    const all = given.blocks.filter(({ kind }) => kind !== "layer");
    const at = all.findIndex(({ key }) => key === state.machine.open);
    setVisible(parts.bench, at >= 0);
    if (at < 0 || !to) return;
    const { number, temperature, off } = state.machine;
    bench(to, model.settings, all[at], {
      number,
      temperature,
      unit,
      at,
      of: all.length,
      off,
      colours,
    });
  }

  /** @param {WithMachine} state @param {Given} given @param {string} unit */
  function inWords(state, given, unit) {
    const said = verdict(given);
    const told = dice.told() || said.join("");
    replaceIfChanged(parts.verdict, told, () =>
      dice.told() ? [told] : said.map((words, i) => (i % 2 ? make("b", {}, words) : words)),
    );
    if (speaks && state.machine.id === null) {
      speaks = false;
      setText(parts.voice, told);
    }
    setText(parts.hollow, given.whole ? hollow(state.machine) : "");
    dice.update(
      given,
      unit,
      shapeOf((lookedInto(state) ?? { settings: state.settings }).settings).context,
    );
    const { table } = state.machine;
    setVisible(parts.table, table);
    if (!table) return;
    const rows = tableRows(given);
    replaceIfChanged(parts.table, JSON.stringify(rows), () => [
      dataTable("The machine, block by block", ["Block", "What", "Its numbers"], rows),
    ]);
  }

  return (state) => {
    latest = /** @type {WithMachine} */ (state);
    const { machine } = latest;
    const model = lookedInto(state);
    const unit = unitOf(model);
    setVisible(element, Boolean(model));
    const { problem } = state.inside.attention; // said there already
    setVisible(parts.bad, Boolean(machine.problem) && machine.problem !== problem);
    setText(parts.bad, machine.problem);
    const waits = "it runs as soon as Python is here";
    const lines = `a line for each ${unit}, ▸ is the start; the one that is followed stands out`;
    setText(parts.about, machine.answer ? lines : modelAtHand(state) ? "" : waits);
    setAttribute(parts.picture, "aria-busy", machine.answer ? null : "true");
    setAttribute(parts.toggle, "aria-expanded", machine.table);
    setValue(parts.slider, machine.temperature);
    setText(parts.shown, machine.temperature.toFixed(1));
    const theme = state.page.theme;
    if (theme !== element.dataset.drawn) {
      element.dataset.drawn = theme;
      colours = coloursOf();
    }
    if (machine.answer !== to) {
      if (machine.answer) take(machine.answer);
      else to = null;
    }
    if (isRunning(latest)) tick();
    if (!lasts || performance.now() > began + lasts) draw();
  };
}

/** Whether the model that is shown learns now. @param {State} state */
const isRunning = (state) =>
  state.view === "inside" &&
  state.run?.status === "running" &&
  modelAtHand(state)?.id === state.run.id;

/** Whether two answers are of one text, so that one can become the other. @param {Machine} a @param {Machine} b */
const sameText = (a, b) =>
  a.text === b.text &&
  a.focus === b.focus &&
  a.ids.length === b.ids.length &&
  a.next.length === b.next.length;

/** What the hollow bars are. @param {WithMachine["machine"]} machine */
const hollow = ({ off, temperature }) =>
  `Hollow: ${[...(off.length ? ["with every part on"] : []), ...(temperature === 1 ? [] : ["at temperature 1"])].join(", ")}.`;
