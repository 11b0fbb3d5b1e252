// The tokens as points in the plane, by what the model has learned about them.
/** @import {Embeddings, ModelAtHand, Mount} from "../../state/types.js" */
import { dataTable } from "../data-table.js";
import {
  all,
  byName,
  replaceIfChanged,
  setAttribute,
  setText,
  setValue,
  setVisible,
} from "../dom.js";
import { count, visible } from "../../select/format.js";
import { modelAtHand } from "../../select/shown-run.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, EDGE] = [720, 460, 22];
const VOWELS = new Set("aeiouAEIOU");

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [picture, table, note, bad, go, toggle, wide] = [
    "picture",
    "table",
    "note",
    "problem",
    "go",
    "toggle",
    "wide",
  ].map(find);
  const methods = all(element, "[name=places]");
  const perplexity = find("perplexity");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {SVGTextElement[]} */
  let marks = [];
  let busy = false;

  for (const method of methods)
    method.addEventListener("change", () =>
      send({ type: "embeddings", values: { method: method.value === "tsne" ? "tsne" : "pca" } }),
    );
  perplexity.addEventListener("change", () =>
    send({
      type: "embeddings",
      values: { perplexity: Number(perplexity.value.replace(",", ".")) || null },
    }),
  );
  go.addEventListener("click", () =>
    send(busy ? { type: "embeddings-stop" } : { type: "embeddings", values: {} }),
  );
  toggle.addEventListener("click", () => send({ type: "embeddings-table" }));

  /** @param {string[]} tokens */
  function build(tokens) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${tokens.length} tokens as points; the table lists them`);
    marks = tokens.map((token) => {
      const mark = document.createElementNS(SVG, "text");
      const look = VOWELS.has(token) ? " point--vowel" : named(token) === "▸" ? " point--mark" : "";
      mark.setAttribute("class", `point${look}`);
      mark.textContent = named(token);
      svg.append(mark);
      return mark;
    });
    return [svg];
  }

  return (state) => {
    const { embeddings } = state.inside;
    const { answer, problem, method } = embeddings;
    busy = embeddings.waiting && method === "tsne";
    const model = modelAtHand(state);
    setVisible(element, Boolean(model));
    for (const radio of methods) radio.checked = radio.value === method;
    setVisible(wide, method === "tsne");
    if (answer?.perplexity && embeddings.perplexity === null)
      setValue(perplexity, answer.perplexity);
    setText(go, busy ? "Stop" : "Draw again");
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
    setVisible(picture, Boolean(answer));
    setAttribute(toggle, "aria-expanded", embeddings.table);
    setVisible(table, embeddings.table && Boolean(answer));
    if (!answer) return setText(note, "");
    setText(note, about(answer, busy, model));
    replaceIfChanged(picture, JSON.stringify(answer.tokens), () => build(answer.tokens));
    if (!still.matches || !busy) place(marks, answer);
    if (embeddings.table && !busy)
      replaceIfChanged(table, `${embeddings.id} ${answer.step} ${answer.at}`, () => [
        tabled(answer),
      ]);
  };
}

/** @param {string} token */
const named = (token) => (token.length > 1 && /^<.*>$/.test(token) ? "▸" : visible(token));

/** @param {Embeddings} given @param {boolean} busy @param {ModelAtHand|null} model */
function about({ method, share, perplexity, step, steps, at, tokens }, busy, model) {
  const vowels = tokens.some((token) => VOWELS.has(token)) ? " Vowels are bold." : "";
  const of = at === model?.step ? "" : ` Drawn at step ${count(at)}.`;
  if (method === "pca") {
    const [across, up] = (share ?? []).map((part) => Math.round(100 * part));
    return `PCA shows the two directions in which they differ most: ${across}% of all difference lies across, ${up}% upwards.${vowels}${of}`;
  }
  const far = busy
    ? `step ${count(step)} of ${count(steps)}`
    : step < steps
      ? `stopped at step ${count(step)}`
      : `${count(steps)} steps`;
  return `t-SNE tries to keep each one’s ${perplexity} or so nearest neighbours beside it (${far}). Close ones are treated alike; large distances mean little.${vowels}${of}`;
}

/** @param {SVGTextElement[]} marks @param {Embeddings} given1 */
function place(marks, { points }) {
  /** @param {number} offset */
  const axis = (offset) => marks.map((_, i) => points[2 * i + offset]);
  const [x, y] = [scaled(axis(0), WIDTH), scaled(axis(1), HEIGHT)];
  marks.forEach((mark, i) => {
    mark.setAttribute("x", x[i].toFixed(1));
    mark.setAttribute("y", (HEIGHT - y[i]).toFixed(1));
  });
}

/** @param {number[]} values @param {number} size */
function scaled(values, size) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((v) => EDGE + ((v - low) / Math.max(high - low, 1e-12)) * (size - 2 * EDGE));
}

/** @param {Embeddings} given */
function tabled({ tokens, points, method }) {
  const rows = tokens.map((token, i) => [
    named(token) === "▸" ? "start and end" : named(token),
    ...[0, 1].map((axis) => points[2 * i + axis].toFixed(3)),
  ]);
  const caption = method === "pca" ? "Places by PCA" : "Places by t-SNE";
  return dataTable(caption, ["Token", "Across", "Upwards"], rows);
}
