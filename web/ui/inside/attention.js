// Attention: every head in small, and one of them as a table.
/** @import {Attention, Mount, State} from "../../state/types.js" */
import {
  byName,
  hiddenText,
  make,
  replaceIfChanged,
  setAttribute,
  setText,
  setVisible,
} from "../dom.js";
import { narrow } from "../../select/format.js";
import { habit, shares, told } from "../../select/attention-text.js";
import { lookedInto, unitOf } from "../../select/shown-run.js";

const MANY = 14; // letters beyond which the cells become small

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [heads, which, map, sentence, voice, manner, bad] = [
    "heads",
    "which",
    "map",
    "sentence",
    "voice",
    "manner",
    "problem",
  ].map(find);
  const body = find("body");
  const probe = make("span", { class: "probe probe--heat" });
  element.append(probe);
  /** @type {State|null} */
  let latest = null;
  /** @type {HTMLElement[][]} */
  let cells = [];
  /** @type {{layer: number, head: number, canvas: HTMLCanvasElement, button: HTMLElement}[]} */
  let thumbs = [];
  /** @type {number|null} */
  let hovered = null;
  /** @type {{answer: Attention, key: string, theme: string}|null} */
  let painted = null;
  let spoken = ""; // what the sentence was about when it was said last

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    painted = null;
    if (latest) update(latest);
  });

  /** @param {string[]} tokens @param {string} unit */
  function build(tokens, unit) {
    /** @param {string} token */
    const column = (token) => make("th", { scope: "col" }, named(token));
    const head = make("tr", {}, make("td"), ...tokens.map(column));
    cells = tokens.map((_, row) =>
      tokens.slice(0, row + 1).map(() => make("td", { class: "heat__cell" })),
    );
    const rows = cells.map((line, row) => {
      const button = make(
        "button",
        { class: "heat__row", type: "button", "aria-pressed": "false", onfocus: () => hover(null) },
        named(tokens[row]),
      );
      button.addEventListener("click", () => send({ type: "row", row }));
      const element = make("tr", {}, make("th", { scope: "row" }, button), ...line);
      element.addEventListener("mouseenter", () => hover(row));
      button.addEventListener("focus", () => hover(row));
      button.addEventListener("blur", () => hover(null));
      return element;
    });
    const table = make(
      "table",
      { class: tokens.length > MANY ? "heat heat--many" : "heat" },
      make("caption", { class: "vh" }, `Where each ${unit} looks, in percent`),
      make("thead", {}, head),
      make("tbody", {}, ...rows),
    );
    table.addEventListener("mouseleave", () => hover(null));
    return [table];
  }

  /** @param {number|null} row */
  function hover(row) {
    if (hovered === row) return;
    hovered = row;
    if (latest) tell(latest);
  }

  /**
   * The row that is told about: pointed at, chosen, or the last.
   * @param {State} state
   */
  function tell(state) {
    const { inside } = state;
    const { answer } = inside.attention;
    if (!answer) return;
    const last = answer.tokens.length - 1;
    const row = Math.min(hovered ?? inside.row ?? last, last);
    const line = shares(answer, inside.layer, inside.head)[row];
    const top = line.indexOf(Math.max(...line));
    cells.forEach((all, i) =>
      all.forEach((cell, j) => cell.classList.toggle("heat__cell--on", i === row && j === top)),
    );
    element
      .querySelectorAll(".heat__row")
      .forEach((button, i) => setAttribute(button, "aria-pressed", i === row));
    setText(sentence, told(answer.tokens, line, row, unitOf(lookedInto(state))));
    // It is said where the reader has moved something, and not as the model learns.
    const about = JSON.stringify([row, inside.layer, inside.head, answer.tokens]);
    if (spoken && about !== spoken) setText(voice, sentence.textContent ?? "");
    spoken = about;
  }

  /** @param {State["inside"]} state */
  function paint({ layer, head, attention: { answer } }) {
    if (!answer) return;
    shares(answer, layer, head).forEach((line, row) =>
      line.forEach((share, column) => {
        const cell = cells[row][column];
        setText(cell, String(Math.round(share * 100)));
        cell.style.setProperty("--v", `${Math.round(share * 100)}%`);
      }),
    );
  }

  /** @param {Attention} given */
  function small({ layers, heads: count }) {
    thumbs = [];
    /** @param {string} words */
    const title = (words) => make("th", { scope: "col" }, words);
    const numbers = Array.from({ length: count }, (_, head) => title(String(head + 1)));
    const rows = Array.from({ length: layers }, (_, layer) => {
      const all = Array.from({ length: count }, (__, head) => {
        const canvas = make("canvas", { "aria-hidden": "true" });
        const label = `Layer ${layer + 1}, head ${head + 1}`;
        const button = make(
          "button",
          { class: "head", type: "button", "aria-label": label },
          canvas,
        );
        button.addEventListener("click", () => send({ type: "head", layer, head }));
        thumbs.push({ layer, head, canvas, button });
        return make("td", {}, button);
      });
      return make("tr", {}, make("th", { scope: "row" }, `Layer ${layer + 1}`), ...all);
    });
    return [
      make("caption", { class: "vh" }, "Every head; choose one"),
      make("thead", {}, make("tr", {}, make("td"), ...numbers)),
      make("tbody", {}, ...rows),
    ];
  }

  /** @param {State} state */
  function update(state) {
    latest = state;
    const { attention, layer, head } = state.inside;
    const { answer, problem } = attention;
    const model = lookedInto(state);
    const unit = unitOf(model);
    setVisible(element, Boolean(model));
    setVisible(bad, Boolean(problem || answer?.note));
    setAttribute(bad, "class", problem ? "bad" : "note");
    setText(bad, problem || (answer?.note ?? ""));
    setVisible(body, Boolean(answer));
    if (!answer) return;
    replaceIfChanged(heads, `${answer.layers} ${answer.heads}`, () => {
      painted = null;
      return small(answer);
    });
    replaceIfChanged(map, JSON.stringify([answer.tokens, unit]), () => build(answer.tokens, unit));
    const key = `${layer} ${head} ${state.page.theme}`;
    if (painted?.answer !== answer || painted.key !== key) {
      paint(state.inside);
      const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
      const colour = parts.slice(0, 3).map(Number);
      const rgb = colour.map((part) => (colour.every((n) => n <= 1) ? 255 * part : part));
      for (const thumb of thumbs) {
        setAttribute(thumb.button, "aria-pressed", thumb.layer === layer && thumb.head === head);
        if (painted?.answer !== answer || painted.theme !== state.page.theme)
          picture(thumb.canvas, shares(answer, thumb.layer, thumb.head), rgb);
      }
      painted = { answer, key, theme: state.page.theme };
    }
    setText(which, `Layer ${layer + 1}, head ${head + 1}`);
    setText(manner, habit(shares(answer, layer, head), unit));
    tell(state);
  }

  return update;
}

/**
 * The mark in front of every text is no letter: it is drawn as a start.
 * @param {string} token
 */
function named(token) {
  if (token.length > 1 && /^<.*>$/.test(token))
    return make("span", {}, make("span", { "aria-hidden": "true" }, "▸"), hiddenText("start"));
  return narrow(token);
}

/**
 * One pixel a cell; the browser makes it large.
 * @param {HTMLCanvasElement} canvas @param {number[][]} lines @param {number[]} colour
 */
function picture(canvas, lines, [red, green, blue]) {
  const size = lines.length;
  Object.assign(canvas, { width: size, height: size });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(size, size);
  lines.forEach((line, row) =>
    line.forEach((share, column) =>
      image.data.set([red, green, blue, 20 + 235 * share], 4 * (row * size + column)),
    ),
  );
  context.putImageData(image, 0, 0);
}
