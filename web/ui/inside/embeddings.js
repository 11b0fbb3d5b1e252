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
import { count } from "../../select/format.js";
import { lookedInto, unitOf } from "../../select/shown-run.js";
import { FEW, VOWELS, nameOf, pictureOf } from "../points.js";

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
  /** @type {((answer: Embeddings) => void)|null} */
  let place = null;
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

  return (state) => {
    const { embeddings } = state.inside;
    const { answer, problem, method } = embeddings;
    busy = embeddings.waiting && method === "tsne";
    const model = lookedInto(state);
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
    replaceIfChanged(picture, JSON.stringify([answer.tokens, answer.order]), () => {
      const [element, move] = pictureOf(answer, unitOf(model));
      place = move;
      return [element];
    });
    if (!still.matches || !busy) place?.(answer);
    if (embeddings.table && !busy)
      replaceIfChanged(table, `${embeddings.id} ${answer.step} ${answer.at}`, () => [
        tabled(answer),
      ]);
  };
}

/** @param {Embeddings} given @param {boolean} busy @param {ModelAtHand|null} model */
function about({ method, share, perplexity, step, steps, at, tokens, order }, busy, model) {
  const letters = order.length <= FEW && tokens.some((token) => VOWELS.has(token));
  const gone = tokens.length - order.length;
  const unit = unitOf(model);
  const more = letters
    ? " Vowels are bold."
    : `${order.length > FEW ? ` The most frequent ${unit}s have their names; point at a dot to read its own.` : ""}${gone ? ` ${count(gone)} ${unit}s that the data do not use are left out.` : ""}`;
  const of = at === model?.step ? "" : ` Drawn at step ${count(at)}.`;
  if (method === "pca") {
    const [across, up] = (share ?? []).map((part) => Math.round(100 * part));
    return `PCA shows the two directions in which they differ most: ${across}% of all difference lies across, ${up}% upwards.${more}${of}`;
  }
  const far = busy
    ? `step ${count(step)} of ${count(steps)}`
    : step < steps
      ? `stopped at step ${count(step)}`
      : `${count(steps)} steps`;
  return `t-SNE tries to keep each one’s ${perplexity} or so nearest neighbours beside it (${far}). Close ones are treated alike; large distances mean little.${more}${of}`;
}

/** @param {Embeddings} given */
function tabled({ tokens, points, method, order }) {
  const rows = order.map((id) => [
    nameOf(tokens[id]) === "▸" ? "start and end" : nameOf(tokens[id]),
    ...[0, 1].map((axis) => points[2 * id + axis].toFixed(3)),
  ]);
  const caption = method === "pca" ? "Places by PCA" : "Places by t-SNE";
  return dataTable(caption, ["Token", "Across", "Upwards"], rows);
}
