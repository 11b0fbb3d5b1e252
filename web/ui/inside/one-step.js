// One step, slowly: the model reads, every number moves, it reads again; press by press.
/** @import {Mount, OneStep, State} from "../../state/types.js" */
import { all, make, replaceIfChanged, setAttribute, setText, setVisible } from "../dom.js";
import { count, narrow } from "../../select/format.js";
import {
  aboutStep,
  darkest,
  fine,
  matrices,
  mean,
  signed,
  surprises,
  told,
  weightAt,
} from "../../select/one-step.js";
import { lookedInto, modelAtHand, unitOf } from "../../select/shown-run.js";

const NEXT = [
  "Take a step",
  "Back: how does each number change it?",
  "Move, and read again",
  "Take it again",
];
const WIDEST = 128; // pixels of a side of a matrix

/** @typedef {ReturnType<typeof matrices>[number]["all"][number]} Matrix */

/** @type {Mount} */
export function mount(element, send) {
  const parts = frame();
  const { about, next, shades, words, bad, body, before, sum, second, mats, most, cell } = parts;
  const { third, after, sumAfter } = parts;
  const probe = make("span", { class: "probe probe--ink" });
  element.append(...parts.all, probe);
  const radios = all(element, "[name=shade]");
  /** @type {{matrix: Matrix, canvas: HTMLCanvasElement}[]} */
  let drawn = [];
  /** @type {{answer: OneStep, key: string}|null} */
  let painted = null;
  /** @type {State|null} */
  let latest = null;

  next.addEventListener("click", () => send({ type: "step-next" }));
  for (const radio of radios)
    radio.addEventListener("change", () =>
      send({ type: "step-shade", shade: radio.value === "move" ? "move" : "gradient" }),
    );
  /** @param {PointerEvent|MouseEvent} event */
  const hit = (event) => {
    const found = drawn.find(({ canvas }) => canvas === event.target);
    if (!found) return null;
    const box = found.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return { ...found, x, y, weight: weightAt(found.matrix, x, y) };
  };
  mats.addEventListener("pointermove", (event) => {
    const found = hit(event);
    if (!found) return;
    const { matrix, x, y } = found;
    const [down, across] = matrix.turned ? [x, y] : [y, x];
    const row = Math.min(matrix.rows - 1, Math.max(0, Math.floor(down * matrix.rows)));
    const column = Math.min(matrix.columns - 1, Math.max(0, Math.floor(across * matrix.columns)));
    setText(cell, `${signed(matrix.values[row * matrix.columns + column])} ${found.weight}`);
  });
  mats.addEventListener("click", (event) => {
    const found = hit(event);
    if (found) send({ type: "pick-weight", weight: found.weight });
  });

  /** @param {OneStep} answer @param {boolean} again */
  const bars = (answer, again) =>
    surprises(answer).map((row) => {
      const [now, u] = [make("i"), make("u")];
      now.style.setProperty("--p", String(again ? row.nowWidth : row.wasWidth));
      u.style.setProperty("--p", String(row.wasWidth));
      const wide = [...row.token].length > 3;
      return make(
        "li",
        { class: `surprise__row${wide ? " surprise__row--tokens" : ""}` },
        make("span", {}, narrow(row.token)),
        make("span", { class: "surprise__track" }, now, ...(again ? [u] : [])),
        make("b", {}, (again ? row.now : row.was).toFixed(2)),
        make("em", {}, `${again ? row.nowChance : row.wasChance}%`),
      );
    });

  /** @param {OneStep} answer @param {"gradient"|"move"} shade */
  function pictures(answer, shade) {
    drawn = [];
    return matrices(answer, shade).map(({ title, numbers, all: own }) => {
      const cells = own.map((matrix) => {
        const [across, down] = matrix.turned
          ? [matrix.rows, matrix.columns]
          : [matrix.columns, matrix.rows];
        const side = Math.max(across, down);
        const pixels = Math.max(1, Math.min(6, Math.floor((2 * WIDEST) / side) / 2));
        const label = `${matrix.name}: ${matrix.shape.join(" by ")} numbers, mean ${shade} ${mean([...matrix.values].map(Math.abs)).toExponential(1)}`;
        const canvas = make("canvas", { class: "mat", role: "img", "aria-label": label });
        canvas.style.width = `${across * pixels}px`;
        canvas.style.height = `${down * pixels}px`;
        drawn.push({ matrix, canvas });
        return canvas;
      });
      return make(
        "div",
        {},
        make("h4", {}, `${title} `, make("span", {}, count(numbers))),
        make("div", { class: "mats__cells" }, ...cells),
      );
    });
  }

  /** @param {OneStep} answer @param {"gradient"|"move"} shade @param {string} key */
  function paint(answer, shade, key) {
    const [red, green, blue] = inkOf(probe);
    const top = darkest(answer[shade]);
    for (const { matrix, canvas } of drawn) draw(canvas, matrix, top, [red, green, blue]);
    setText(most, top.toPrecision(2));
    painted = { answer, key };
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    painted = null;
    if (latest) update(latest);
  });

  /** @param {State} state */
  function update(state) {
    latest = state;
    const { oneStep } = state;
    const { answer, stage, shade, problem, text } = oneStep;
    const unit = unitOf(lookedInto(state));
    setVisible(element, Boolean(modelAtHand(state)));
    setText(next, NEXT[stage]);
    setAttribute(next, "aria-busy", oneStep.id !== null || null);
    setVisible(shades, Boolean(answer) && stage > 1);
    for (const radio of radios) radio.checked = radio.value === shade;
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
    setText(about, answer ? aboutStep(answer) : "how it learns");
    const shown = answer ? text : (state.inside.attention.answer?.prompt ?? "");
    setText(words, problem ? "" : told(answer, stage, shown, unit));
    setVisible(body, Boolean(answer));
    // Only once the reader has pressed: before that it follows what they type above.
    setAttribute(words, "aria-live", oneStep.id !== null || answer ? "polite" : null);
    if (!answer) return;
    const key = `${oneStep.model} ${answer.step} ${answer.exactLoss} ${text}`;
    const [{ before: was, after: now }] = answer.texts;
    replaceIfChanged(before, key, () => bars(answer, false));
    replaceIfChanged(after, key, () => bars(answer, true));
    replaceIfChanged(sum, key, () => [
      "Their mean is the loss: ",
      make("b", {}, fine(mean(was), mean(now))),
      ". The % is the chance it gave.",
    ]);
    replaceIfChanged(sumAfter, key, () => [
      "Loss ",
      make("b", {}, fine(mean(now), mean(was))),
      `, and before ${fine(mean(was), mean(now))}.`,
    ]);
    setAttribute(second, "data-waits", String(stage < 2));
    setAttribute(third, "data-waits", String(stage < 3));
    replaceIfChanged(mats, `${key} ${shade}`, () => pictures(answer, shade));
    const look = `${key} ${shade} ${state.page.theme}`;
    if (painted?.key !== look || painted.answer !== answer) paint(answer, shade, look);
    const chosen = oneStep.story.answer?.name;
    for (const { matrix, canvas } of drawn)
      canvas.classList.toggle("mat--on", matrix.name === chosen);
  }

  return update;
}

/** What stands in the section, before there is a step and after. */
function frame() {
  const [about, words] = [
    make("span", { class: "prose" }),
    make("p", { class: "prose", "data-told": true }),
  ];
  const next = make("button", { class: "button button--main", type: "button", "data-next": true });
  /** @param {string} value @param {string} label */
  const radio = (value, label) =>
    make("label", {}, make("input", { type: "radio", name: "shade", value }), label);
  const shades = make(
    "span",
    { class: "choice", role: "radiogroup", "aria-label": "Shown of each number" },
    radio("gradient", "its gradient"),
    radio("move", "its move"),
  );
  const bad = make("p", { class: "bad", role: "alert", hidden: true, "data-problem": true });
  const [before, after] = [make("ol", { "data-before": true }), make("ol", { "data-after": true })];
  const [sum, sumAfter] = [0, 0].map(() => make("p", { class: "surprise__sum" }));
  const mats = make("div", { class: "mats" });
  const [most, cell] = [make("b"), make("span", { "data-cell": true })];
  /** @param {string} title @param {string} words */
  const caption = (title, words) =>
    make("figcaption", {}, make("h3", {}, title), make("p", { class: "prose" }, words));
  const first = make(
    "figure",
    { class: "surprise" },
    caption("1 · Read", "how much each token surprises it"),
    before,
    sum,
  );
  const second = make(
    "figure",
    {},
    caption(
      "2 · Move every number",
      "the darker, the larger; point at one to read it, press it for its story below",
    ),
    mats,
    make(
      "p",
      { class: "mats__key" },
      make("span", { class: "mats__scale" }, make("i"), "0 to ", most),
      cell,
    ),
  );
  const third = make(
    "figure",
    { class: "surprise" },
    caption("3 · Read again", "the same text; hollow is before"),
    after,
    sumAfter,
  );
  const body = make("div", { class: "onestep__grid", hidden: true }, first, second, third);
  return {
    ...{ about, next, shades, words, bad, body, before, sum, second, mats, most, cell },
    ...{ third, after, sumAfter },
    all: [
      make("h2", { id: "onestep-title" }, "One step, slowly ", about),
      make("div", { class: "onestep__bar" }, next, shades, words),
      bad,
      body,
    ],
  };
}

/** The colour that a canvas cannot read from a style. @param {Element} probe */
function inkOf(probe) {
  const parts = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return parts.map((part) => (parts.every((n) => n <= 1) ? 255 * part : part));
}

/**
 * One pixel a number; the browser makes it large.
 * @param {HTMLCanvasElement} canvas @param {Matrix} matrix @param {number} top
 * @param {number[]} colour
 */
function draw(canvas, { rows, columns, turned, values }, top, [red, green, blue]) {
  const [width, height] = turned ? [rows, columns] : [columns, rows];
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const size = Math.min(1, Math.abs(values[row * columns + column]) / top);
      const at = turned ? column * width + row : row * width + column;
      image.data.set([red, green, blue, 255 * size ** 0.8], 4 * at);
    }
  context.putImageData(image, 0, 0);
}
